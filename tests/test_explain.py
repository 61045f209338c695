"""Every number can be traced: the counts of all lines add up to the measures."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kefu.config import load_settings
from kefu.errors import ConfigError
from kefu.host import Host
from kefu.run.collect import Request
from kefu.run.engine import open_engine
from kefu.run.explain import Explainer, Explanation

SAMPLE = Path(__file__).parents[1] / "sample_sessions"
WHERES = [{}, {"agent_id": "A01"}, {"queue": "物流组"}, {"date": "2025-06-03"}, {"team": "物流组", "week": "2025-W23"}]


def every_explanation(where: dict[str, str], request: Request) -> list[Explanation]:
    found = []
    with TemporaryDirectory() as scratch:
        engine = open_engine(SAMPLE, Path(scratch), load_settings(), Host(outsiders=False))
        for metric in engine.metrics:
            try:
                found.append(Explainer(engine, metric, where, request).explain())
            except ConfigError as error:
                assert "has no value by" in str(error)  # noqa: PT017 - some metrics are not about agents
    return found


@pytest.mark.parametrize("where", WHERES, ids=str)
def test_the_counts_of_all_lines_add_up_to_the_measures(where: dict[str, str]) -> None:
    explanations = every_explanation(where, Request())
    assert len(explanations) >= 15
    for one in explanations:
        added = {name: sum(line.counts.get(name, 0) for line in one.lines) for name in one.metric.value.names}
        assert added == {name: one.value.measures[name] or 0 for name in added}, one.metric.name
        assert one.total == len(one.lines)


def test_a_period_narrows_the_lines() -> None:
    day = 20_242  # 2025-06-03
    for one in every_explanation({}, Request((), day, day)):
        added = {name: sum(line.counts.get(name, 0) for line in one.lines) for name in one.metric.value.names}
        assert added == {name: one.value.measures[name] or 0 for name in added}, one.metric.name


def test_evidence_stands_beside_what_counted() -> None:
    with TemporaryDirectory() as scratch:
        engine = open_engine(SAMPLE, Path(scratch), load_settings(), Host(outsiders=False))
        one = Explainer(engine, engine.metric("sensitive_word_rate"), {}, Request()).explain()
    with_hits = [line for line in one.lines if line.counts.get("sensitive_hits")]
    assert with_hits
    for line in with_hits:
        assert {found.role for found in line.evidence} == {"agent"}
        assert all(found.text for found in line.evidence)


def test_lines_are_paged() -> None:
    with TemporaryDirectory() as scratch:
        engine = open_engine(SAMPLE, Path(scratch), load_settings(), Host(outsiders=False))
        explainer = Explainer(engine, engine.metric("agent_closed_rate"), {}, Request())
        whole = [line.id for line in explainer.explain().lines]
        pages = [line.id for at in range(0, len(whole), 50) for line in explainer.explain(50, at).lines]
    assert pages == whole


def test_listed_words_are_marked_where_they_stand() -> None:
    with TemporaryDirectory() as scratch:
        engine = open_engine(SAMPLE, Path(scratch), load_settings(), Host(outsiders=False))
        one = Explainer(engine, engine.metric("sensitive_word_rate"), {}, Request()).explain()
        other = Explainer(engine, engine.metric("reply_interval"), {}, Request()).explain()
    evidence = [(line, found) for line in one.lines for found in line.evidence]
    assert sum(len(found.hits or ()) for _, found in evidence) == one.value.measures["sensitive_hits"]
    marked = {(hit.word, (found.text or "")[hit.start : hit.end]) for _, found in evidence for hit in found.hits or ()}
    assert ("tnnd", "TNND") in marked
    assert all(set(word) - {"…"} <= set(text.lower().replace("您", "你")) for word, text in marked)
    assert {found.hits for line in other.lines for found in line.evidence} == {None}
