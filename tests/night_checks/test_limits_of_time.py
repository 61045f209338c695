"""Who does not answer holds no run up: a webhook or a plugin that hangs is left alone, and that is said."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from commands import GOOD, Done, process, write

HANGING = """
import time
from kefu.plugin import hookimpl

@hookimpl
def kefu_notify(report):
    {deed}
"""
TOLD = "from kefu.plugin import hookimpl\n\n@hookimpl\ndef kefu_notify(report):\n    print('told', report.level)\n"
SECONDS = 0.5
MOST_SECONDS = 30
"""A run takes a few; what hangs would take minutes."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "data", messages=GOOD)


def run(data: Path, *arguments: str | Path, **env: str) -> Done:
    """Run a night in a process of its own, since what hangs ends with it."""
    start = time.monotonic()
    place = str(data.parent / "kefu.db")
    limit = {"KEFU_STORE": place, "KEFU_NOTIFY__SECONDS": str(SECONDS), "KEFU_NOTIFY__ON": "always"}
    done = process("run", str(data), "--lang", "en", *map(str, arguments), env=limit | env)
    assert time.monotonic() - start < MOST_SECONDS
    return done


@pytest.mark.parametrize("deed", ["time.sleep(600)", "while True: pass", "import threading; threading.Event().wait()"])
def test_a_plugin_that_hangs_is_left_alone_and_the_next_is_told(deed: str, data: Path, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "a_hanging.py").write_text(HANGING.format(deed=deed))
    (tmp_path / "plugins" / "b_told.py").write_text(TOLD)
    done = run(data, "--plugins-dir", tmp_path / "plugins", "--format", "csv", "--log-format", "json")
    assert done.code == 0
    assert "kefu: plugin a_hanging: TimeoutError: not done after 0.5 seconds, and left alone" in done.err
    assert "told ok" in done.err
    assert '"event": "finished"' in done.err.splitlines()[-1]
    assert done.out.startswith("name,value,unit,coverage,measures\n")
    assert "told" not in done.out


@pytest.fixture(params=["says nothing", "drips"])
def slow_hook(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a webhook that takes a connection and does not come to an end."""
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n" if request.param == "drips" else b"")
                while not over.wait(0.1):
                    connection.sendall(b"X-Drop: 1\r\n" if request.param == "drips" else b"")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve)
        serving.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/path"
        over.set()
        serving.join()


def test_a_webhook_that_does_not_come_to_an_end_is_left_alone(slow_hook: str, data: Path) -> None:
    done = run(data, KEFU_NOTIFY__WEBHOOK=slow_hook)
    assert done.code == 0
    assert "kefu: webhook: 127.0.0.1 did not answer within 0.5 seconds" in done.err


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon", "99999"])
def test_a_limit_has_to_be_a_time(seconds: str, data: Path) -> None:
    done = run(data, KEFU_NOTIFY__SECONDS=seconds)
    assert done.code == 2
    assert "setting 'notify.seconds'" in done.err


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_is_printed_stays_on_stdout_however_it_is_buffered(form: str, data: Path) -> None:
    """Who tells somebody has stdout turned to stderr; what was printed before must not go there with it."""
    done = run(data, "--format", form, PYTHONUNBUFFERED="")
    assert done.code == 0
    assert "reply_interval" in done.out
    assert "reply_interval" not in done.err
    assert done.out.endswith({"csv": "\n", "json": "}\n"}[form])
