"""Customer text is text wherever it stands: no markup, no escape code, no formula, no path, no pattern."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import Done, in_terminal, kefu

HOSTILE = {
    "markup": "[/red] [bold]x[/] [link=https://a]b[/link]",
    "escape": "\x1b[2J\x1b]52;c;aGk=\x07\x1b(0",
    "c1": "a\x9b31m\x90q\x9c",
    "bidi": "\u202egnp.exe\u2066x\u2069\u061c",
    "lines": "a\nb\r\nc\u2028d\x85e\x0bf",
    "nul": "\x00 \x7f",
    "unseen": "\ufeff\u200bz\u2060",
    "sum": "=1+2",
    "plus": "+1",
    "minus": "-1",
    "at": "@SUM(A1)",
    "tab": "\t=1",
    "return": "\r=1",
    "wide": "\uff1d1\uff0b2",
    "quotes": "\"quoted\",comma;'x'",
    "page": "<script>alert(1)</script> {text} {0} %s $HOME `id`",
    "path": "../../etc/passwd",
    "face": "\U0001f468\u200d\U0001f469 \u0301\u0302 𠮷",
}
"""One of each kind; every text column of every table holds each of them."""
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys, but for the end of a line."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
GROUPS = ("channel", "queue", "scene", "agent_id", "team")
EXPLAINED = (
    *("script_usage_rate", "hotspot_adoption_rate", "hotspot_repair_rate", "opinion_alert_timeliness"),
    *("sensitive_word_rate", "reply_interval", "robot_interception_rate", "peak_concurrency"),
)


def rows(table: str) -> Iterator[dict[str, Any]]:
    """Return rows of a table, one for each hostile text; two for messages."""
    for minute, text in enumerate(HOSTILE.values()):
        at = f"2025-06-02 10:{minute:02}"
        session = {"session_id": f"{text}s"}
        match table:
            case "messages":
                asked = {
                    "sent_at": f"{at}:00",
                    "role": "customer",
                    "text": f"{text}我要曝光你们",
                    "message_id": f"{text}1",
                }
                yield {**session, **asked}
                told = {"sent_at": f"{at}:09", "role": "agent", "text": f"{text}滚蛋", "sender_id": text}
                yield {**session, **told, "message_id": f"{text}2", "script_id": text}
            case "sessions":
                names = ("conversation_id", "customer_id", "channel", "queue", "scene", "topic")
                yield {**session, **dict.fromkeys(names, text), "closed_by": "agent"}
            case "agents":
                yield {"agent_id": text, "name": text, "team": text, "level": "new"}
            case "scripts":
                yield {"script_id": text, "text": f"{text}{{name}}", "category": text}
            case "hotspots":
                yield {"hotspot_id": text, "title": text, "answer": text, "flagged_at": "2025-06-01"}
            case "recommendations":
                yield {**session, "hotspot_id": text, "shown_at": f"{at}:30", "clicked": True, "outcome": "adopted"}
            case "alerts":
                yield {**session, "raised_at": f"{at}:40", "alert_id": text}


TABLES = ("messages", "sessions", "agents", "scripts", "hotspots", "recommendations", "alerts")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for table in TABLES:
        lines = [json.dumps(row, ensure_ascii=False) for row in rows(table)]
        (folder / f"{table}.ndjson").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def rejected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which every hostile text is a reason to reject a row, but for one good row."""
    folder = tmp_path_factory.mktemp("rejected")
    told = [{**row, "role": row["text"]} for row in rows("messages")]
    told += [{**row, "sent_at": row["text"]} for row in rows("messages")]
    lines = [json.dumps(row, ensure_ascii=False) for row in (*told, next(rows("messages")))]
    (folder / "messages.ndjson").write_text("\n".join(lines), encoding="utf-8")
    return folder


def cells(done: Done) -> list[list[str]]:
    return [*csv.reader(io.StringIO(done.out))]


def is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", text))


def check_csv(done: Done) -> None:
    assert done.code in (0, 1)
    for line in cells(done):
        for cell in line:
            assert not OBEYED.search(cell), cell
            assert not cell.startswith(FORMULA) or is_number(cell), cell


@pytest.mark.parametrize("group", GROUPS)
def test_groups_are_text(group: str, data: Path) -> None:
    wanted = {*HOSTILE.values()}
    done = kefu("run", data, "--by", group, "--format", "json")
    assert (done.code, done.err) == (0, "")
    assert {entry["by"][group] for entry in done.document["groups"]} - {"unknown"} == wanted
    assert not OBEYED.search(done.out)
    check_csv(kefu("run", data, "--by", group, "--format", "csv"))
    table = kefu("run", data, "--by", group)
    assert table.code == 0
    assert not OBEYED.search(table.out)
    assert HOSTILE["markup"] in table.out
    assert "␛[2J␛]52;c;aGk=␇" in table.out


@pytest.mark.parametrize("metric", EXPLAINED)
def test_evidence_is_text(metric: str, data: Path) -> None:
    done = kefu("explain", metric, data, "--format", "json")
    assert (done.code, done.err) == (0, "")
    assert len(done.document["rows"]) == len(HOSTILE)
    assert not OBEYED.search(done.out)
    check_csv(kefu("explain", metric, data, "--format", "csv"))
    table = kefu("explain", metric, data)
    assert table.code == 0
    assert not OBEYED.search(table.out)
    assert "[/red] [bold]x[/]" in table.out


def test_a_program_gets_every_text_as_it_is(data: Path) -> None:
    document = kefu("explain", "reply_interval", data, "--format", "json").document
    texts = {found["text"] for row in document["rows"] for found in row["evidence"]}
    assert texts == {f"{text}滚蛋" for text in HOSTILE.values()}
    assert {row["session_id"] for row in document["rows"]} == {f"{text}s" for text in HOSTILE.values()}


@pytest.mark.parametrize("name", HOSTILE)
def test_one_group_can_be_looked_at(name: str, data: Path) -> None:
    document = kefu("explain", "reply_interval", data, "--where", f"queue={HOSTILE[name]}", "--format", "json").document
    assert [row["session_id"] for row in document["rows"]] == [f"{HOSTILE[name]}s"]


def test_rejected_rows_are_text(rejected: Path) -> None:
    done = kefu("check", rejected, "--format", "json")
    assert done.code == 0
    assert len(done.document["rejected"]) == 4 * len(HOSTILE)
    assert not OBEYED.search(done.out)
    check_csv(kefu("check", rejected, "--format", "csv"))
    table = kefu("check", rejected)
    assert not OBEYED.search(table.out)
    assert "[/red] [bold]x[/]" in table.out


@pytest.mark.parametrize("command", [["run", "--by", "queue"], ["explain", "reply_interval"], ["check"]], ids=" ".join)
def test_a_terminal_obeys_none_of_it(command: list[str], data: Path, rejected: Path) -> None:
    told = in_terminal(*command, rejected if command == ["check"] else data, NO_COLOR="1")
    styled = re.sub("\x1b\\[[0-9;]*m", "", told.replace("\r\n", "\n"))  # bold and dim are ours
    assert "[/red]" in styled
    assert not OBEYED.search(styled)


def test_names_of_files_and_folders_are_text(tmp_path: Path) -> None:
    text = HOSTILE["escape"] + HOSTILE["markup"].replace("/", "") + HOSTILE["bidi"]
    folder = tmp_path / text
    folder.mkdir()
    nothing = kefu("run", folder)
    assert nothing.code == 3
    assert not OBEYED.search(nothing.err)
    (folder / "messages").mkdir()
    (folder / "messages" / "1.csv").write_text("session_id,sent_at,role\ns,2025-06-02,agent\n", encoding="utf-8")
    (folder / "messages" / f"{text}.csv").write_bytes(b"\x00\xff" * 500)
    for form in ("table", "json", "csv"):
        for command in (["run", folder], ["check", folder], ["explain", "reply_interval", folder]):
            done = kefu(*command, "--format", form)
            assert done.code == 1
            assert not OBEYED.search(done.out + done.err)


def test_what_a_plugin_is_called_and_says_is_text(data: Path, tmp_path: Path) -> None:
    bad = f"__version__ = {HOSTILE['escape']!r}\nraise ValueError({' '.join(HOSTILE.values())!r})\n"
    (tmp_path / "[bold]bad[].py").write_text(bad, encoding="utf-8")
    for form in ("table", "json", "csv"):
        for command in (["run", data], ["plugins"], ["metrics"], ["explain", "reply_interval", data]):
            done = kefu(*command, "--plugins-dir", tmp_path, "--format", form)
            assert done.code == 1
            assert not OBEYED.search(done.out + done.err)
            if form == "csv":
                check_csv(done)


def test_a_wrong_argument_is_text(data: Path) -> None:
    for arguments in (["explain", HOSTILE["escape"], data], ["run", data, "--by", HOSTILE["escape"]]):
        done = kefu(*arguments)
        assert done.code == 2
        assert not OBEYED.search(done.out + done.err)


def test_no_text_is_a_path(data: Path, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    shutil.copytree(data, inside)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    for command in (["run", inside, "--by", "queue"], ["explain", "reply_interval", inside], ["check", inside]):
        assert kefu(*command).code == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
