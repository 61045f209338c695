"""A plugin's own sections: what they are made of, what happens where they fail, and that texts in them stay texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hostile import RUN, TEXTS
from report_pages import Report, check_inert
from stored_reports import WEEK, kefu

from kefu.config import load_settings
from kefu.host import Host
from kefu.night.periods import week as week_of
from kefu.night.view import StoreView
from kefu.plugin import (
    Block,
    Changed,
    Chart,
    Column,
    Figure,
    Figures,
    Marked,
    Note,
    Quantity,
    Reading,
    Section,
    Table,
    Title,
    bar_chart,
    column_chart,
    hookimpl,
    line_chart,
)
from kefu.report import page as pages
from kefu.show.safe import safe
from kefu.store import open_store

OWN = '''"""Our own section."""
from kefu.plugin import Chart, Column, Reading, Section, Table, Title, bar_chart, hookimpl


@hookimpl
def kefu_sections():
    return [
        Section("own_section", Title(zh="自己的一节", en="Our own"), sessions, order=15),
        Section("own_failure", Title(zh="坏的一节", en="A bad one"), fails, order=16),
    ]


def fails(reading):
    raise ValueError("no luck")


def sessions(reading: Reading):
    groups = reading.groups("queue", ["reply_interval"])
    told = [(key, values["reply_interval"].measures["answered_turns"]) for key, values in groups]
    columns = (Column(Title(zh="队列", en="Queue")), Column(Title(zh="轮次", en="Turns"), "whole"))
    table = Table(Title(zh="轮次表", en="Turns"), columns, tuple(told))
    spec = bar_chart([(key, n, str(n)) for key, n in told])
    yield Chart(Title(zh="轮次图", en="Turns"), Title(zh="各队列的轮次", en="Turns by queue"), spec, table)
'''
ONE = Title(zh="一", en="one")


def made(store: Path, scratch: Path, build: Callable[[Reading], Any], language: Any = "zh") -> pages.Report:  # noqa: ANN401
    """Return a report with one section only."""

    @hookimpl
    def kefu_sections() -> list[Section]:
        return [Section("own", ONE, build)]

    host = Host(builtins=False, outsiders=False, modules={"own": SimpleNamespace(kefu_sections=kefu_sections)})
    with open_store(store, create=False) as kept:
        return pages.report(
            StoreView(kept, load_settings(store=str(store)), host, scratch), week_of("2025-W23"), language
        )


def table(*rows: tuple[object, ...], title: Title = ONE) -> Table:
    return Table(title, (Column(title), Column(title, "mixed")), rows)


def test_a_section_of_a_plugin_stands_among_ours_and_a_bad_one_is_said_in_its_place(week: Path, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    done = kefu("report", *WEEK, "--store", week, "--plugins-dir", tmp_path)
    page = Report(done.stdout)
    assert done.returncode == 1
    assert "own_failure (own): ValueError: no luck" in done.stderr
    assert page.sections[:3] == ["glance", "own_section", "own_failure"]
    rows = page.table("轮次表").rows[1:]
    without = Report(kefu("report", *WEEK, "--store", week).stdout)
    assert sum(int(row[1]) for row in rows) == sum(int(row[1]) for row in without.table("回复时间").rows[1:])
    assert "这一节没有做成（插件 own）：ValueError: no luck" in page.text
    assert page.tables[-1].rows == without.tables[-1].rows
    assert page.sections == ["glance", "own_section", "own_failure", *without.sections[1:]]


@pytest.mark.parametrize(
    ("built", "says"),
    [
        (None, "it must give back a list"),
        (["a text"], "is no block"),
        ([Table(ONE, (Column(ONE),), ((1, 2),))], "a row has 2 values for 1 columns"),
        ([Table("title", (), ())], "title is 'title'; it must be of type Title"),  # type: ignore[arg-type]
        ([Note(ONE, "loud")], "level is 'loud'; it must be one of plain, warn, error"),  # type: ignore[arg-type]
        ([Table(ONE, (Column(ONE, "whole"),), (("many",),))], "ValueError"),
        ([Chart(ONE, ONE, {"mark": "nothing"}, table())], "ValueError"),
        ([Chart(ONE, ONE, {"data": {"url": "https://example.com/x.json"}, "mark": "bar"}, table())], "loads nothing"),
        ([Chart(ONE, ONE, {"data": {"url": "file:///etc/hostname"}, "mark": "bar"}, table())], "loads nothing"),
    ],
)
def test_what_is_no_block_is_said(week: Path, tmp_path: Path, built: Any, says: str) -> None:  # noqa: ANN401
    report = made(week, tmp_path, lambda _: built)
    (failure,) = report.failures
    assert says in failure
    assert Report(report.html).sections == ["own"]


def test_a_section_that_exits_is_no_end(week: Path, tmp_path: Path) -> None:
    def build(_: Reading) -> list[Block]:
        raise SystemExit(9)

    assert made(week, tmp_path, build).failures == ("own (own): SystemExit: 9",)


def test_a_section_with_nothing_to_say_has_no_heading(week: Path, tmp_path: Path) -> None:
    report = made(week, tmp_path, lambda _: [])
    assert Report(report.html).sections == []
    assert "存储中没有这一期间的数据" in report.html


def everywhere(text: str, number: int) -> Iterable[Block]:
    """Give blocks with a text in each of their fields."""
    title = Title(zh=text, en=text)
    cells = table((text, Marked(text, ((0, 9), (3, 500)))), (title, None), title=title)
    figure = Figure(title, 1.0, "count", 0.5, "higher", 2.0, (title,), None)
    yield Note(title)
    yield Figures((figure,))
    yield Table(title, cells.columns, cells.rows, title)
    if number % 10 == 0:
        yield Chart(title, title, bar_chart([(text, 1, text), ("b", 2, text)]), cells)
        yield Chart(title, title, column_chart([(text, 1.0), ("b", 2.0)], "count", peaks=[2, None]), cells)
        yield Chart(title, title, line_chart([(text, 1.0), ("b", 2.0)], "ratio", target=3), cells)
        yield Figures((Figure(title, 1.0, "count", chart=Chart(title, title, bar_chart([(text, 1, text)]), cells)),))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_hundred_texts_in_every_field_stay_texts(week: Path, tmp_path: Path, language: str) -> None:
    report = made(
        week, tmp_path, lambda _: [block for n, text in enumerate(TEXTS) for block in everywhere(text, n)], language
    )
    assert report.failures == ()
    page = check_inert(report.html)
    words = " ".join(page.text.split())
    for text in TEXTS:
        assert " ".join(safe(text).split()) in words, text
    marks = [attrs for tag, attrs in page.tags if tag == "mark"]
    assert len(marks) >= len(TEXTS)


def test_a_title_of_a_section_and_an_error_stay_texts(week: Path, tmp_path: Path) -> None:
    def build(_: Reading) -> list[Block]:
        raise ValueError(f"<script>{RUN}</script>\x1b[31m")

    page = check_inert(made(week, tmp_path, build).html)
    assert f"ValueError: <script>{RUN}</script>␛[31m" in page.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_report_of_hostile_data_is_inert(hostile: Path, language: str) -> None:
    done = kefu("report", *WEEK, "--store", hostile, "--lang", language)
    assert (done.returncode, done.stderr) == (0, "")
    page = check_inert(done.stdout)
    assert page.sections[-3:] == ["balance", "data_quality", "definitions"]
    shown = [text for text in TEXTS if safe(text)[:40] in page.text]
    assert len(shown) > 50, "texts of the data are in the report"


def test_cells_say_what_they_hold(week: Path, tmp_path: Path) -> None:
    columns = tuple(Column(ONE, kind) for kind in ("text", "whole", "ratio", "share", "mixed", "mixed", "mixed"))
    row = (
        "a",
        1234,
        0.255,
        0.999,
        Quantity(90.0, "seconds"),
        Changed(0.2, 0.1, "ratio", "lower"),
        Changed(1, None, "count"),
    )
    page = Report(made(week, tmp_path, lambda _: [Table(ONE, columns, (row,))]).html)
    assert page.tables[0].rows[1] == ["a", "1,234", "25.5%", "99%", "1m 30s", "↑ 10.0 pp 变差", "–"]


def test_a_drawing_keeps_nothing_that_links_or_loads(week: Path, tmp_path: Path) -> None:
    values = [{"x": 1, "y": 2, "link": "https://example.com/", "image": "https://example.com/x.png"}]
    spec = {
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "bar", "href": "https://example.com/"},
                "encoding": {"x": {"field": "x"}, "href": {"field": "link"}},
            },
            {"mark": {"type": "rule", "color": "url(https://example.com/)"}, "encoding": {"y": {"field": "y"}}},
        ],
    }
    report = made(week, tmp_path, lambda _: [Chart(ONE, ONE, spec, table())])
    assert report.failures == ()
    check_inert(report.html)
    assert "example.com" not in report.html
    assert report.html.count("<path") >= 1


def test_the_section_of_the_guide_works(week: Path, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
    (example,) = (block for block in re.findall(r"```python\n(.*?)```", guide, re.DOTALL) if "kefu_sections" in block)
    (tmp_path / "waits.py").write_text(example, encoding="utf-8")
    done = kefu("report", *WEEK, "--store", week, "--plugins-dir", tmp_path, "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    page = Report(done.stdout)
    told = {row[0]: row[1] for row in page.table("Waits by queue").rows[1:]}
    ours = {row[0]: row[-1] for row in page.table("By queue").rows[1:] if row[-1] != "–"}
    assert told == ours
