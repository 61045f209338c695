"""Is what a plugin hands in what it should be? Every record is looked at before anything is built on it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import polars as pl

from kefu import hookspecs
from kefu.blocks import BLOCKS, Block, Chart, Figures, Table
from kefu.columns import Addition, PluginTable, SessionColumns, TextColumn, Window
from kefu.listings import Listing
from kefu.metric import Computed, Metric, Pairs, Quantile, RankCorrelation, Ratio, Rows, Spread
from kefu.reasons import Reason
from kefu.sections import Section

HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("kefu_"))
"""The names of all hooks."""
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
RESERVED = frozenset({"id", "left_out"})
"""What no measure can be called: the columns beside the counts in an explanation."""
_SHOWN = 80


class PluginError(Exception):
    """A plugin handed in something that does not fit; the message says what, and what would fit."""


def check_hooks(module: object) -> None:
    """Make sure that a plugin implements hooks, and none that there is not.

    :raises PluginError: it does not.
    """
    marked = [name for name in dir(module) if _is_marked(inspect.getattr_static(module, name, None))]
    there_are = f"there are {', '.join(HOOKS)}"
    for name in dir(module):
        if name in marked and name not in HOOKS:
            raise PluginError(f"{name} is no hook of kefu: {there_are}")
        if name in HOOKS and name not in marked:
            raise PluginError(f"{name} is not marked as a hook: write @hookimpl above it")
    if not marked:
        raise PluginError(f"it implements no hook of kefu: {there_are}")


def _is_marked(value: object) -> bool:
    return isinstance(getattr(value, "kefu_impl", None), dict)  # any name is there where it makes columns


def check_free(kind: str, names: Iterable[str], owners: Mapping[str, str]) -> None:
    """Make sure that nobody else has these names, and that none comes twice.

    :param owners: who has the names that are taken.
    :raises PluginError: one is taken.
    """
    seen = dict(owners)
    for name in names:
        if name in seen:
            raise PluginError(f"the {kind} name {name!r} is taken by {seen[name]!r}: choose another")
        seen[name] = "itself"


def listed(hook: str, answer: object) -> list[Any]:
    """Return what a hook gave back as a list.

    :raises PluginError: it is no list, or anything like one.
    """
    if isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable):
        raise PluginError(f"{hook} gave back {_shown(answer)}: it must give back a list")
    return [*answer]


def check_metric(metric: object) -> None:
    """Make sure that a metric is whole: every field of its type, every name known.

    :raises PluginError: it is not.
    """
    if not isinstance(metric, Metric):
        raise PluginError(f"kefu_metrics gave back {_shown(metric)} where a Metric belongs")
    problem = _misfit(metric) or _name_problem(metric) or _formula_problem(metric)
    if problem:
        raise PluginError(f"metric {_shown(metric.name)}: {problem}")


def check_addition(added: object) -> None:
    """Make sure that an addition to the facts is whole.

    :raises PluginError: it is not.
    """
    if not isinstance(added, Addition):
        raise PluginError(f"kefu_columns gave back {_shown(added)}, which is no addition to the facts")
    kind = type(added).__name__
    problem = _misfit(added)
    if problem:
        raise PluginError(f"{kind}: {problem}")
    for name in names_of(added):
        if not NAME.match(name):
            raise PluginError(f"{kind} {_shown(name)}: use lower case letters, digits and underscores in a name")


def check_listing(listing: object) -> None:
    """Make sure that a listing is whole.

    :raises PluginError: it is not.
    """
    if not isinstance(listing, Listing):
        raise PluginError(f"kefu_listings gave back {_shown(listing)} where a Listing belongs")
    _require_whole("listing", listing, (listing.name, *listing.schema, *listing.columns))


def check_reason(reason: object) -> None:
    """Make sure that a reason is whole.

    :raises PluginError: it is not.
    """
    if not isinstance(reason, Reason):
        raise PluginError(f"kefu_reasons gave back {_shown(reason)} where a Reason belongs")
    _require_whole("reason", reason, (reason.name,))


def check_section(section: object) -> None:
    """Make sure that a section is whole.

    :raises PluginError: it is not.
    """
    if not isinstance(section, Section):
        raise PluginError(f"kefu_sections gave back {_shown(section)} where a Section belongs")
    _require_whole("section", section, (section.name,))


def check_blocks(section: Section, built: object) -> list[Block]:
    """Return what a section was built as.

    :raises PluginError: it is no list of blocks, or one of them is not whole.
    """
    what = f"section {_shown(section.name)}"
    blocks = listed(what, built)
    for block in blocks:
        if not isinstance(block, BLOCKS):
            raise PluginError(f"{what}: {_shown(block)} is no block: build notes, figures, tables or charts")
        problem = _misfit(block) or next(filter(None, map(_uneven, _tables_of(block))), None)
        if problem:
            raise PluginError(f"{what}: {type(block).__name__}: {problem}")
    return blocks


def _tables_of(block: Block) -> list[Table]:
    match block:
        case Table():
            return [block]
        case Chart(table=table):
            return [table]
        case Figures(items=items):
            return [figure.chart.table for figure in items if figure.chart is not None]
        case _:
            return []


def _uneven(table: Table) -> str | None:
    wrong = next((row for row in table.rows if len(row) != len(table.columns)), None)
    return None if wrong is None else f"a row has {len(wrong)} values for {len(table.columns)} columns"


def _require_whole(kind: str, offered: Listing | Reason | Section, names: Iterable[str]) -> None:
    what = f"{kind} {_shown(offered.name)}"
    if problem := _misfit(offered):
        raise PluginError(f"{what}: {problem}")
    if not all(map(NAME.match, names)):
        raise PluginError(f"{what}: use lower case letters, digits and underscores in a name")


def names_of(added: Addition) -> tuple[str, ...]:
    """Return the names that an addition claims."""
    match added:
        case TextColumn():
            return (*added.columns,)
        case SessionColumns(adds=adds):
            return (*adds,)
        case Window(adds=adds):
            return adds
        case PluginTable(name=name, counts=counts):
            return (name, *counts)
        case _:
            return (added.name,)


def _name_problem(metric: Metric) -> str | None:
    names = [*metric.measures, *metric.over]
    wrong = [name for name in (metric.name, *names) if not NAME.match(name)]
    if wrong:
        return f"use lower case letters, digits and underscores in a name, not {_shown(wrong[0])}"
    taken = [name for name in names if name in RESERVED]
    if taken:
        return f"a measure cannot be called {taken[0]!r}"
    known = set(metric.over or metric.measures)
    unknown = sorted((set(metric.value.names) | set(metric.coverage.names if metric.coverage else ())) - known)
    return f"its formula reads {unknown[0]!r}, which is none of its measures" if unknown else None


def _formula_problem(metric: Metric) -> str | None:
    return next(_formula_problems(metric), None)


def _formula_problems(metric: Metric) -> Iterator[str]:
    if bool(metric.each) != bool(metric.over):
        yield "each and over go together: measures for each of these, then measures over them"
    for formula in (metric.value, metric.coverage):
        if isinstance(formula, Ratio | Quantile) and formula.per < 1:
            yield f"its formula divides by {formula.per}: give per a number above 0"
        if isinstance(formula, Ratio) and formula.times < 1:
            yield f"its formula multiplies by {formula.times}: give times a number above 0"
    yield from _kind_problems(metric)
    if metric.settles < 0:
        yield f"settles is {metric.settles}: give a number of days"
    if metric.band is not None and not metric.band[0] <= metric.band[1]:
        yield f"its band goes from {metric.band[0]} to {metric.band[1]}: give the lower end first"


def _kind_problems(metric: Metric) -> Iterator[str]:
    """Give what does not fit between a formula and the measures that it reads."""
    match metric.value:
        case Quantile(spread, percent):
            if metric.over or not isinstance(metric.measures[spread], Spread):
                yield f"a percentile is read from a Spread, and {spread!r} is none"
            if not 1 <= percent <= 100:  # noqa: PLR2004 - per cent
                yield f"{percent} is no percentile from 1 to 100"
        case RankCorrelation(pairs) if not isinstance(metric.over.get(pairs), Pairs):
            yield f"a rank correlation is taken of Pairs, and {pairs!r} is none"
        case Computed(rows) if not isinstance(metric.over.get(rows), Rows):
            yield f"a computed value is made of Rows, and {rows!r} is none"


def _misfit(record: Any) -> str | None:  # noqa: ANN401 - any of our dataclasses
    """Return what is wrong with the first field of a record that is not of its type."""
    hints = _hints(type(record))
    for field in fields(record):
        value, hint = getattr(record, field.name), hints[field.name]
        if not _fits(value, hint):
            wanted = f"one of {', '.join(get_args(hint))}" if get_origin(hint) is Literal else f"of type {field.type}"
            return f"{field.name} is {_shown(value)}; it must be {wanted}"
    return None


_KNOWN: dict[type, Mapping[str, Any]] = {}


def _hints(kind: type) -> Mapping[str, Any]:
    """Return the types of a record's fields, worked out once."""
    if kind not in _KNOWN:
        _KNOWN[kind] = get_type_hints(kind)
    return _KNOWN[kind]


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401 - any annotation of our dataclasses
    origin, inner = get_origin(hint), get_args(hint)
    if origin is not None:
        return _fits_generic(value, origin, inner)
    if hint is pl.DataType:
        return isinstance(value, pl.DataType) or (isinstance(value, type) and issubclass(value, pl.DataType))
    kinds = (int, float) if hint is float else hint
    if not isinstance(value, kinds) or (hint in (int, float) and isinstance(value, bool)):
        return False
    return _misfit(value) is None if is_dataclass(hint) else True


def _fits_generic(value: object, origin: object, inner: tuple[Any, ...]) -> bool:
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in inner)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(one, inner[0]) for one in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(_fits(k, inner[0]) and _fits(v, inner[1]) for k, v in value.items())
    return callable(value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
