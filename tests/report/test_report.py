"""The report says what the store says, in both languages, and the same store always gives the same bytes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from report_pages import Report, check_inert
from stored_reports import WEEK, kefu, viewed

from kefu.night.changes import why
from kefu.night.periods import Dates
from kefu.night.periods import week as week_of
from kefu.report.page import report
from kefu.report.reading import StoreReading
from kefu.show.format import value_text
from kefu.store import open_store

TEN = (
    *("hotspot_adoption_rate", "hotspot_repair_rate", "robot_interception_rate", "script_usage_rate"),
    *("agent_closed_rate", "opinion_alert_timeliness", "sensitive_word_rate"),
    *("peak_concurrency", "interactions_per_session", "reply_interval"),
)


@pytest.fixture(scope="module")
def pages(week: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The report of the sample's week in both languages."""
    folder = tmp_path_factory.mktemp("pages")
    for language in ("zh", "en"):
        done = kefu("report", *WEEK, "--store", week, "--lang", language, "--out", folder / f"{language}.html")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_value_is_that_of_the_store(week: Path, pages: dict[str, str], language: str, tmp_path: Path) -> None:
    page, dates = Report(pages[language]), week_of("2025-W23")
    with viewed(week, tmp_path) as view:
        outcome = view.outcome(dates.first, dates.last, ("queue",))
    metrics = {metric.name: metric for metric in outcome.metrics}
    told = {
        row[0].removeprefix("· "): row[1]
        for table in page.tables
        for row in table.rows[1:]
        if table.rows[0][1] in ("本期", "Value")
    }
    for name, value in outcome.whole.values.items():
        title = metrics[name].title.zh if language == "zh" else metrics[name].title.en
        if value.value is not None:
            assert told.pop(title) == value_text(value.value, metrics[name].unit), name
    assert told == {}
    queues = {row[0]: row[2:] for row in page.table("按队列" if language == "zh" else "By queue").rows[1:]}
    measured = [name for name in TEN if any(group.values[name].value is not None for group in outcome.groups)]
    for group in outcome.groups:
        assert queues[group.key[0]] == [value_text(group.values[n].value, metrics[n].unit) for n in measured]


def test_the_ten_metrics_come_first_with_their_values(week: Path, pages: dict[str, str], tmp_path: Path) -> None:
    with viewed(week, tmp_path) as view:
        dates = week_of("2025-W23")
        outcome = view.outcome(dates.first, dates.last)
    wanted = [
        (f"{m.title.zh} {m.title.en}", value_text(outcome.whole.values[m.name].value, m.unit))
        for name in TEN
        for m in outcome.metrics
        if m.name == name
    ]
    assert Report(pages["zh"]).figures[: len(TEN)] == wanted


def test_both_languages_have_the_same_sections_in_order(pages: dict[str, str]) -> None:
    zh, en = (Report(pages[language]) for language in ("zh", "en"))
    assert zh.sections == en.sections
    assert zh.sections[0] == "glance"
    assert zh.sections[-2:] == ["data_quality", "definitions"]
    assert [len(table.rows) for table in zh.tables] == [len(table.rows) for table in en.tables]


def test_it_needs_nobody_and_runs_nothing(pages: dict[str, str]) -> None:
    for text in pages.values():
        page = check_inert(text)
        assert "http:" not in text
        assert "https:" not in text
        assert "<script" not in text
        (policy,) = (attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs)
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
        assert len(ids) == len({*ids})


def test_every_chart_has_words_and_a_table(pages: dict[str, str]) -> None:
    page = Report(pages["zh"])
    drawn = [attrs for tag, attrs in page.tags if tag == "svg"]
    assert len(drawn) >= len(TEN) + 3
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in drawn)
    tags = [tag for tag, _ in page.tags]
    for place, tag in enumerate(tags):
        if tag == "svg":
            assert "table" in tags[place : place + 400], "no table follows"


def test_the_same_store_gives_the_same_bytes(week: Path, pages: dict[str, str]) -> None:
    again = kefu("report", *WEEK, "--store", week, "--lang", "zh", PYTHONHASHSEED="7", POLARS_MAX_THREADS="1")
    assert again.stdout == pages["zh"]


def test_a_day_says_what_changed_and_what_drove_it(week: Path, tmp_path: Path) -> None:
    out = tmp_path / "day.html"
    assert kefu("report", "--day", "2025-06-05", "--store", week, "--out", out).returncode == 0
    text = Report(out.read_text(encoding="utf-8")).text
    assert "对比上期 2025-06-04" in text
    assert "来自" in text
    with viewed(week, tmp_path) as view:
        now, before = (
            view.outcome(date, date).whole.values["agent_closed_rate"].value
            for date in (dt.date(2025, 6, 5), dt.date(2025, 6, 4))
        )
    assert now is not None
    assert before is not None
    assert f"↑ {(now - before) * 100:.1f} pp 变差" in text


def test_a_target_is_that_of_the_goal(week: Path, tmp_path: Path) -> None:
    config = tmp_path / "kefu.toml"
    config.write_text(
        '[goals.quick]\nmetric = "reply_interval"\nbaseline = 60\ntarget = 33\nstart = 2025-06-02\n'
        'deadline = 2025-06-30\nowner = "王敏"\n',
        encoding="utf-8",
    )
    done = kefu("report", *WEEK, "--store", week, "--config", config)
    page = Report(done.stdout)
    told = [told for title, told in page.figures if title.startswith(("quick", "平均回复间隔时长"))]
    assert page.text.count("目标 33.0s") == len(told) == 3, "at a glance, among reply times, and among goals"
    assert "王敏，2025-06-02 至 2025-06-30" in page.text


def test_a_period_without_dates_says_so(week: Path) -> None:
    done = kefu("report", "--month", "2020-01", "--store", week, "--lang", "en")
    assert done.returncode == 0
    assert "Not in the store: 2020-01-01 – 2020-01-31" in Report(done.stdout).text


def test_what_cannot_be_written_is_said(week: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere" / "r.html"
    done = kefu("report", *WEEK, "--store", week, "--out", nowhere)
    assert done.returncode == 2
    assert f"{nowhere} cannot be written" in done.stderr
    (tmp_path / "folder.html").mkdir()
    done = kefu("report", *WEEK, "--store", week, "--out", tmp_path / "folder.html")
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["folder.html"]


def test_an_empty_store_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    with open_store(tmp_path / "empty.db"):
        pass
    done = kefu("report", "--store", tmp_path / "empty.db")
    assert done.returncode == 2
    assert "has no dates yet" in done.stderr


def test_the_page_of_a_view_is_that_of_the_command(week: Path, pages: dict[str, str], tmp_path: Path) -> None:
    with viewed(week, tmp_path) as view:
        made = report(view, week_of("2025-W23"), "zh")
    assert made.html == pages["zh"]
    assert made.failures == ()


def test_what_drove_a_change_is_what_why_says(week: Path, tmp_path: Path) -> None:
    day = Dates(dt.date(2025, 6, 5), dt.date(2025, 6, 5))
    with viewed(week, tmp_path) as view:
        reading = StoreReading(view, day, "zh")
        for name in ("agent_closed_rate", "reply_interval", "script_usage_rate"):
            told = reading.drivers(name)
            (change,) = why(view, name, day.before(), day, [told[0].by])
            assert [(one.key, one.effect) for one in told] == [
                (part.group, float(part.change)) for part in change.parts
            ]
        assert reading.drivers("peak_concurrency") == []
