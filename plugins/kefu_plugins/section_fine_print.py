"""数据与口径 · The fine print: every metric, how far the data can be trusted, and what each metric means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise

from kefu.plugin import Block, Changed, Column, Metric, Note, Quantity, Reading, Section, Table, Title, hookimpl
from kefu_plugins._titles import KINDS

MOST_DATES = 5
ONE = dt.timedelta(days=1)
METRIC = Column(Title(zh="指标", en="Metric"))
BETTER = {
    "higher": Title(zh="越高越好", en="higher"),
    "lower": Title(zh="越低越好", en="lower"),
    "middle": Title(zh="适中为宜", en="middle"),
}
ROWS = ("rows", "rejected", "duplicates")


@hookimpl
def kefu_sections() -> list[Section]:
    """Offer all values, the quality of the data, and the definitions."""
    return [
        Section(
            name="every_metric",
            title=Title(zh="全部指标", en="Every metric"),
            reads=Title(
                zh="包括伴随指标；缩进的指标与其上的主指标同源。没有数据的指标不列出。",
                en="With those that stand beside another (indented). Metrics without data are left out.",
            ),
            build=every_metric,
            order=40,
        ),
        Section(
            name="data_quality",
            title=Title(zh="数据质量", en="Quality of the data"),
            reads=Title(
                zh="读了多少行、拒收多少、哪些指标缺数据、哪些日期还会变。",
                en="How many rows were read and rejected, which metrics lack data, and which dates may still change.",
            ),
            build=data_quality,
            order=90,
        ),
        Section(
            name="definitions",
            title=Title(zh="口径与来源", en="Definitions"),
            reads=Title(
                zh="每个指标怎么算、出自哪里。",
                en="How each metric is worked out, and where its definition comes from.",
            ),
            build=definitions,
            order=99,
        ),
    ]


def every_metric(reading: Reading) -> list[Block]:
    """Return a table of values for each group of metrics."""
    columns = (
        METRIC,
        Column(Title(zh="本期", en="Value"), "mixed"),
        Column(Title(zh="上期", en="Before"), "mixed"),
        Column(Title(zh="变化", en="Change"), "mixed"),
        Column(Title(zh="覆盖", en="Coverage"), "share"),
    )
    tables = []
    for kind, title in KINDS.items():
        rows = tuple(_row(metric, reading) for metric in _families(reading.metrics) if metric.group == kind)
        told = tuple(row for row in rows if any(isinstance(one, Quantity) and one.value is not None for one in row))
        if told:
            tables.append(Table(title, columns, told))
    return [*tables]


def _row(metric: Metric, reading: Reading) -> tuple[object, ...]:
    told, before = reading.value(metric.name), reading.before(metric.name)
    value, previous = (None if one is None else one.value for one in (told, before))
    return (
        _name(metric),
        Quantity(value, metric.unit),
        Quantity(previous, metric.unit),
        Changed(value, previous, metric.unit, metric.better),
        None if told is None else told.coverage,
    )


def _name(metric: Metric) -> Title:
    mark = "" if metric.companion_of is None else "· "
    return Title(zh=f"{mark}{metric.title.zh}", en=f"{mark}{metric.title.en}")


def _families(metrics: Sequence[Metric]) -> list[Metric]:
    """Return metrics with each companion after the one it stands beside."""
    place = {metric.name: number for number, metric in enumerate(metrics)}
    return sorted(metrics, key=lambda m: (place.get(m.companion_of or m.name, len(place)), place[m.name]))


def data_quality(reading: Reading) -> list[Block]:
    """Return what was read, what lacks data, what may change, and what failed."""
    return [*_warnings(reading), *_input(reading), *_coverage(reading)]


def _warnings(reading: Reading) -> Iterable[Note]:
    for plugin, error in reading.failures:
        yield Note(
            Title(
                zh=f"插件 {plugin} 未成功，其指标缺失：{error}",
                en=f"Plugin {plugin} failed, its metrics are missing: {error}",
            ),
            "error",
        )
    if reading.missing:
        told = _dates(reading.missing)
        yield Note(Title(zh=f"存储中没有这些日期：{told}", en=f"Not in the store: {told}"), "warn")
    if reading.provisional:
        told = _dates(reading.provisional)
        yield Note(
            Title(zh=f"暂定（迟到数据仍可能改变）：{told}", en=f"Provisional, late data may still change them: {told}"),
            "warn",
        )
    titles = {metric.name: metric.title for metric in reading.metrics}
    together: dict[str, list[Title]] = {}
    for name, dates in reading.unmeasured.items():
        together.setdefault(_dates(dates), []).append(titles[name])
    for told, some in together.items():
        title = Title(zh="、".join(one.zh for one in some), en=", ".join(one.en for one in some))
        yield Note(
            Title(
                zh=f"这些日期存入时还没有以下指标（{told}）：{title.zh}",
                en=f"Stored before there were these metrics ({told}): {title.en}",
            ),
            "warn",
        )


def _input(reading: Reading) -> Iterable[Table]:
    if not reading.input:
        return
    titles = (Title(zh="行", en="Rows"), Title(zh="拒收", en="Rejected"), Title(zh="重复", en="Duplicates"))
    yield Table(
        title=Title(zh="最近一次运行读到的输入", en="What the last run read"),
        columns=(Column(Title(zh="表", en="Table")), *(Column(title, "whole") for title in titles)),
        rows=tuple((name, *(counts.get(kind, 0) for kind in ROWS)) for name, counts in reading.input.items()),
        note=Title(zh="被拒的行及原因：kefu check", en="The rejected rows and why: kefu check")
        if any(counts.get("rejected") for counts in reading.input.values())
        else None,
    )


def _coverage(reading: Reading) -> Iterable[Block]:
    found = [(metric, reading.value(metric.name)) for metric in reading.metrics]
    told = [(metric, value.coverage) for metric, value in found if value is not None and value.coverage is not None]
    partly = sorted(((share, metric) for metric, share in told if share < 1), key=lambda one: (-one[0], one[1].name))
    if not partly:
        yield Note(Title(zh="所有指标都有所需的全部数据。", en="Every metric has all the data that it needs."))
        return
    some = tuple((metric.title, share) for share, metric in partly if share > 0)
    none = [metric.title for share, metric in partly if not share]
    if some:
        columns = (METRIC, Column(Title(zh="覆盖", en="Coverage"), "share"))
        yield Table(Title(zh="数据不全的指标", en="Metrics that lack some data"), columns, some)
    if none:
        yield Note(_without(none))


def _without(titles: Sequence[Title]) -> Title:
    zh, en = "、".join(one.zh for one in titles), ", ".join(one.en for one in titles)
    return Title(zh=f"没有数据的指标：{zh}", en=f"Metrics without any data: {en}")


def definitions(reading: Reading) -> list[Block]:
    """Return what each metric means, and where that comes from."""
    zh = reading.language == "zh"
    rows = tuple(
        (
            _name(metric),
            metric.title.en if zh else metric.title.zh,
            metric.reads,
            BETTER[metric.better],
            metric.source,
        )
        for metric in _families(reading.metrics)
    )
    columns = (
        METRIC,
        Column(Title(zh="英文", en="Chinese")),
        Column(Title(zh="口径", en="Formula")),
        Column(Title(zh="方向", en="Better")),
        Column(Title(zh="来源", en="Source")),
    )
    return [Table(Title(zh="口径", en="Definitions"), columns, rows)] if rows else []


def _dates(dates: Iterable[dt.date]) -> str:
    """Write dates, runs of them as a stretch."""
    known = sorted(dates)
    starts = [0, *(place for place, (a, b) in enumerate(pairwise(known), 1) if b - a != ONE), len(known)]
    runs = [known[a:b] for a, b in pairwise(starts)]
    told = [f"{run[0]}" if len(run) == 1 else f"{run[0]} – {run[-1]}" for run in runs]
    return ", ".join(told[:MOST_DATES]) + (f" … +{len(told) - MOST_DATES}" if len(told) > MOST_DATES else "")
