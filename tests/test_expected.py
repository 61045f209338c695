"""Given data with independent answers: every value equal, in total and in groups."""

from __future__ import annotations

import json

import pytest

from helpers import SHARED, groups, run, values

GROUPINGS = {"by_agent": "agent_id", "by_date": "date", "by_channel": "channel", "by_queue": "queue"}
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared data sets are not beside the repository (KEFU_SHARED_DATA names them)"
)


def close(name: str, ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return ours == pytest.approx(theirs, rel=0.01 if name.endswith(("_p50", "_p90")) else 1e-12)


@needs_shared
@pytest.mark.parametrize("name", ["awkward_1", "awkward_2", "awkward_3"])
def test_awkward_data_gives_the_expected_values(name: str) -> None:
    expected = json.loads((SHARED / name / "expected.json").read_text(encoding="utf-8"))
    outcome = run(SHARED / name)
    assert not outcome.failures
    ours = values(outcome)
    assert [key for key, value in expected["metrics"].items() if not close(key, ours[key], value)] == []


@needs_shared
@pytest.mark.parametrize("name", ["awkward_1", "awkward_2", "awkward_3"])
@pytest.mark.parametrize("grouping", GROUPINGS)
def test_awkward_data_gives_the_expected_values_in_groups(name: str, grouping: str) -> None:
    expected = json.loads((SHARED / name / "expected.json").read_text(encoding="utf-8"))[grouping]
    ours = groups(run(SHARED / name, [GROUPINGS[grouping]]))
    assert {key for (key,) in ours} == set(expected)
    wrong = [
        (group, key, ours[group,][key], value)
        for group, wanted in expected.items()
        for key, value in wanted.items()
        if not close(key, ours[group,][key], value)
    ]
    assert wrong == []


@needs_shared
def test_real_support_chat_needs_no_sessions_table() -> None:
    outcome = run(SHARED / "stripe_support", ["agent_id"])
    assert not outcome.failures
    assert outcome.whole.values["peak_concurrency"].value == 3.0
    assert outcome.whole.values["reply_interval"].measures["answered_turns"] == 160
    assert max(group["peak_concurrency"] or 0 for group in groups(outcome).values()) == 4
