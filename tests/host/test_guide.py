"""The plugin guide says what there is: hooks, names, fields, and the columns of every fact table."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import polars as pl
import pytest

from kefu import plugin
from kefu.columns import Addition
from kefu.config import load_settings
from kefu.context import Context
from kefu.host import Host
from kefu.listings import Listed, Listing
from kefu.metric import Evidence, Formula, Measure, Metric, Pairs
from kefu.offers import HOOKS
from kefu.run.check import TOLD
from kefu.run.collect import Request
from kefu.run.derive import FACT_COLUMNS
from kefu.run.engine import open_engine
from kefu.run.evidence import told_of
from kefu.run.plan import Plan
from kefu.tables import TABLES

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
KINDS = {
    "text": (pl.String, pl.Enum),
    "flag": (pl.Boolean,),
    "time": (pl.Datetime,),
    "date": (pl.Date,),
    "count": (pl.Int32, pl.Int64),
    "milliseconds": (pl.Int64,),
    "number": (pl.UInt32, pl.UInt64, pl.Int64),
}

RECORDS = [kind for union in (Measure, Formula, Addition) for kind in get_args(union)] + [Pairs, Evidence, Listed]


@pytest.fixture(scope="module")
def facts() -> dict[str, pl.DataFrame]:
    """Return the fact tables that the engine really has, without any plugin."""
    with TemporaryDirectory() as scratch:
        host = Host(builtins=False, outsiders=False)
        engine = open_engine(ROOT / "sample_sessions", Path(scratch), load_settings(), host)
        laid, found = next(engine.facts(Plan(), everything=True))
        told = told_of(laid, found, pl.Series([0], dtype=pl.UInt32))
        days = engine.collector(Plan(), Request()).empty_agent_days()
        return {**found, "agent_days": days, "messages": laid.messages, "told": told}


def section(heading: str) -> str:
    """Return the text under a heading."""
    found = re.search(rf"^### {re.escape(heading)}$(.*?)(?=^##|\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, f"the guide has no section {heading}"
    return found[1]


def columns(text: str) -> dict[str, str]:
    """Return the columns of a table in the guide, each with its kind."""
    rows = re.findall(r"^\| (`.+?`) \| (\w+) \| \S.* \|$", text, re.MULTILINE)
    return {name: kind for names, kind in rows for name in re.findall(r"`(\w+)`", names)}


def unlike(documented: dict[str, str], rows: pl.DataFrame) -> list[str]:
    """Return the columns whose kind is not what the guide says."""
    return [name for name, kind in documented.items() if not isinstance(rows.schema[name], KINDS[kind])]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented(hook: str) -> None:
    assert f"`{hook}(context" in section(f"`{hook}`")


@pytest.mark.parametrize("name", plugin.__all__)
def test_everything_that_plugins_import_is_documented(name: str) -> None:
    assert re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", GUIDE)


@pytest.mark.parametrize("kind", [Metric, Context, Listing], ids=lambda kind: kind.__name__)
def test_every_field_is_documented(kind: type) -> None:
    rows = re.findall(r"^\| (`.+?`) \|", GUIDE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)(?:\(\w*\))?`", row)}
    assert {field.name for field in fields(kind)} <= named


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_every_record_is_documented_with_its_arguments(kind: type) -> None:
    shown = re.findall(rf"`{kind.__name__}\((.*?)\)`", GUIDE)
    named = [[argument.partition("=")[0] for argument in one.split(", ")] for one in shown]
    assert [field.name for field in fields(kind)] in named


@pytest.mark.parametrize("table", ["services", "turns", "agent_days"])
def test_the_columns_of_a_fact_table_are_those_of_the_guide(table: str, facts: dict[str, pl.DataFrame]) -> None:
    documented = columns(section(f"`{table}`"))
    assert documented.keys() == set(facts[table].columns)
    assert unlike(documented, facts[table]) == []


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("`sessions`", "sessions"),
        ("`recommendations` and `alerts`", "recommendations"),
        ("`recommendations` and `alerts`", "alerts"),
    ],
)
def test_an_input_tables_columns_and_those_of_the_guide_are_all(
    heading: str, table: str, facts: dict[str, pl.DataFrame]
) -> None:
    documented = columns(section(heading))
    assert documented.keys() | set(TABLES[table].names) == set(facts[table].columns)
    assert unlike(documented, facts[table]) == []


def test_what_evidence_can_read_is_what_the_guide_says(facts: dict[str, pl.DataFrame]) -> None:
    documented = columns(section("`messages`"))
    assert documented.keys() == TOLD.keys()
    assert unlike(documented, facts["told"]) == []
    assert documented.keys() | set(facts["messages"].columns) == set(facts["told"].columns)
    assert {name: facts["told"].schema[name].is_integer() for name in TOLD} == {
        name: kind.is_integer() for name, kind in TOLD.items()
    }


def test_no_plugin_can_take_a_name_that_is_there(facts: dict[str, pl.DataFrame]) -> None:
    assert {name for rows in facts.values() for name in rows.columns} <= FACT_COLUMNS


def test_links_to_tables_lead_to_their_headings() -> None:
    tables = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\(tables\.md#(\w+)\)", GUIDE)
    assert set(linked) == {"messages", "sessions", "recommendations", "alerts"}
    assert all(f"\n## `{name}`\n" in tables for name in linked)
