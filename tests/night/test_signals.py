"""A night that is asked to end does so at once, and leaves the store as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import weeks

from few_sessions import write_few_sessions
from kefu.store import open_store
from kefu.store.days import content_digest
from kefu.store.opening import Store
from kefu.store.runs import RunRow, latest_run

CHILDREN = Path(__file__).with_name("children.py")
PLUGIN = """
import time

from kefu.plugin import hookimpl


@hookimpl
def kefu_columns():
    print("here", flush=True)
    time.sleep(60)
    return []
"""
WITHIN = 10


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write_few_sessions(folder)
    return folder


def ended(arguments: Sequence[str], step: str, sent: signal.Signals) -> subprocess.CompletedProcess[str]:
    """Start ``kefu``, wait until it is at a step, send a signal and wait for the end."""
    command = [sys.executable, str(CHILDREN), "command", step, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=plain()) as process:
        assert process.stderr is not None
        assert "here\n" in iter(process.stderr.readline, "")
        process.send_signal(sent)
        start = time.monotonic()
        out, err = process.communicate(timeout=60)
        assert time.monotonic() - start < WITHIN
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}


def last_run(store: Store) -> RunRow:
    with store.reading() as connection:
        found = latest_run(connection, None)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sent", "code", "step"),
    [(signal.SIGINT, 130, "compute"), (signal.SIGTERM, 143, "frame"), (signal.SIGHUP, 129, "before the write")],
)
def test_a_signal_ends_a_night_and_the_next_one_completes_it(
    store_url: str, data: Path, sent: signal.Signals, code: int, step: str
) -> None:
    with open_store(store_url) as store:
        nothing = content_digest(store)
        done = ended(["run", str(data), "--store", store_url], step, sent)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        assert content_digest(store) == nothing
        assert last_run(store).outcome == "interrupted"
        with store.lock(0):
            assert len(weeks.run_night(store, data).written) == 2
        assert last_run(store).outcome == "done"


def test_a_plugin_at_work_does_not_hold_off_a_signal(sqlite_url: str, data: Path, tmp_path: Path) -> None:
    """Else the plugin would be taken for a broken one, and the dates be written without its metrics."""
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "slow.py").write_text(PLUGIN, encoding="utf-8")
    arguments = ["run", str(data), "--store", sqlite_url, "--plugins-dir", str(plugins)]
    assert ended(arguments, "", signal.SIGTERM).returncode == 143
    with open_store(sqlite_url) as store:
        assert last_run(store).outcome == "interrupted"
