"""How well outcomes are inferred: two labelled sets of session tails, one looked at while the lists were written."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from kefu.text.outcome import OutcomeReader

LABELLED = Path(__file__).parent / "labelled"
SETS = ("outcome_tune", "outcome_report")
LEAST_PRECISION = 0.85

Tail = tuple[str, list[list[str]]]


@cache
def tails(name: str) -> list[Tail]:
    """Return label and messages of each tail."""
    lines = (LABELLED / f"{name}.ndjson").read_text(encoding="utf-8").splitlines()
    return [(row["label"], row["messages"]) for row in map(json.loads, lines)]


def read(messages: pl.DataFrame) -> pl.DataFrame:
    customer = pl.col("role") == "customer"
    coded = messages.with_columns(
        outcome_remark=OutcomeReader.remarks(messages["text"]), outcome_reply=OutcomeReader.replies(messages["text"])
    )
    return OutcomeReader.infer(
        coded.with_columns(
            outcome_remark=pl.when(customer).then("outcome_remark").otherwise(0),
            outcome_reply=pl.when(customer).then(0).otherwise("outcome_reply"),
        )
    )


@cache
def found(name: str) -> list[str]:
    """Return what is inferred of each tail."""
    rows = [(number, *message) for number, (_, messages) in enumerate(tails(name)) for message in messages]
    schema = {"session": pl.UInt32(), "role": pl.String(), "text": pl.String()}
    told = dict(read(pl.DataFrame(rows, schema, orient="row")).select("session", "inferred_outcome").iter_rows())
    return [told.get(number, "unknown") for number in range(len(tails(name)))]


def rates(name: str, outcome: str) -> tuple[float, float]:
    """Return precision and recall of an outcome."""
    pairs = Counter((label, guess) for (label, _), guess in zip(tails(name), found(name), strict=True))
    right = pairs[outcome, outcome]
    guessed = sum(number for (_, guess), number in pairs.items() if guess == outcome)
    labelled = sum(number for (label, _), number in pairs.items() if label == outcome)
    return right / guessed, right / labelled


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("outcome", ["solved", "unsolved"])
def test_what_is_inferred_is_mostly_right(name: str, outcome: str) -> None:
    precision, recall = rates(name, outcome)
    print(f"{name} {outcome}: precision {precision:.3f}, recall {recall:.3f}")  # noqa: T201 - docs/outcome.md
    assert precision >= LEAST_PRECISION


@pytest.mark.parametrize("name", SETS)
def test_silence_after_an_answer_is_never_taken_for_solved(name: str) -> None:
    silent = [
        number
        for number, (label, messages) in enumerate(tails(name))
        if label == "unknown" and messages[-1][0] != "customer"
    ]
    assert len(silent) >= 30
    assert [tails(name)[number] for number in silent if found(name)[number] == "solved"] == []
