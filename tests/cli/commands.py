"""Run ``kefu`` as people do: in this process where that is enough, else in one of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from kefu.cli import main

PLAIN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith("KEFU_") and name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "POLARS_MAX_THREADS")
}
PLAIN["KEFU_STORE"] = "none"
"""The environment without what changes the output, or leaves a store behind."""
FORMS = ("table", "json", "csv")
READING = [["run"], ["explain", "reply_interval"], ["check"]]
"""The commands that read data."""
MESSAGES = "session_id,sent_at,role,text\n"
GOOD = MESSAGES + "s1,2025-06-02 10:00:00,customer,在吗\ns1,2025-06-02 10:00:09,agent,在\n"


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The whole of stdout as JSON."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def kefu(*arguments: str | Path, env: Mapping[str, str] | None = None) -> Done:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["kefu", *map(str, arguments)]
    with (
        patch.object(sys, "argv", argv),
        patch.dict(os.environ, {**PLAIN, **(env or {})}, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as left:
            code = left.code
        else:
            code = 0
    return Done(code if isinstance(code, int) else 1, out.getvalue(), err.getvalue())


def process(
    *arguments: str | Path, env: Mapping[str, str] | None = None, start: tuple[str, ...] = ("-m", "kefu")
) -> Done:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, *start, *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**PLAIN, "PYTHONIOENCODING": "utf-8", **(env or {})},
    )
    return Done(done.returncode, done.stdout, done.stderr)


def in_terminal(*arguments: str | Path, **env: str) -> str:
    """Return what a command prints where stdout is a terminal."""
    pty = pytest.importorskip("pty")
    main, side = pty.openpty()
    told = {**PLAIN, "TERM": "xterm-256color", "COLUMNS": "160", **env}
    command = [sys.executable, "-m", "kefu", *arguments]
    with subprocess.Popen(command, stdout=side, stderr=subprocess.DEVNULL, env=told) as running:
        os.close(side)
        found = bytearray()
        while True:
            try:
                piece = os.read(main, 65536)
            except OSError:  # on Linux the end of a terminal is an error
                break
            if not piece:
                break
            found += piece
        running.wait()
    os.close(main)
    return found.decode()


def write(folder: Path, **files: str | bytes) -> Path:
    """Write CSV files, two underscores for a folder, and return where they are."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
