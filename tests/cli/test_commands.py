"""The commands: exit codes, formats, and nothing on stdout but what was asked for."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from commands import PLAIN, kefu, process

from few_sessions import write_few_sessions
from kefu.cli import COMMANDS
from kefu.context import Context
from kefu.host import Host
from kefu.metric import Metric

ROOT = Path(__file__).parents[2]
FORMS = ("table", "json", "csv")
GROUPS = ("date", "week", "month", "channel", "queue", "scene", "agent_id", "team")
MESSAGES = "session_id,sent_at,role,text\n"
GOOD = MESSAGES + "s1,2025-06-02 10:00:00,customer,在吗\ns1,2025-06-02 10:00:09,agent,在\n"


def offered() -> list[Metric]:
    host = Host(outsiders=False)
    host.offer_metrics(lambda _: Context())
    return host.metrics


METRICS = {metric.name: metric for metric in offered()}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_few_sessions(folder)
    return folder


@pytest.fixture(scope="module")
def whole(shop: Path) -> dict:
    return kefu("run", shop, "--format", "json").document


def write(folder: Path, **files: str | bytes) -> Path:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


# Exit codes

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
@pytest.mark.parametrize("command", [["run"], ["explain", "reply_interval"], ["check"]], ids=lambda words: words[0])
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
@pytest.mark.parametrize("command", [["run"], ["explain", "reply_interval"]], ids=lambda words: words[0])
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


@pytest.mark.parametrize("command", [["run"], ["explain", "reply_interval"], ["check"]], ids=lambda words: words[0])
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
    assert all(metric in done.out.replace("\n", "") for metric in METRICS) or form == "table"


def test_help_and_version_are_there() -> None:
    assert "kefu, version " in process("--version").out
    told = process("--help").out
    assert all(command in told for command in COMMANDS)
    for command in COMMANDS:
        done = process(command, "--help")
        assert (done.code, done.err) == (0, "")
        assert "--format" in done.out


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


# Formats


def test_the_json_of_a_run_is_that_of_the_contract(shop: Path) -> None:
    document = kefu("run", shop, "--by", "agent_id", "--format", "json").document
    assert {*document} == {"schema", "period", "input", "metrics", "groups", "failures"}
    assert document["schema"] == "kefu/1"
    assert document["period"] == {"from": "2025-06-02", "to": "2025-06-05", "timezone": "Asia/Shanghai"}
    tables = {path.stem for path in shop.iterdir()}
    assert {*document["input"]} == tables
    for counts in document["input"].values():
        assert {*counts} == {"rows", "loaded", "rejected", "duplicates"}
        assert counts["rows"] == counts["loaded"] + counts["rejected"] + counts["duplicates"]
    assert {metric["name"] for metric in document["metrics"]} == METRICS.keys()
    keys = {"name", "title", "value", "unit", "better", "coverage", "measures", "plugin"}
    for metric in document["metrics"]:
        assert {*metric} == keys
        assert {*metric["title"]} == {"zh", "en"}
        assert {*metric["measures"]} == set(METRICS[metric["name"]].value.names)
    for group in document["groups"]:
        assert {*group} == {"by", "metrics"}
        assert {*group["by"]} == {"agent_id"}
        assert [metric["name"] for metric in group["metrics"]] == [metric["name"] for metric in document["metrics"]]
        assert all({*metric} == {"name", "value", "coverage", "measures"} for metric in group["metrics"])


def test_without_a_grouping_there_are_no_groups(whole: dict) -> None:
    assert "groups" not in whole


def test_the_csv_of_a_run_says_what_its_json_says(shop: Path) -> None:
    told = [*csv.DictReader(io.StringIO(kefu("run", shop, "--by", "queue", "--format", "csv").out))]
    groups = kefu("run", shop, "--by", "queue", "--format", "json").document["groups"]
    wanted = [(group["by"]["queue"], metric) for group in groups for metric in group["metrics"]]
    assert [(line["queue"], line["name"]) for line in told] == [(queue, metric["name"]) for queue, metric in wanted]
    for line, (_, metric) in zip(told, wanted, strict=True):
        assert line["value"] == ("" if metric["value"] is None else str(metric["value"]))
        assert line["unit"] == METRICS[metric["name"]].unit
        assert line["measures"] == " ".join(f"{name}={count}" for name, count in metric["measures"].items())


def test_the_table_of_a_run_shows_every_metric(shop: Path) -> None:
    told = kefu("run", shop).out
    for metric in METRICS.values():
        assert metric.title.zh in told
        assert metric.title.en in told


@pytest.mark.parametrize("by", [("queue", "date"), ("agent_id", "week"), ("channel", "scene", "month"), ("team",)])
def test_groupings_cross(by: tuple[str, ...], shop: Path) -> None:
    options = [word for name in by for word in ("--by", name)]
    groups = kefu("run", shop, *options, "--format", "json").document["groups"]
    keys = [tuple(group["by"].items()) for group in groups]
    assert [tuple(name for name, _ in key) for key in keys] == [by] * len(keys)
    assert len(set(keys)) == len(keys) > 1 or by == ("channel", "scene", "month")
    assert kefu("run", shop, *options, *options, "--format", "json").document["groups"] == groups
    told = kefu("run", shop, *options).out
    assert all(value in told for key in keys for _, value in key)


def test_weeks_and_months_are_written_by_the_standard(shop: Path) -> None:
    for name, values in (
        ("week", ["2025-W23"]),
        ("month", ["2025-06"]),
        ("date", [f"2025-06-0{day}" for day in (2, 3, 4, 5)]),
    ):
        groups = kefu("run", shop, "--by", name, "--format", "json").document["groups"]
        assert [group["by"][name] for group in groups] == values


@pytest.mark.parametrize("day", ["2025-06-02", "2025-06-05"])
def test_a_period_of_a_day_says_what_the_group_of_that_day_says(day: str, shop: Path) -> None:
    document = kefu("run", shop, "--from", day, "--to", day, "--format", "json").document
    groups = kefu("run", shop, "--by", "date", "--format", "json").document["groups"]
    (group,) = (group["metrics"] for group in groups if group["by"]["date"] == day)
    assert document["period"] == {"from": day, "to": day, "timezone": "Asia/Shanghai"}
    alone = {metric["name"]: (metric["value"], metric["measures"]) for metric in document["metrics"]}
    assert alone == {metric["name"]: (metric["value"], metric["measures"]) for metric in group}


def test_a_period_can_be_open_at_either_end(shop: Path, whole: dict) -> None:
    for option in (["--from", "2025-06-02"], ["--to", "2025-06-05"]):
        assert kefu("run", shop, *option, "--format", "json").document["metrics"] == whole["metrics"]


def test_people_read_their_language_and_programs_do_not_care(shop: Path) -> None:
    chinese, english = (kefu("run", shop, "--lang", language).out for language in ("zh", "en"))
    assert "覆盖" in chinese
    assert "Coverage" in english
    assert "覆盖" not in english
    for command in (["run"], ["explain", "reply_interval"], ["check"]):
        for form in ("json", "csv"):
            outs = {kefu(*command, shop, "--lang", language, "--format", form).out for language in ("zh", "en")}
            assert len(outs) == 1


def test_a_check_says_what_became_of_every_row(tmp_path: Path) -> None:
    data = write(tmp_path, messages=GOOD + "s1,2025-06-02 10:01:00,boss,x\n")
    document = kefu("check", data, "--format", "json").document
    assert {*document} == {"schema", "files", "rejected"}
    assert document["schema"] == "kefu.check/1"
    assert {*document["files"][0]} == {"table", "file", "rows", "loaded", "rejected", "duplicates", "failed"}
    (row,) = document["rejected"]
    assert {*row} == {"table", "file", "row", "column", "reason", "what_to_do", "raw"}
    assert (row["table"], row["file"], row["row"], row["column"]) == ("messages", "messages.csv", 3, "role")
    (line,) = csv.DictReader(io.StringIO(kefu("check", data, "--format", "csv").out))
    assert line == {name: str(value) for name, value in row.items()}
    assert "role" in kefu("check", data).out


def test_metrics_and_plugins_are_listed_whole() -> None:
    listed = kefu("metrics", "--format", "json").document
    assert listed["schema"] == "kefu.metrics/1"
    assert {metric["name"] for metric in listed["metrics"]} == METRICS.keys()
    assert all(metric["reads"]["zh"] and metric["reads"]["en"] and metric["source"] for metric in listed["metrics"])
    plugins = kefu("plugins", "--format", "json").document
    assert plugins["schema"] == "kefu.plugins/1"
    assert {name for plugin in plugins["plugins"] for name in plugin["metrics"]} == METRICS.keys()
    lines = [*csv.DictReader(io.StringIO(kefu("metrics", "--format", "csv").out))]
    assert [line["name"] for line in lines] == [metric["name"] for metric in listed["metrics"]]


# What is behind a number


def added_up(document: dict) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for row in document["rows"]:
        counted.update(row["counts"])
    return {name: counted[name] for name in document["measures"]}


@pytest.mark.parametrize("name", METRICS)
def test_the_counts_of_all_sessions_add_up_to_the_measures(name: str, shop: Path, whole: dict) -> None:
    done = kefu("explain", name, shop, "--format", "json")
    document = done.document
    (metric,) = (metric for metric in whole["metrics"] if metric["name"] == name)
    assert done.code == 0
    assert (document["schema"], document["metric"]) == ("kefu.explain/1", name)
    assert (document["value"], document["measures"]) == (metric["value"], metric["measures"])
    assert added_up(document) == document["measures"]
    assert document["total"] == len(document["rows"])
    for row in document["rows"]:
        assert bool(row["counts"]) != bool(row["left_out"])
        for found in row["evidence"]:
            assert {*found} == {"message_id", "sent_at", "role", "text", "why"}


@pytest.mark.parametrize("where", ["queue=物流", "agent_id=A04", "date=2025-06-02", "queue=没有"])
@pytest.mark.parametrize("name", ["agent_closed_rate", "reply_interval", "interactions_per_session"])
def test_the_counts_of_a_group_add_up_to_its_measures(name: str, where: str, shop: Path) -> None:
    column, _, value = where.partition("=")
    document = kefu("explain", name, shop, "--where", where, "--format", "json").document
    assert document["where"] == {column: value}
    assert added_up(document) == document["measures"]
    groups = kefu("run", shop, "--by", column, "--format", "json").document["groups"]
    wanted = [metric["value"] for group in groups for metric in group["metrics"]
              if group["by"][column] == value and metric["name"] == name]  # fmt: skip
    assert [document["value"]] == (wanted or [None])


def test_lines_can_be_read_a_page_at_a_time(shop: Path) -> None:
    rows = kefu("explain", "reply_interval", shop, "--format", "json").document["rows"]
    pages = [
        kefu("explain", "reply_interval", shop, "--limit", "3", "--offset", str(at), "--format", "json").document[
            "rows"
        ]
        for at in range(0, len(rows), 3)
    ]
    assert [row for page in pages for row in page] == rows
    assert "--offset 3" in kefu("explain", "reply_interval", shop, "--limit", "3").out


# Terminals


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


def colours(text: str) -> list[str]:
    codes = [code for part in text.split("\x1b[")[1:] for code in part.partition("m")[0].split(";")]
    return [code for code in codes if code.isdigit() and (30 <= int(code) <= 49 or 90 <= int(code) <= 107)]


def test_colours_are_for_terminals_that_want_them(shop: Path) -> None:
    assert colours(in_terminal("run", shop))
    assert not colours(in_terminal("run", shop, NO_COLOR="1"))
    assert "\x1b" not in in_terminal("run", shop, "--format", "json")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("command", [["run"], ["explain", "reply_interval"], ["check"]], ids=lambda words: words[0])
def test_without_a_terminal_there_are_no_escape_codes(command: list[str], form: str, shop: Path) -> None:
    done = process(*command, shop, "--format", form, env={"TERM": "xterm-256color"})
    assert done.code == 0
    assert "\x1b" not in done.out + done.err


# The same input, the same bytes


@pytest.mark.parametrize(
    "command",
    [
        ["run", "--by", "agent_id", "--by", "date", "--format", "json"],
        ["run", "--by", "team"],
        ["explain", "reply_interval", "--format", "json"],
        ["explain", "hotspot_repair_rate", "--format", "csv"],
        ["check", "--format", "json"],
    ],
    ids=" ".join,
)
def test_the_same_input_gives_the_same_bytes(command: list[str], shop: Path) -> None:
    arguments = (
        [command[0], *command[1:2], shop, *command[2:]] if command[0] == "explain" else [command[0], shop, *command[1:]]
    )
    outs = {
        process(*arguments, env={"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": seed}).out
        for threads, seed in (("1", "1"), ("2", "2"), ("2", "3"))
    }
    assert len(outs) == 1
    assert outs != {""}


# The environment


def test_the_environment_overrides_settings(shop: Path, tmp_path: Path) -> None:
    assert "Coverage" in kefu("run", shop, env={"KEFU_LANGUAGE": "en"}).out
    assert "覆盖" in kefu("run", shop, "--lang", "zh", env={"KEFU_LANGUAGE": "en"}).out
    document = kefu("run", shop, "--format", "json", env={"KEFU_TIMEZONE": "America/New_York"}).document
    assert document["period"]["timezone"] == "America/New_York"
    config = tmp_path / "kefu.toml"
    config.write_text("[thresholds]\nband_new_most = 0\nband_senior_least = 0", encoding="utf-8")
    for env, shares in (({}, 1.0), ({"KEFU_THRESHOLDS__BAND_NEW_MOST": "99"}, 0.0)):
        told = kefu("run", shop, "--config", config, "--by", "team", "--format", "json", env=env).document
        (share,) = (metric["value"] for metric in told["metrics"] if metric["name"] == "outside_band_share")
        assert (share == 0) == (shares == 0)


@pytest.mark.parametrize(("name", "value"), [("KEFU_LANGUAGE", "fr"), ("KEFU_THRESHOLDS", "{")])
def test_a_wrong_variable_is_said_in_a_sentence(name: str, value: str, shop: Path) -> None:
    done = kefu("run", shop, env={name: value})
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
