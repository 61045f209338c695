"""Precision and recall on sentences that were labelled by people who did not see the lists.

The lists may be improved with the ``tune`` sets in view; the ``report`` sets are looked at by this test only.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from lines import finder

LABELLED = Path(__file__).parent / "labelled"
TARGETS = {"sensitive": (0.98, 0.95), "opinion": (0.9, 0.9)}


def sentences(name: str) -> list[tuple[bool, str]]:
    """Read sentences and whether something is to be found in each."""
    lines = (LABELLED / name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(row[0] == "1", row[2]) for row in rows if row[0] in {"0", "1"}]


@pytest.mark.parametrize("subject", TARGETS)
@pytest.mark.parametrize("part", ["tune", "report"])
def test_precision_and_recall(subject: str, part: str) -> None:
    rows = sentences(f"{subject}_{part}.tsv")
    assert len(rows) >= 200
    found = (finder(subject).counts(pl.Series([text for _, text in rows])) > 0).to_list()
    both = sum(wanted and hit for (wanted, _), hit in zip(rows, found, strict=True))
    precision, recall = both / max(sum(found), 1), both / sum(wanted for wanted, _ in rows)
    least = TARGETS[subject]
    assert precision >= least[0], f"precision {precision:.3f}, recall {recall:.3f}"
    assert recall >= least[1], f"precision {precision:.3f}, recall {recall:.3f}"
