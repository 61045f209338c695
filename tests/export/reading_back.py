"""Exported files read by other means than those that wrote them."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
from prometheus_client.parser import text_string_to_metric_families

Cell = str | float | bool | None
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def from_csv(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))]


def from_csv_file(path: Path) -> list[dict[str, str]]:
    return from_csv(path.read_bytes().decode("utf-8-sig"))


def from_ndjson(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().decode().split("\n")[:-1]]


def from_parquet(path: Path) -> list[dict[str, Any]]:
    return pl.read_parquet(path).to_dicts()


def from_xlsx(path: Path) -> list[dict[str, Cell]]:
    """Return the rows of the only sheet, by its heading; fails where it holds anything but plain cells."""
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        sheet = _parsed(book.read("xl/worksheets/sheet1.xml"))
        strings = _parsed(book.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else ()
    shared = [_text(one) for one in strings]
    assert not [name for name in names if "sheet1.xml.rels" in name or "externalLink" in name or "vba" in name]
    assert {element.tag for element in sheet.iter()} <= {
        f"{MAIN}{tag}"
        for tag in (
            *("worksheet", "dimension", "sheetViews", "sheetView", "pane", "selection", "sheetFormatPr"),
            *("sheetData", "row", "c", "v", "is", "t", "pageMargins"),
        )
    }
    rows = [[*row.iter(f"{MAIN}c")] for row in sheet.iter(f"{MAIN}row")]
    lines = [{re.sub(r"\d", "", cell.attrib["r"]): _cell(cell, shared) for cell in row} for row in rows]
    heading, *rest = lines
    return [{str(name): line.get(column) for column, name in heading.items()} for line in rest]


def _parsed(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 - we wrote it


def _text(element: ET.Element) -> str:
    return "".join(part.text or "" for part in element.iter(f"{MAIN}t"))


def _cell(cell: ET.Element, shared: list[str]) -> Cell:
    kind = cell.attrib.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    text = cell.findtext(f"{MAIN}v") or ""
    if kind == "s":
        return shared[int(text)]
    assert kind in {"n", "b"}
    return bool(int(text)) if kind == "b" else float(text)


_NAME, _LABEL = r"[a-zA-Z_:][a-zA-Z0-9_:]*", r"[a-zA-Z_][a-zA-Z0-9_]*"
_TEXT = r'"(?:[^"\\\n]|\\["\\n])*"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{{_LABEL}={_TEXT}(?:,{_LABEL}={_TEXT})*\}})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\Z")
_HELP = re.compile(rf"# HELP ({_NAME}) (?:[^\\\n]|\\[\\n])*\Z")
_TYPE = re.compile(rf"# TYPE ({_NAME}) gauge\Z")


def from_prometheus(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return samples by name and labels; fails where the text is not of the exposition format 0.0.4, to the letter."""
    assert text.endswith("\n")
    about: dict[str, list[str]] = {}
    last = None
    for line in text.split("\n")[:-1]:
        found = _HELP.match(line) or _TYPE.match(line) or _SAMPLE.match(line)
        assert found is not None, line
        name = found[1]
        kind = "#" + line[2:6] if line.startswith("# ") else ""
        if kind == "#HELP":
            assert name not in about, "the lines of a metric stand together"
        assert name == last or kind == "#HELP"
        about.setdefault(name, []).append(kind)
        last = name
    for kinds in about.values():
        assert kinds[:2] == ["#HELP", "#TYPE"]
        assert {*kinds[2:]} == {""}
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    found_samples = {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}
    assert len(found_samples) == len(samples) == sum(line[:2] != "# " for line in text.split("\n")[:-1])
    return found_samples


def query(store: str, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(store)) as connection:
        return connection.execute(sql, values).fetchall()
