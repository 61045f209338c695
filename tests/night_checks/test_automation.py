"""What the guides to automation and to the store tell people to write works."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "automation.md").read_text(encoding="utf-8")
STORE = (ROOT / "docs" / "store.md").read_text(encoding="utf-8")
HOME = "/srv/kefu"
FIELD = re.compile(r"(\*|\d+(-\d+)?)(/\d+)?(,\d+(-\d+)?)*")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder as the guide has it: transcripts, and an environment with kefu."""
    folder = tmp_path / "home"
    (folder / ".venv" / "bin").mkdir(parents=True)
    program = folder / ".venv" / "bin" / "kefu"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m kefu "$@"\n')
    program.chmod(0o755)
    (folder / "transcripts").mkdir()
    lines = "session_id,sent_at,role,text\ns1,2025-06-07 10:00:00,customer,在吗\ns1,2025-06-07 10:00:09,agent,在\n"
    (folder / "transcripts" / "messages.csv").write_text(lines, encoding="utf-8")
    return folder


def sh(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a scheduler does: with next to no environment."""
    env = {"PATH": f"{home / '.venv' / 'bin'}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8"}
    return subprocess.run(
        ["/bin/sh", "-c", command.replace(HOME, str(home))],
        cwd=home, env=env, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def assert_ran(done: subprocess.CompletedProcess[str], home: Path) -> None:
    """The night of yesterday was computed; the transcripts are years old, so a check says error."""
    assert done.returncode == 4, done.stderr
    assert '"freshness"' in (home / "last.json").read_text(encoding="utf-8")
    assert (home / "kefu.db").exists()


def test_the_cron_line_is_one_and_runs(home: Path) -> None:
    (line,) = blocks(GUIDE, "cron")[0].strip().splitlines()
    *times, command = line.split(" ", 5)
    assert len(times) == 5
    assert all(FIELD.fullmatch(time) for time in times)
    assert not re.search(r"(?<!\\)%", command)  # cron would end the command there
    assert_ran(sh(command.replace(r"\%", "%"), home), home)
    assert '"event": "finished"' in (home / "kefu.log").read_text()


def test_the_systemd_service_runs(home: Path) -> None:
    service = blocks(GUIDE, "ini")[0]
    command = re.search(r"^ExecStart=/bin/sh -c '(.*)'$", service, re.MULTILINE)
    assert command
    assert not re.search(r"(?<!%)%(?!%)", command[1])  # systemd would expand it
    assert_ran(sh(command[1].replace("%%", "%"), home), home)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_takes_the_service_and_the_timer(tmp_path: Path) -> None:
    for name, text in zip(("kefu.service", "kefu.timer"), blocks(GUIDE, "ini"), strict=True):
        (tmp_path / name).write_text(text.replace("User=kefu\n", "User=root\n"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / "kefu.service", tmp_path / "kefu.timer"],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "kefu" in line]
    assert said == []
    calendar = re.search(r"OnCalendar=(.*)", GUIDE)
    assert calendar
    checked = ["systemd-analyze", "calendar", calendar[1]]
    assert subprocess.run(checked, capture_output=True, check=False).returncode == 0


def test_the_airflow_dag_is_python_and_its_command_runs(home: Path) -> None:
    tree = ast.parse(blocks(GUIDE, "python")[0])
    calls: dict[str, dict[str, Any]] = {
        node.func.id: {word.arg: word.value for word in node.keywords if word.arg}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert ast.literal_eval(calls["DAG"]["max_active_runs"]) == 1
    command = ast.literal_eval(calls["BashOperator"]["bash_command"])
    told, count = re.subn(r"\{\{.*?\}\}", "2025-06-30", command)
    assert count == 1
    assert ast.literal_eval(calls["BashOperator"]["cwd"]) == HOME
    assert_ran(sh(told, home), home)


def test_every_command_of_the_guides_runs(home: Path) -> None:
    (home / "backups").mkdir()
    commands = [
        line
        for text in (STORE, GUIDE)
        for block in blocks(text, "sh")
        for line in block.strip().splitlines()
        if line.startswith("kefu ") and "postgresql://" not in line
    ]
    assert {" ".join(line.split()[1:3]) for line in commands} >= {
        "run transcripts", "doctor --store", "store backup", "store purge", "store forget", "store upgrade"
    }  # fmt: skip
    assert sh(commands[0].replace("2025-06-08", "2025-06-07"), home).returncode == 0
    for line in commands[1:]:
        done = sh(f"yes | {line}", home)
        assert done.returncode == 0, (line, done.stdout, done.stderr)


def test_the_store_guide_names_every_table_and_stays_short() -> None:
    from kefu.store import schema

    assert set(re.findall(r"^\| `(\w+)` \|", STORE, re.MULTILINE)) == set(schema.metadata.tables)
    assert len(STORE.splitlines()) <= 120


def test_every_setting_of_checks_and_every_field_of_a_report_is_documented() -> None:
    from dataclasses import fields

    from kefu.config import Checks, Notify, RejectedLimits
    from kefu.context import Report

    settings = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for name in Checks.model_fields.keys() - {"off"}:
        assert f"| `[checks.{name}]` |" in settings
    for name in [*Notify.model_fields, *RejectedLimits.model_fields, "off"]:
        assert re.search(rf"`{name}\b", settings), name
    plugins = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    rows = {
        name for names in re.findall(r"^\| (`.+?`) \|", plugins, re.MULTILINE) for name in re.findall(r"\w+", names)
    }
    assert {field.name for field in fields(Report)} | {"level"} <= rows


def test_the_example_of_limits_can_be_read(tmp_path: Path) -> None:
    from kefu.config import load_settings

    text = re.search(r"~~~toml\n(.*?)~~~", (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8"), re.DOTALL)
    assert text
    (tmp_path / "kefu.toml").write_text(text[1])
    checks = load_settings(tmp_path / "kefu.toml").checks
    assert (checks.off, checks.volume.warn_below, checks.coverage.warn_below) == (("freshness",), 0.6, 0.5)
    assert checks.metrics["reply_interval"].error_above == 120
