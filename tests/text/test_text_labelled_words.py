"""Precision and recall on sentences that were labelled by people who did not see the lists.

The lists were improved with the ``tune`` sets and ``report`` in view; only this test looks at ``report_2`` and
``report_3``. What is asserted are floors that must not be lost; docs/figures.md says how far they are from what we
want.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from labelled.expand import ordinary
from lines import finder

LABELLED = Path(__file__).parent / "labelled"
FLOORS = {
    ("sensitive", "tune"): (0.98, 0.95),
    ("sensitive", "tune_2"): (0.98, 0.95),
    ("sensitive", "tune_3"): (0.98, 0.97),
    ("sensitive", "tune_4"): (0.98, 0.94),
    ("sensitive", "report"): (0.98, 0.95),
    ("sensitive", "report_2"): (0.96, 0.93),
    ("sensitive", "report_3"): (0.98, 0.91),
    ("opinion", "tune"): (0.98, 0.95),
    ("opinion", "tune_2"): (0.96, 0.95),
    ("opinion", "tune_3"): (0.96, 0.95),
    ("opinion", "report"): (0.90, 0.78),
    ("opinion", "report_2"): (0.89, 0.88),
}


def sentences(name: str) -> list[tuple[bool, str]]:
    """Read sentences and whether something is to be found in each."""
    lines = (LABELLED / name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(row[0] == "1", row[2]) for row in rows if row[0] in {"0", "1"}]


@pytest.mark.parametrize(("subject", "part"), FLOORS)
def test_precision_and_recall(subject: str, part: str) -> None:
    rows = sentences(f"{subject}_{part}.tsv")
    assert len(rows) >= 200
    found = (finder(subject).counts(pl.Series([text for _, text in rows])) > 0).to_list()
    both = sum(wanted and hit for (wanted, _), hit in zip(rows, found, strict=True))
    precision, recall = both / max(sum(found), 1), both / sum(wanted for wanted, _ in rows)
    least = FLOORS[subject, part]
    assert precision >= least[0], f"precision {precision:.3f}, recall {recall:.3f}"
    assert recall >= least[1], f"precision {precision:.3f}, recall {recall:.3f}"


def test_ordinary_talk_of_agents_has_no_more_than_two_hits_in_ten_thousand() -> None:
    messages = ordinary(LABELLED / "ordinary_agent.txt", 20_000)
    hits = finder("sensitive").counts(pl.Series(messages)) > 0
    assert len(messages) > 19_000
    assert hits.sum() * 10_000 <= 2 * len(messages)
