"""Script use on labelled messages: how many uses are found, and how much is taken for a use that is none."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from kefu.text import ScriptLibrary

LABELLED = Path(__file__).parent / "labelled"
BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "scripts.py"


@cache
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scripts_benchmark", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def judged(name: str, size: int) -> pl.DataFrame:
    """Return the labelled messages, with the script of each and the one found in a library of a size."""
    lines = (LABELLED / name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    frame = pl.DataFrame(rows, schema=["label", "kind", "text"], orient="row")
    library = ScriptLibrary(benchmark().library(size))
    return frame.with_columns(label=pl.when(pl.col("label") != "").then("label"), found=library.match(frame["text"]))


def figures(name: str, size: int) -> tuple[float, float, float]:
    """Return recall, the share of false positives, and the share of uses found that are of the right script."""
    frame = judged(name, size)
    uses, others = frame.filter(pl.col("label").is_not_null()), frame.filter(pl.col("label").is_null())
    right = uses.filter(pl.col("label") == pl.col("found")).height
    return right / uses.height, others["found"].count() / others.height, right / uses["found"].count()


FILES = ["scripts_tune.tsv", "scripts_report.tsv"]


@pytest.mark.parametrize("name", FILES)
def test_a_library_of_a_thousand(name: str) -> None:
    recall, false, right = figures(name, 1_000)
    assert recall >= 0.95
    assert false <= 0.01
    assert right >= 0.99


@pytest.mark.parametrize("name", FILES)
def test_a_library_of_ten_thousand(name: str) -> None:
    recall, false, right = figures(name, 10_000)
    assert recall >= 0.88
    assert false <= 0.02
    assert right >= 0.99


@pytest.mark.parametrize("name", FILES)
def test_a_script_as_it_is_written_is_always_found(name: str) -> None:
    sure = judged(name, 1_000).filter(pl.col("kind").is_in(["exact", "punctuation", "full_width", "traditional"]))
    assert sure.height >= 50
    assert sure.filter(pl.col("label") != pl.col("found"))["text"].to_list() == []


@pytest.mark.parametrize("name", FILES)
def test_there_are_hard_negatives(name: str) -> None:
    kinds = set(judged(name, 1_000).filter(pl.col("label").is_null())["kind"])
    assert {"number", "polarity", "shared_frame", "short"} <= kinds
