"""``kefu store`` and ``kefu doctor``, as people call them."""

from __future__ import annotations

import datetime as dt
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import polars.selectors as cs
import pytest
import sqlalchemy as sa
from commands import FORMS, GOOD, Done, kefu, write

from kefu.store import open_store, schema
from kefu.store.days import content_digest, current_days
from kefu.store.frames import unpack

STORE = ("upgrade", "backup", "purge", "forget")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A store with two dates, the second with a customer in two sessions."""
    rows = "session_id,sent_at,role,text\n" + "".join(
        f"{one},{date} 10:00:00,customer,在吗\n{one},{date} 10:00:09,agent,在\n"
        for one, date in (("s1", "2025-06-02"), ("s2", "2025-06-03"), ("s3", "2025-06-03"))
    )
    sessions = "session_id,customer_id\ns1,c1\ns2,c2\ns3,c2\n"
    data = write(tmp_path / "data", messages=rows, sessions=sessions)
    path = tmp_path / "kefu.db"
    assert kefu("run", data, "--store", path).code == 0
    return path


def store(*arguments: str | Path, at: Path | str, form: str = "json", lang: str = "en") -> Done:
    """Run a command of the store that the environment names."""
    return kefu("store", *arguments, "--format", form, "--lang", lang, env={"KEFU_STORE": str(at)})


def dates(place: Path) -> list[str]:
    with open_store(place, create=False) as opened, opened.reading() as connection:
        return [str(row.date) for row in current_days(connection)]


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_an_upgrade_of_what_is_new_does_nothing(place: Path) -> None:
    done = store("upgrade", at=place)
    revision = schema.REVISIONS[-1]
    assert (done.code, done.document) == (
        0, {"schema": "kefu.store/1", "before": revision, "after": revision, "backup": None}
    )  # fmt: skip
    assert "already" in store("upgrade", at=place, form="table").out
    assert "已是版本" in store("upgrade", at=place, form="table", lang="zh").out


@pytest.mark.parametrize("arguments", [["upgrade"], ["backup", "b.db"], ["purge", "--older-than", "3", "--yes"]])
def test_a_store_of_a_newer_kefu_is_left_alone(arguments: list[str], place: Path) -> None:
    with closing(sqlite3.connect(place)) as connection:
        connection.execute(f"UPDATE {schema.REVISION_TABLE} SET version_num = '9999'")  # noqa: S608 - a constant
        connection.commit()
    before = place.read_bytes()
    done = store(*arguments, at=place)
    assert (done.code, done.out) == (5, "")
    assert "a newer kefu wrote the store" in done.err
    assert place.read_bytes() == before


def test_a_backup_says_the_same_as_the_store(place: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    done = store("backup", target, at=place)
    assert (done.code, done.document["backup"], done.document["bytes"]) == (0, str(target), target.stat().st_size)
    with open_store(target, create=False) as copy, open_store(place, create=False) as original:
        assert content_digest(copy) == content_digest(original)
    again = store("backup", target, at=place)
    assert (again.code, again.out) == (2, "")
    assert "copy.db exists" in again.err


def test_a_purge_drops_earlier_dates_and_says_so(place: Path) -> None:
    done = store("purge", "--older-than", "2025-06-03", "--yes", at=place)
    assert (done.code, done.document["before"], done.document["purged"]["days"]) == (0, "2025-06-03", 1)
    assert dates(place) == ["2025-06-03"]
    again = store("purge", "--older-than", "2025-06-03", "--yes", at=place, form="table")
    assert again.out.strip() == "there was nothing to remove"
    days = (dt.datetime.now(dt.UTC).date() - dt.date(2025, 6, 3)).days - 2  # no time zone is two days off
    assert "revisions of dates 1" in store("purge", "--older-than", str(days), "--yes", at=place, form="table").out
    assert dates(place) == []


@pytest.mark.parametrize("when", ["soon", "2999-01-01", "-3", "99999999", "２"])
def test_a_purge_needs_a_past_date(when: str, place: Path) -> None:
    done = store("purge", f"--older-than={when}", "--yes", at=place)
    assert (done.code, dates(place)) == (2, ["2025-06-02", "2025-06-03"])


@pytest.mark.parametrize("command", [["purge", "--older-than", "2025-06-04"], ["forget", "--customer", "c2"]])
def test_without_yes_it_asks_first(command: list[str], place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = place.read_bytes()
    for text in ("n\n", ""):
        answer(monkeypatch, text)
        done = store(*command, at=place)
        assert (done.code, done.out) == (1, "")
        assert str(place) in done.err
    assert place.read_bytes() == before
    answer(monkeypatch, "y\n")
    done = store(*command, at=place)
    assert done.code == 0
    assert json.loads(done.out)["schema"] == "kefu.store/1"
    assert place.read_bytes() != before


def told(place: Path) -> set[str]:
    """Return every text in every frame of a store."""
    with open_store(place, create=False) as opened, opened.reading() as connection:
        contents = [unpack(content) for content in connection.scalars(sa.select(schema.frames.c.content))]
    texts = [frame.select(cs.string()) for frame in contents]
    return {text for frame in texts for column in frame for text in column.drop_nulls()}


def test_a_customer_is_forgotten_with_all_sessions(place: Path) -> None:
    assert {"c1", "c2", "s1", "s2", "s3"} <= told(place)
    done = store("forget", "--customer", "c2", "--yes", at=place)
    assert done.code == 0
    assert done.document["forgotten"]["frames"] > 0
    assert {"c1", "c2", "s1", "s2", "s3"} & told(place) == {"c1", "s1"}
    assert store("forget", "--customer", "c2", "--session", "s3", "--yes", at=place).document["forgotten"] == {
        "frames": 0, "small_tables": 0, "evidence": 0, "quarantine": 0
    }  # fmt: skip
    zh = store("forget", "--session", "s1", "--yes", at=place, form="table", lang="zh")
    assert zh.out.startswith("已删除：数据行 ")
    assert {"c1", "c2", "s1", "s2", "s3"} & told(place) == set()
    assert dates(place) == ["2025-06-02", "2025-06-03"]


def test_whom_to_forget_must_be_said(place: Path) -> None:
    done = store("forget", "--yes", at=place)
    assert done.code == 2
    assert "--customer ID" in done.err


def test_nothing_is_dropped_during_a_run(place: Path) -> None:
    with open_store(place) as opened, opened.lock(0):
        for command in (["purge", "--older-than", "3"], ["forget", "--session", "s1"], ["upgrade"]):
            done = store(*command, *([] if command == ["upgrade"] else ["--yes"]), at=place)
            assert (done.code, done.out) == (75, "")
            assert "another run is at work" in done.err


@pytest.mark.parametrize("arguments", [["upgrade"], ["backup", "b"], ["purge", "--older-than", "3"],
                                       ["forget", "--session", "s"]])  # fmt: skip
def test_no_store_is_said_and_none_is_made(arguments: list[str], tmp_path: Path) -> None:
    done = store(*arguments, at=tmp_path / "none.db")
    assert (done.code, done.out) == (5, "")
    assert "there is no store" in done.err
    assert [*tmp_path.iterdir()] == []
    assert store(*arguments, at="none").code == 2


@pytest.mark.parametrize("name", STORE)
def test_every_command_has_the_usual_options(name: str) -> None:
    shown = kefu("store", name, "--help").out
    assert all(option in shown for option in ("--store", "--format", "--lang", "--config"))


def doctor(place: Path | str, *arguments: str | Path, form: str = "json") -> Done:
    return kefu("doctor", "--format", form, *arguments, env={"KEFU_STORE": str(place)})


def parts(done: Done) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one["part"], one["name"]): (one["level"], one["message"]["en"]) for one in done.document["findings"]}


def test_a_sound_installation_is_found_sound(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kefu.store.housekeeping.LITTLE_SPACE", 1)
    done = doctor(place)
    found = parts(done)
    assert done.code == 0
    assert {level for level, _ in found.values()} <= {"ok", "warn"}
    assert {part for part, _ in found} == {"version", "cache", "time zone", "plugin", "store"}
    assert found["store", "place"] == ("ok", str(place))
    assert found["version", "SQLite"] == ("ok", sqlite3.sqlite_version)
    assert found["store", "frames"][1].endswith(" whole")
    named = kefu("doctor", "--format", "json", env={"KEFU_STORE": "none", "KEFU_CACHE": str(tmp_path / "cache")})
    assert parts(named)["cache", "folder"] == ("ok", str(tmp_path / "cache"))


@pytest.mark.parametrize("form", FORMS)
def test_what_is_wrong_is_said_and_exits_with_1(form: str, place: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("1 / 0")
    done = doctor(place, "--plugins-dir", tmp_path, form=form)
    assert (done.code, done.err) == (1, "")
    assert "ZeroDivisionError" in done.out
    place.write_bytes(b"no database at all, but long enough to be read as the head of one" * 100)
    assert doctor(place, form=form).code == 1
    assert "is no store of kefu" in doctor(place, form=form).out


def han(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_what_is_found_is_said_in_chinese_and_english(place: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("1 / 0")
    found = doctor(place, "--plugins-dir", tmp_path).document["findings"]
    for one in found:
        message = one["message"]
        assert not han(message["en"])
        as_it_is = one["part"] == "version" or one["name"] in {"place", "folder"}
        assert as_it_is or han(message["zh"]), one
    zh, en = (doctor(place, "--lang", lang, form="table").out for lang in ("zh", "en"))
    assert "✓ 存储" in zh
    assert "均完好" in zh
    assert "built-in" not in zh
    assert " whole" in en
    assert not han(en)
    lines = doctor(place, "--lang", "zh", form="csv").out.splitlines()
    assert lines[0] == "part,name,level,message"
    assert any(line.startswith("store,frames,ok,") and line.endswith("均完好") for line in lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_store_that_is_not_there_is_said_in_both(lang: str, tmp_path: Path) -> None:
    place = next(
        one
        for one in doctor(tmp_path / "none.db").document["findings"]
        if (one["part"], one["name"]) == ("store", "place")
    )
    assert "there is no store at" in place["message"][lang]
    assert han(place["message"]["zh"])


def test_limits_for_a_metric_that_there_is_not_are_found(tmp_path: Path) -> None:
    path = tmp_path / "kefu.toml"
    path.write_text("[checks.metrics.speed]\nwarn_above = 1")
    done = doctor("none", "--config", path)
    assert (done.code, parts(done)["settings", "checks"][0]) == (1, "error")


def test_a_store_that_is_asked_for_must_be_there_but_the_first_day_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doctor(tmp_path / "none.db").code == 1
    monkeypatch.chdir(tmp_path)
    fresh = doctor("")
    assert (fresh.code, parts(fresh)["store", "place"][0]) == (0, "ok")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("found", "level", "why"), [("0.2.2", "ok", "proven"), ("9.9", "warn", "not used"), (None, "ok", "not installed")]
)
def test_rjieba_is_proven_or_not(found: str | None, level: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kefu.show.health._version", lambda _: found)
    monkeypatch.setattr("kefu.show.health.quick_cut", lambda: str.split)
    found_level, message = parts(doctor("none"))["version", "rjieba"]
    assert (found_level, why in message) == (level, True)


def test_a_cache_that_others_can_write_to_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    done = kefu("doctor", "--format", "json", env={"KEFU_STORE": "none", "KEFU_CACHE": str(folder)})
    assert parts(done)["cache", "folder"][0] == "warn"


def test_a_run_says_what_good_data_it_has(tmp_path: Path) -> None:
    done = kefu("run", write(tmp_path / "data", messages=GOOD), "--store", tmp_path / "k.db", "--format", "json")
    assert (done.code, done.document["checks"]) == (0, [])
