"""``kefu serve`` as people start it: what it refuses, what it says, what it logs."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from serving import free_port

from conftest import EDITOR
from kefu.web.server import Place, with_log

PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}


def refused(*arguments: str) -> str:
    command = [sys.executable, "-m", "kefu", "serve", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, env=PLAIN, timeout=60)
    assert done.returncode in (2, 5)
    return done.stderr.decode()


def test_it_serves_until_it_is_told_to_stop(week: Path, tmp_path: Path) -> None:
    port, path = free_port(), tmp_path / "tokens"
    path.write_text(f"李雷 editor {EDITOR}\n", encoding="utf-8")
    path.chmod(0o600)
    told = ["--store", str(week), "--port", str(port), "--token-file", str(path)]
    process = subprocess.Popen([sys.executable, "-m", "kefu", "serve", *told], stderr=subprocess.PIPE, env=PLAIN)
    assert process.stderr is not None
    try:
        assert process.stderr.readline().decode().strip() == f"kefu: http://127.0.0.1:{port}"
        wait_for(port)
        headers = {"authorization": f"Bearer {EDITOR}", "user-agent": "\x1b[2J"}
        assert httpx.get(f"http://127.0.0.1:{port}/queue", headers=headers).status_code == 200
        answer = httpx.get(f"http://127.0.0.1:{port}/queue?token={EDITOR}")
        assert (answer.status_code, answer.headers.get("server")) == (303, None)
    finally:
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)[1].decode()
    assert EDITOR not in said
    assert "Traceback" not in said


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            httpx.get(f"http://127.0.0.1:{port}/login")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("it does not answer")


def test_what_it_refuses_to_serve(week: Path, tmp_path: Path) -> None:
    assert "--token-file" in refused("--store", str(week), "--host", "0.0.0.0")  # noqa: S104 - refused
    assert "there is no store" in refused("--store", str(tmp_path / "nowhere.db"))
    assert "go together" in refused("--store", str(week), "--certificate", str(week))
    assert "cannot be read" in refused("--store", str(week), "--token-file", str(tmp_path / "none"))


def test_the_names_that_it_answers_to() -> None:
    assert Place(port=80).hosts([]) == {"127.0.0.1", "localhost", "[::1]"}
    own = Place("192.0.2.1", 8321).hosts(["Kefu.example", "b.example:9"])
    assert {"192.0.2.1:8321", "kefu.example", "kefu.example:8321", "b.example:9", "[::1]:8321"} <= own
    assert "192.0.2.1" not in own


def test_the_log_obeys_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with_log()
    logging.getLogger("kefu.web").error("a\x1b[2Jb\rc\u202ed")
    said = capsys.readouterr().err
    assert "a␛[2Jbc⟨U+202E⟩d" in said
    for name in ("kefu.web", "uvicorn"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
