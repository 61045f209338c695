"""A night on a full disk, in a folder that cannot be written, and over files that cannot be read."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import weeks

from kefu.store import open_store
from kefu.store.days import content_digest, current_days

DROP_FROM_BOUNDING_SET = 24
OVERRIDING = (1, 2)
"""What Linux calls dropping a capability, and those that make root write and read everywhere."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return weeks.write(tmp_path / "data", weeks.week())


def kefu(data: Path, store: Path, before: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kefu", "run", str(data), "--store", str(store)]
    env = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, preexec_fn=before, env=env)


def some_nights(store: Path, data: Path) -> str:
    """Write what there was some days before."""
    weeks.write(data, weeks.until("2025-06-04"))
    with open_store(store) as opened:
        weeks.run_night(opened, data)
        said = content_digest(opened)
    weeks.write(data, weeks.week())
    return said


def said_by(store: Path) -> str:
    with open_store(store) as opened:
        return content_digest(opened)


def test_a_full_disk_leaves_the_old_state_and_the_next_night_completes_it(data: Path, tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    old = some_nights(store, data)
    room = store.stat().st_size + 16_384
    done = kefu(data, store, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    assert f"kefu: the store {store}: " in done.stderr
    assert said_by(store) == old
    assert kefu(data, store, lambda: None).returncode == 0
    assert said_by(store) != old


def give_up_overriding() -> None:
    """Let the permissions of files hold for root too, from the next program on."""
    for capability in OVERRIDING:
        ctypes.CDLL(None).prctl(DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)


def permissions_hold(folder: Path) -> bool:
    check = [sys.executable, "-c", f"open({str(folder / 'x')!r}, 'w')"]
    return bool(subprocess.run(check, check=False, capture_output=True, preexec_fn=give_up_overriding).returncode)


def test_a_folder_that_cannot_be_written_leaves_the_old_state(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shut"
    folder.mkdir()
    old = some_nights(folder / "store.db", data)
    folder.chmod(0o555)
    try:
        if not permissions_hold(folder):
            pytest.skip("needs permissions that hold: this user may write everywhere")
        done = kefu(data, folder / "store.db", give_up_overriding)
    finally:
        folder.chmod(0o755)
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    assert "writable" in done.stderr
    assert said_by(folder / "store.db") == old


def test_a_file_that_cannot_be_read_any_more_does_not_take_its_rows_away(tmp_path: Path) -> None:
    tables = weeks.week()
    half = len(tables["messages"]) // 2
    data = weeks.write(tmp_path / "data", {name: rows for name, rows in tables.items() if name != "messages"})
    weeks.write_file(data / "messages" / "1.csv", tables["messages"][:half])
    weeks.write_file(data / "messages" / "2.csv", tables["messages"][half:])
    with open_store(tmp_path / "store.db") as store:
        weeks.run_night(store, data)
        old = content_digest(store, files=False)
        (data / "messages" / "2.csv").write_text("nothing,that,is,known\n1,2,3,4\n", encoding="utf-8")
        for _ in range(2):
            night = weeks.run_night(store, data)
            assert night.run_id is None or night.kept
            assert content_digest(store, files=False) == old
        with store.reading() as connection:
            assert {row.revision for row in current_days(connection)} == {1}
