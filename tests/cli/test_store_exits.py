"""Exit codes of runs into a store: what is broken is said as long as it is, an unusable store has a code of its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from commands import FORMS, GOOD, Done, kefu, write

from kefu.cli.exits import exit_code
from kefu.errors import ConfigError, InputError, KefuError
from kefu.store import StoreBusy, StoreError, StoreOutdated, StoreTooNew, schema
from kefu.store.errors import StoreLost

BROKEN = b"\x00\xff" * 500
LATER = "session_id,sent_at,role,text\ns2,2025-06-03 10:00:00,customer,在吗\ns2,2025-06-03 10:00:09,agent,在\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KefuError, 1),
        (ZeroDivisionError, 1),
        (ConfigError, 2),
        (InputError, 3),
        (StoreError, 5),
        (StoreLost, 5),
        (StoreOutdated, 5),
        (StoreTooNew, 5),
        (StoreBusy, 75),
    ],
)
def test_each_error_has_its_code(error: type[Exception], code: int) -> None:
    assert exit_code(error("x")) == code


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "data", messages__1=GOOD, messages__2=BROKEN)


def run(data: Path, *arguments: str | Path, form: str = "json") -> Done:
    place = {"KEFU_STORE": str(data.parent / "kefu.db")}
    return kefu("run", data, "--format", form, "--lang", "en", *arguments, env=place)


def said(done: Done) -> list[str]:
    """Return the lines that name the broken file."""
    return [line.strip() for line in (done.out + done.err).splitlines() if "messages/2.csv" in line]


@pytest.mark.parametrize("form", FORMS)
def test_a_broken_file_is_said_as_long_as_it_is_broken(form: str, data: Path) -> None:
    first = run(data, form=form)
    assert first.code == 1
    assert said(first)
    for _ in range(2):
        again = run(data, form=form)
        assert "nothing new" in again.err
        assert (again.code, said(again)) == (1, said(first))
    write(data, messages__2=LATER)
    mended = run(data, form=form)
    assert (mended.code, said(mended)) == (0, [])
    still = run(data, form=form)
    assert "nothing new" in still.err
    assert (still.code, said(still)) == (0, [])


def test_a_broken_file_is_said_for_the_same_dates_and_for_a_night(data: Path) -> None:
    assert run(data).document["failures"] == run(data, "--date", "2025-06-02").document["failures"] != []
    (data / "messages" / "2.csv").unlink()
    assert run(data).code == 0


def test_a_file_that_broke_keeps_its_dates_and_says_so_again(data: Path) -> None:
    write(data, messages__2=LATER)
    assert run(data).code == 0
    write(data, messages__2=BROKEN)
    for _ in range(2):
        done = run(data)
        assert done.code == 1
        assert "2025-06-03 left as it is" in done.err
        assert [one["file"] for one in done.document["failures"]] == ["messages/2.csv"]


def test_the_log_and_the_report_tell_of_a_broken_file_again(data: Path, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "loud.py").write_text(
        "from kefu.plugin import hookimpl\n\n@hookimpl\ndef kefu_notify(report):\n"
        "    print('told', report.outcome, report.level, *report.failures)\n"
    )
    for outcome in ("done", "unchanged"):
        done = run(data, "--plugins-dir", tmp_path / "p", "--log-format", "json")
        assert f"told {outcome} error messages/2.csv" in done.err
        assert done.err.count('"event": "failure"') == 1


def unusable(place: Path, how: str) -> str:
    """Spoil a store, and return its name."""
    if how == "no database":
        place.write_bytes(b"no database at all, but long enough to be read as the head of one" * 100)
    elif how == "a folder":
        place.unlink()
        place.mkdir()
    elif how == "no folder for it":
        return str(place.parent / "none" / "kefu.db")
    elif how == "nothing that is known":
        return "mysql://host/kefu"
    elif how == "a server that is not there":
        return f"postgresql://kefu@/kefu?host={place.parent}"
    else:
        with closing(sqlite3.connect(place)) as connection:
            revision = {"too new": "9999", "too old": "0001"}[how]
            connection.execute(f"UPDATE {schema.REVISION_TABLE} SET version_num = '{revision}'")  # noqa: S608
            connection.commit()
    return str(place)


@pytest.mark.parametrize(
    "command", [["run", "{data}"], ["show"], ["diff", "2025-06-02"], ["explain", "reply_interval"]]
)
@pytest.mark.parametrize(
    "how",
    [
        "no database",
        "a folder",
        "no folder for it",
        "nothing that is known",
        "a server that is not there",
        "too new",
        "too old",
    ],
)
def test_a_store_that_cannot_be_used_has_a_code_of_its_own(command: list[str], how: str, tmp_path: Path) -> None:
    data, place = write(tmp_path / "data", messages=GOOD), tmp_path / "kefu.db"
    assert kefu("run", data, "--store", place).code == 0
    name = unusable(place, how)
    done = kefu(*(argument.format(data=data) for argument in command), "--store", name)
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("kefu: ")
    assert done.err.count("\n") == 1


def test_a_file_that_is_written_to_by_a_failing_run_is_told_in_the_log(tmp_path: Path) -> None:
    data = write(tmp_path / "data", messages=GOOD)
    done = kefu("run", data, "--store", tmp_path / "none" / "kefu.db", "--log-format", "json")
    assert done.code == 5
    assert '"exit_code": 5' in done.err
