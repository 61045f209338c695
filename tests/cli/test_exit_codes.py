"""Exit codes: what went wrong is said in a sentence, and never with a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commands import FORMS, GOOD, MESSAGES, PLAIN, READING, kefu, process, write

from kefu.cli import COMMANDS

WRONG_USE = {
    "no data": (["run"], "Missing argument 'DATA'"),
    "an option that there is not": (["run", "{shop}", "--speed"], "No such option"),
    "a command that there is not": (["compute", "{shop}"], "No such command"),
    "a grouping that there is not": (["run", "{shop}", "--by", "customer"], "'customer' is not one of"),
    "a format that there is not": (["run", "{shop}", "--format", "xml"], "'xml' is not one of"),
    "a language that there is not": (["run", "{shop}", "--lang", "fr"], "'fr' is not one of"),
    "a date that there is not": (["run", "{shop}", "--from", "2025-13-01"], "'2025-13-01'"),
    "an end before its beginning": (["run", "{shop}", "--from", "2025-06-03", "--to", "2025-06-02"], "--to"),
    "no configuration there": (["run", "{shop}", "--config", "{shop}/kefu.toml"], "is no file"),
    "no folder of plugins there": (["run", "{shop}", "--plugins-dir", "{shop}/plugins"], "is no folder"),
    "a metric that there is not": (["explain", "agent_close_rate", "{shop}"], "did you mean agent_closed_rate?"),
    "a metric like no other": (["explain", "speed", "{shop}"], "kefu metrics lists them all"),
    "a condition without a value": (["explain", "csat", "{shop}", "--where", "queue"], "write COLUMN=VALUE"),
    "a condition on what there is not": (["explain", "csat", "{shop}", "--where", "mood=1"], "write COLUMN=VALUE"),
    "a group that a metric has not": (
        ["explain", "peak_concurrency", "{shop}", "--where", "queue=物流"],
        "no value by",
    ),
    "no line at all": (["explain", "csat", "{shop}", "--limit", "0"], "--limit"),
}


@pytest.mark.parametrize("name", WRONG_USE)
def test_wrong_use_is_said_in_a_sentence(name: str, shop: Path) -> None:
    arguments, why = WRONG_USE[name]
    done = kefu(*(argument.format(shop=shop) for argument in arguments))
    assert (done.code, done.out) == (2, "")
    assert why in " ".join(done.err.replace("│", " ").split())
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ("timezone =", "is not TOML"),
        ("timezone = 'Mars/Base'", "no time zone"),
        ("speed = 3", "setting 'speed'"),
        ("encoding = 'klingon'", "encoding 'klingon' is not known"),
        ("[paths]\nmails = 'm.csv'", "paths names the table 'mails'"),
        ("[thresholds]\nreturn_hours = -1", "must not be negative"),
    ],
)
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_wrong_configuration_is_said_in_a_sentence(
    command: list[str], settings: str, why: str, shop: Path, tmp_path: Path
) -> None:
    path = tmp_path / "kefu.toml"
    path.write_text(settings, encoding="utf-8")
    done = kefu(*command, shop, "--config", path)
    assert (done.code, done.out) == (2, "")
    assert why in done.err
    assert done.err.count("\n") == 1


UNUSABLE = {
    "no folder": {},
    "a folder without messages": {"sessions": "session_id,opened_at\ns1,2025-06-02\n"},
    "messages that are no text": {"messages": b"\x00\xff" * 500},
    "messages without a required column": {"messages": "session_id,role,text\ns1,customer,hello\n"},
    "messages of which none can be read": {"messages": MESSAGES + "s1,yesterday,customer,a\ns1,2025-06-02,boss,b\n"},
    "messages that stand there twice": {"messages": GOOD, "messages__1": GOOD},
}


@pytest.mark.parametrize("name", UNUSABLE)
@pytest.mark.parametrize("command", [["run"], ["explain", "reply_interval"]], ids=" ".join)
@pytest.mark.parametrize("form", FORMS)
def test_unusable_input_is_said_in_a_sentence(command: list[str], form: str, name: str, tmp_path: Path) -> None:
    data = write(tmp_path, **UNUSABLE[name]) if UNUSABLE[name] else tmp_path / "nothing"
    done = kefu(*command, data, "--format", form)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("kefu: ")
    assert done.err.count("\n") == 1


def test_a_check_lists_rows_of_which_none_can_be_read(tmp_path: Path) -> None:
    data = write(tmp_path, **UNUSABLE["messages of which none can be read"])
    done = kefu("check", data, "--format", "json")
    assert done.code == 0
    assert [row["row"] for row in done.document["rejected"]] == [1, 2]


def test_no_messages_yet_is_no_failure(tmp_path: Path) -> None:
    done = kefu("run", write(tmp_path, messages=MESSAGES), "--format", "json")
    assert done.code == 0
    assert done.document["period"] == {"from": None, "to": None, "timezone": "Asia/Shanghai"}
    assert {metric["value"] for metric in done.document["metrics"]} == {None}


def test_a_rejected_row_is_no_failure_and_is_counted(tmp_path: Path) -> None:
    done = kefu("run", write(tmp_path, messages=GOOD + "s1,2025-06-02 10:01:00,boss,x\n"), "--format", "json")
    assert done.code == 0
    assert done.document["input"]["messages"] == {"rows": 3, "loaded": 2, "rejected": 1, "duplicates": 0}


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_cannot_be_read_is_a_failure_and_the_rest_counts(form: str, tmp_path: Path) -> None:
    data = write(tmp_path, messages__1=GOOD, messages__2=b"\x00\xff" * 500)
    for command in (["run"], ["check"]):
        done = kefu(*command, data, "--format", form)
        assert done.code == 1
        assert "messages/2.csv" in done.out + done.err
    assert kefu("run", data, "--format", "json").document["failures"][0]["file"] == "messages/2.csv"


@pytest.mark.parametrize("command", READING, ids=" ".join)
@pytest.mark.parametrize("form", FORMS)
def test_what_works_exits_with_0_and_says_nothing_on_stderr(command: list[str], form: str, shop: Path) -> None:
    done = kefu(*command, shop, "--format", form)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("\n")


@pytest.mark.parametrize("command", ["metrics", "plugins"])
@pytest.mark.parametrize("form", FORMS)
def test_what_there_is_can_be_listed_without_data(command: str, form: str) -> None:
    done = kefu(command, "--format", form)
    assert (done.code, done.err) == (0, "")
    assert "agent_closed" in done.out


def test_help_and_version_are_there() -> None:
    assert "kefu, version " in process("--version").out
    told = process("--help").out
    assert all(command in told for command in COMMANDS)
    for command in COMMANDS:
        done = process(command, "--help")
        assert (done.code, done.err) == (0, "")
        assert any(word in done.out for word in ("--format", "Commands", "--port", "--out"))


def test_help_and_completion_import_nothing_heavy() -> None:
    timed = ("-X", "importtime", "-c", "import sys; sys.argv[0] = 'kefu'; from kefu.cli import main; main()")
    light = [
        process("--help", start=timed),
        process("--version", start=timed),
        process(start=timed, env={"_KEFU_COMPLETE": "bash_complete", "COMP_WORDS": "kefu ru", "COMP_CWORD": "1"}),
    ]
    assert light[2].out == "plain,run\n"
    for done in light:
        assert done.code == 0
        imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.err.splitlines()}
        assert "click" in imported
        assert not imported & {"polars", "sklearn", "jieba", "pydantic", "numpy", "opencc", "pydantic_settings"}


def test_a_reader_who_has_seen_enough_is_no_error(shop: Path) -> None:
    arguments = [sys.executable, "-m", "kefu", "run", shop, "--by", "agent_id", "--by", "date", "--format", "json"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=PLAIN) as reading:
        reading.stdout.close()
        told = reading.stderr.read().decode()
    assert "Traceback" not in told
