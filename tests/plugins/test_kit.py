"""The kit itself: a case that is wrong in one thing fails and says in which, and no arrangement says another thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kefu.plugin import Metric, hookimpl
from kefu.testing import Case, check, load_cases, transcript
from kefu.testing.arrange import ARRANGEMENTS

GIVEN = Case(
    "ai_assist",
    "four sessions",
    {
        "messages": transcript("\n".join(f"s{n} 10:00:00 agent:a1 您好" for n in range(1, 5))),
        "sessions": [
            {"session_id": f"s{n}", "ai_assisted": n < 3, "closed_at": f"2025-06-02 10:0{n}:00"} for n in range(1, 5)
        ],
    },
    # 60 and 120 s with, 180 and 240 s without: 1 − 90 ÷ 210, and both variances are 1800
    {"compared_sessions": 2, "assisted_sessions": 2, "strata": 1, "ai_assist_gain": 4 / 7},
    by=("queue",),
    want_groups={"unknown": {"compared_sessions": 2, "assisted_sessions": 2, "strata": 1, "ai_assist_gain": 4 / 7}},
    want_coverage={"ai_assist_gain": 1.0},
    want_interval={"ai_assist_gain": (0.2668032448587346, 0.8760538979984083)},
)
WRONG: Mapping[str, tuple[dict[str, Any], str]] = {
    "a measure": ({"want": {**GIVEN.want, "strata": 2}}, "strata is 1, not 2"),
    "a value that is left out": ({"want": {"strata": 1}}, "ai_assist_gain is 0.57"),
    "a name": ({"want": {**GIVEN.want, "gain": 1}}, "gain is neither a measure nor a metric"),
    "a coverage": ({"want_coverage": {"ai_assist_gain": 0.5}}, "the coverage of ai_assist_gain is 1.0, not 0.5"),
    "a coverage that is left out": ({"want_coverage": {}}, "the coverage of ai_assist_gain is 1.0, not None"),
    "an interval": ({"want_interval": {"ai_assist_gain": (0.0, 1.0)}}, "the interval of ai_assist_gain is (0.26"),
    "an interval that is left out": ({"want_interval": {}}, "not (None, None)"),
    "an interval of no metric": ({"want_interval": {"gain": (0.0, 1.0)}}, "gain is no metric of the plugin"),
    "a group": ({"want_groups": {"售后": {}}}, "there is no group '售后', only unknown"),
    "a value of a group": ({"want_groups": {"unknown": {}}}, "group unknown: compared_sessions is 2, not None"),
    "a plugin": ({"plugin": "ai_assistant"}, "no plugin 'ai_assistant' offers a metric"),
    "a column": ({"by": ("agent_id",), "want_groups": {"a1": {"strata": 1}}}, "group a1: strata is None, not 1"),
}


def told(case: Case) -> str:
    with pytest.raises(AssertionError) as raised:
        check(case)
    return str(raised.value)


@pytest.mark.parametrize("name", WRONG)
def test_a_case_that_is_wrong_in_one_thing_says_so(name: str) -> None:
    changes, why = WRONG[name]
    assert why in told(replace(GIVEN, **changes))


def test_a_failure_of_the_plugin_is_told() -> None:
    class Failing:
        @hookimpl
        def kefu_metrics(self) -> list[Metric]:
            raise RuntimeError("out of order")

    with pytest.raises(AssertionError, match="RuntimeError: out of order"):
        check(replace(GIVEN, plugin="failing"), Failing())


def test_a_key_that_there_is_not_is_named(tmp_path: Path) -> None:
    (tmp_path / "nps.toml").write_text('[[case]]\nname = "x"\ntranscript = ""\nwants = {}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"nps, case 'x': unknown key 'wants'"):
        load_cases(tmp_path)


TABLES: Mapping[str, list[dict[str, Any]]] = {
    "messages": transcript("s1 10:00:00 customer 在吗\ns2 09:00:00 customer 在吗\ns1 10:00:09 agent:a1 在"),
    "forecasts": [
        {"date": "2025-06-03", "sessions": 1},
        {"date": "2025-06-02", "sessions": 2, "queue": "unknown"},
        {"date": "2025-06-02", "sessions": 3},
    ],
    "agent_states": [
        {"agent_id": "a1", "started_at": "2025-06-02T10:00:00", "state": "break"},
        {"agent_id": "a1", "started_at": "2025-06-02 10:00:00.0004", "state": "sick"},
        {"agent_id": "a2", "started_at": "2025-06-02 09:00:00", "state": "late"},
    ],
    "costs": [{"date": "2025-06-02", "amount": 1}, {"date": "2025-06-02", "amount": 1}],
    "staffing": [],
}


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_rows_that_tell_of_the_same_thing_keep_their_order(name: str) -> None:
    files = ARRANGEMENTS[name](TABLES)
    rows = {table: [row for part in parts for row in part] for table, parts in files.items()}
    assert [row["sessions"] for row in rows["forecasts"] if row["date"] == "2025-06-02"][-1] == 3
    assert [row["state"] for row in rows["agent_states"] if row["agent_id"] == "a1"][-1] == "sick"
    assert len(rows["costs"]) == 2
    assert files["staffing"] == [[]]
    for table, given in TABLES.items():
        assert all(row in rows[table] for row in given)


def test_arrangements_change_what_may_change() -> None:
    found = {name: arrange(TABLES) for name, arrange in ARRANGEMENTS.items()}
    agents = {
        name: [row["agent_id"] for part in files["agent_states"] for row in part] for name, files in found.items()
    }
    assert agents["reversed"] == agents["sorted by time"] == ["a2", "a1", "a1"]
    assert [len(files["messages"]) for files in found.values()] == [1, 1, 1, 1, 2, 3]
    assert [len(files["agent_states"]) for files in found.values()] == [1, 1, 1, 1, 2, 3]
    assert [len(files["forecasts"]) for files in found.values()] == [1, 1, 1, 1, 2, 3]
