"""Checks, notification and log of whole runs, as a scheduler meets them."""

from __future__ import annotations

import datetime as dt
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from commands import Done, kefu, write

from kefu.store import open_store
from kefu.store.runs import latest_run, read_checks

Run = Callable[..., Done]
NIGHT = dt.date(2025, 6, 30)
SECRET = "s3cret-path"  # noqa: S105
LOUD = """
from kefu.plugin import hookimpl

@hookimpl
def kefu_notify(report):
    print("told", report.outcome, report.level, report.run_id, len(report.checks))
"""
FAILING = "from kefu.plugin import hookimpl\n\n@hookimpl\ndef kefu_notify(context, report):\n    1 / 0\n"


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted, and answers as it is told."""

    got: ClassVar[list[dict[str, Any]]] = []
    answer: ClassVar[int] = 200

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.got.append({"path": self.path, **json.loads(self.rfile.read(length))})
        self.send_response(self.answer)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST  # noqa: N815 - the base class calls it so

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[str]:
    """The URL of a webhook on this machine."""
    Hook.got.clear()
    Hook.answer = 200
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        running.start()
        yield f"http://127.0.0.1:{server.server_port}/{SECRET}"
        server.shutdown()
        running.join()


def messages(date: dt.date, sessions: int, bad: int = 0) -> str:
    """Return so many sessions of two messages on a date, and so many rows that cannot be read."""
    lines = ["session_id,sent_at,role,text"]
    for number in range(sessions):
        lines += [f"{date}-{number},{date} 10:00:00,customer,在吗", f"{date}-{number},{date} 10:00:30,agent,在"]
    return "\n".join([*lines, *(f"x{n},never,agent,在" for n in range(bad))]) + "\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four weeks of one weekday, 20 sessions each, and the night before the asked one."""
    folder = tmp_path / "data"
    dates = [NIGHT - dt.timedelta(weeks=week) for week in range(1, 5)]
    return write(folder, **{f"messages__{date}": messages(date, 20) for date in dates})


@pytest.fixture
def night(tmp_path: Path, data: Path) -> Run:
    """What runs a night into the store of the test."""
    env = {"KEFU_STORE": str(tmp_path / "kefu.db")}

    def run(*arguments: str | Path, config: str = "", **more: str) -> Done:
        path = tmp_path / "kefu.toml"
        path.write_text(config, encoding="utf-8")
        return kefu("run", data, "--config", path, "--lang", "en", *arguments, env=env | more)

    assert run("--from", "2025-06-01", "--to", "2025-06-23").code == 0
    return run


def levels(done: Done) -> dict[str, str]:
    return {check["name"]: check["level"] for check in done.document["checks"]}


def test_a_good_night_exits_with_0_and_its_checks_are_kept(night: Run, data: Path, tmp_path: Path) -> None:
    write(data, messages__today=messages(NIGHT, 60))
    done = night("--date", str(NIGHT), "--format", "json", config="[checks.metrics.reply_interval]\nwarn_above = 30")
    assert (done.code, "check" in done.err) == (0, False)
    expected = {
        "freshness": "ok", "volume": "ok", "rejected.messages": "ok", "metrics.reply_interval": "ok"
    }  # fmt: skip
    assert levels(done) == expected
    with open_store(tmp_path / "kefu.db") as store, store.reading() as connection:
        run = latest_run(connection)
        assert run is not None
        assert {one.name: one.level for one in read_checks(connection, run.id)} == expected


def test_a_night_without_sessions_exits_with_4_even_if_nothing_is_new(night: Run) -> None:
    for _ in range(2):
        done = night("--date", str(NIGHT), "--format", "json")
        assert done.code == 4
        assert levels(done) == {"freshness": "error", "volume": "error", "rejected.messages": "ok"}
        assert "check failed: freshness: the newest session is of 2025-06-23, 7 days before 2025-06-30" in done.err
    assert "nothing new" in done.err
    zh = night("--date", str(NIGHT), "--lang", "zh", "--format", "csv")
    assert "检查未通过：volume：2025-06-30 有 0 个会话" in zh.err


def test_the_limits_look_at_the_night_not_at_its_lookback(night: Run, data: Path) -> None:
    slow = messages(NIGHT - dt.timedelta(days=1), 20).replace("10:00:30", "10:30:00")
    write(data, messages__today=messages(NIGHT, 20), messages__before=slow)
    limits = "[checks.metrics]\nreply_interval = { error_above = 60 }"
    assert night("--date", str(NIGHT), config=limits).code == 0
    assert night("--date", str(NIGHT), config=limits).code == 0
    assert night("--date", str(NIGHT - dt.timedelta(days=1)), config=limits).code == 4


def test_rejected_rows_are_said_and_a_failed_file_is_hidden_by_an_error(night: Run, data: Path) -> None:
    write(data, messages__today=messages(NIGHT, 20, bad=30), messages__broken=b"\x00\xff" * 500)
    done = night("--date", str(NIGHT), "--format", "csv")
    assert done.code == 4
    assert "check failed: rejected.messages: 30 of" in done.err
    assert "messages/broken.csv" in done.err
    assert night("--date", str(NIGHT), "--replace", config="[checks]\noff = ['rejected']").code == 1


def test_an_unknown_metric_is_a_wrong_configuration(night: Run) -> None:
    done = night("--date", str(NIGHT), config="[checks.metrics]\nreply_intervall = { warn_above = 1 }")
    assert done.code == 2
    assert "did you mean reply_interval?" in done.err


def test_without_a_store_nothing_is_checked_or_told(night: Run, hook: str) -> None:
    config = f"[notify]\nwebhook = '{hook}'\non = 'always'"
    for arguments in (["--dry-run"], ["--store", "none"]):
        done = night("--date", str(NIGHT), *arguments, "--format", "json", config=config)
        assert (done.code, "checks" in done.document) == (0, False)
    assert Hook.got == []


@pytest.mark.parametrize(("on", "told"), [("error", [NIGHT]), ("warn", [NIGHT]), ("always", [None, NIGHT])])
def test_the_webhook_is_told_what_it_asks_for(on: str, told: list[dt.date | None], night: Run, hook: str) -> None:
    config = f"[notify]\nwebhook = '{hook}'\non = '{on}'\n[checks.freshness]\nwarn_above = 99\nerror_above = 99"
    night("--from", "2025-06-01", config=config)
    night("--date", str(NIGHT), config=config)
    assert [one["night"] for one in Hook.got] == [None if date is None else str(date) for date in told]
    last = Hook.got[-1]
    assert (last["schema"], last["level"], last["path"]) == ("kefu.notify/1", "error", f"/{SECRET}")
    assert [one["name"] for one in last["checks"] if one["level"] == "error"] == ["volume"]
    assert last["text"].startswith("kefu 2025-06-30: ")


@pytest.mark.parametrize("answer", [500, 302])
def test_a_webhook_that_fails_is_a_warning_and_its_url_is_nowhere(
    answer: int,
    night: Run,
    data: Path,
    hook: str,
    tmp_path: Path,
) -> None:
    Hook.answer = answer
    write(data, messages__today=messages(NIGHT, 20))
    config = f"[notify]\nwebhook = '{hook}'\non = 'always'\n[plugin.pager]\ntoken = '{SECRET}'\nlevel = 'low'"
    done = night("--date", str(NIGHT), "--log-format", "json", config=config)
    assert done.code == 0
    assert f"127.0.0.1 answered {answer}" in done.err
    assert [one["path"] for one in Hook.got] == [f"/{SECRET}"]
    assert SECRET not in done.out + done.err
    assert SECRET.encode() not in (tmp_path / "kefu.db").read_bytes()
    with open_store(tmp_path / "kefu.db") as store, store.reading() as connection:
        run = latest_run(connection)
    assert run is not None
    assert run.config["notify"] == {"webhook": "***", "on": "always", "seconds": 10.0}
    assert run.config["plugin"] == {"pager": {"token": "***", "level": "low"}}


def test_a_webhook_that_is_not_there_is_a_warning(night: Run) -> None:
    done = night("--from", "2025-06-01", KEFU_NOTIFY__WEBHOOK=f"http://127.0.0.1:9/{SECRET}", KEFU_NOTIFY__ON="always")
    assert done.code == 0
    assert "kefu: webhook: 127.0.0.1 could not be told" in done.err
    assert SECRET not in done.err


def test_a_wrong_url_is_not_repeated(night: Run) -> None:
    done = night(config=f"[notify]\nwebhook = 'ftp://host/{SECRET}'")
    assert done.code == 2
    assert "write a URL that begins with https://" in done.err
    assert SECRET not in done.err


def test_a_run_that_fails_is_told(hook: str, tmp_path: Path) -> None:
    config = tmp_path / "other.toml"
    config.write_text(f"[notify]\nwebhook = '{hook}'")
    done = kefu("run", tmp_path / "gone", "--config", config, env={"KEFU_STORE": str(tmp_path / "kefu.db")})
    assert done.code == 3
    assert [(one["outcome"], one["level"]) for one in Hook.got] == [("failed", "error")]
    assert str(tmp_path / "gone") in Hook.got[0]["failures"][0]


def test_plugins_are_told_each_apart(night: Run, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "a_failing.py").write_text(FAILING)
    (folder / "b_loud.py").write_text(LOUD)
    write(data, messages__today=messages(NIGHT, 20))
    done = night("--date", str(NIGHT), "--plugins-dir", folder, "--format", "json")
    assert (done.code, done.document["failures"]) == (0, [])
    assert "told done ok 2 3" in done.err
    assert "kefu: plugin a_failing: ZeroDivisionError" in done.err
    again = night("--date", str(NIGHT), "--plugins-dir", folder)
    assert "told unchanged ok None 3" in again.err


def lines(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.err.splitlines()]


def test_the_log_can_be_json_an_object_a_line(night: Run, data: Path, tmp_path: Path) -> None:
    write(data, messages__today=messages(NIGHT, 20, bad=5), messages__broken=b"\x00\xff" * 500)
    found = lines(night("--date", str(NIGHT), "--log-format", "json", "--format", "csv"))
    assert {"time", "level", "event"} <= set.intersection(*(set(line) for line in found))
    assert all(dt.datetime.fromisoformat(line["time"]).tzinfo for line in found)
    assert found[0]["event"] == "started"
    assert [(one["level"], one["file"]) for one in found if one["event"] == "failure"] == [
        ("error", "messages/broken.csv")
    ]
    assert {one["name"]: one["level"] for one in found if one["event"] == "check"} == {
        "freshness": "info", "volume": "info", "rejected.messages": "warn"
    }  # fmt: skip
    assert {name: found[-1][name] for name in ("event", "run", "outcome", "exit_code", "written", "restated")} == {
        "event": "finished", "run": 2, "outcome": "done", "exit_code": 1, "written": [str(NIGHT)], "restated": []
    }  # fmt: skip
    (failed,) = [
        line for line in lines(kefu("run", tmp_path / "gone", "--log-format", "json")) if line["event"] == "failed"
    ]
    assert (failed["level"], failed["exit_code"]) == ("error", 3)


def test_a_fault_of_the_program_is_a_line_of_json_too(night: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def broken(*_: object) -> Iterator[None]:
        raise ZeroDivisionError("oh")
        yield

    monkeypatch.setattr("kefu.cli.signals.signals_as_exits", broken)
    done = night("--log-format", "json")
    assert done.code == 1
    assert lines(done)[-1]["message"] == "ZeroDivisionError: oh"
    assert lines(done)[-1]["traceback"][0].startswith("Traceback")
