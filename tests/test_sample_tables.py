"""The sample's tables about the people who serve agree with its transcripts, and with one another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_sessions"
TIMES = ("sent_at", "opened_at", "closed_at", "started_at", "ended_at", "starts_at", "ends_at")
MONDAY = datetime(2025, 6, 2)
DATES = [date(2025, 6, 2) + timedelta(days=n) for n in range(7)]
AGENTS = [f"A0{n}" for n in range(1, 10)]
AT_WORK = {"available", "handling", "wrap_up"}
ACTIVITIES = {"work", "break", "training", "meeting", "leave"}
STATES = {*AT_WORK, "break", "training", "meeting", "sick", "late", "offline"}
MINUTES = 8 * 24 * 60


@cache
def table(name: str) -> pl.DataFrame:
    """Read a table; a time that cannot be read fails."""
    frame = pl.read_csv(SAMPLE / f"{name}.csv", infer_schema=False)
    times = [column for column in frame.columns if column in TIMES]
    return frame.with_columns(pl.col(times).str.to_datetime("%Y-%m-%d %H:%M:%S"))


def agent_messages() -> pl.DataFrame:
    """Return what agents said to customers, in order."""
    mine = (pl.col("role") == "agent") & pl.col("private").is_null() & pl.col("automatic").is_null()
    order = [pl.col("session_id"), pl.col("sent_at"), pl.col("seq").cast(pl.Int64)]
    return table("messages").filter(mine).sort(order, maintain_order=True)


def services() -> list[tuple[str, datetime, datetime]]:
    """Return agent, begin and end of every service: to the next agent's first message, else to the session's end."""
    closing = {}
    for session, sent_at, private in table("messages").select("session_id", "sent_at", "private").iter_rows():
        if private is None:
            closing[session] = max(sent_at, closing.get(session, sent_at))
    told = table("sessions").filter(pl.col("closed_at").is_not_null())
    closed = table("messages").filter(pl.col("event") == "closed")
    closing.update(closed.select("session_id", "sent_at").iter_rows())
    closing.update(told.select("session_id", "closed_at").iter_rows())
    said = defaultdict(list)
    for session, agent, sent_at in agent_messages().select("session_id", "sender_id", "sent_at").iter_rows():
        said[session].append((agent, sent_at))
    found = []
    for session, lines in said.items():
        for agent in dict(lines):
            places = [place for place, (speaker, _) in enumerate(lines) if speaker == agent]
            after = lines[places[-1] + 1 :]
            end = after[0][1] if after else max(closing[session], lines[-1][1])
            found.append((agent, lines[places[0]][1], end))
    return found


def spans(name: str, start: str, end: str, what: str) -> dict[str, list[tuple[datetime, datetime, str]]]:
    """Return each agent's rows of a table, by time."""
    found = defaultdict(list)
    for row in table(name).sort("agent_id", start).iter_rows(named=True):
        found[row["agent_id"]].append((row[start], row[end], row[what]))
    return found


def states() -> dict[str, list[tuple[datetime, datetime, str]]]:
    return spans("agent_states", "started_at", "ended_at", "state")


def shifts() -> dict[str, list[tuple[datetime, datetime, str]]]:
    return spans("shifts", "starts_at", "ends_at", "activity")


def by_minute(rows: list[tuple[datetime, datetime, str]]) -> list[str]:
    """Return what counts at the beginning of every minute: of rows that overlap, the one that began last."""
    found = [""] * MINUTES
    for start, end, what in rows:
        first, last = (-(-(at - MONDAY) // timedelta(minutes=1)) for at in (start, end))
        found[first:last] = [what] * (min(last, MINUTES) - first)
    return found


def test_every_row_is_taken() -> None:
    env = {**os.environ, "KEFU_STORE": "none"}
    command = [sys.executable, "-m", "kefu", "check", "sample_sessions", "--lang", "en"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stdout
    for name in ("agent_states", "shifts", "reviews", "costs", "forecasts", "staffing"):
        line = next(line for line in done.stdout.splitlines() if line.startswith(f"{name}.csv"))
        assert f"{table(name).height:,} rows" in line
        assert line.endswith(" 0 rejected")


def test_handling_covers_every_service() -> None:
    handling = {agent: [row[:2] for row in rows if row[2] == "handling"] for agent, rows in states().items()}
    found = services()
    assert len(found) > 250
    for agent, begin, end in found:
        covered = sum((max(min(end, e) - max(begin, b), timedelta()) for b, e in handling[agent]), timedelta())
        assert covered == end - begin, (agent, begin)


def test_states_follow_one_another() -> None:
    found = states()
    assert sorted(found) == AGENTS
    for agent, rows in found.items():
        assert {state for _, _, state in rows} <= STATES
        assert all(start < end for start, end, _ in rows), agent
        assert all(end <= start for (_, end, _), (start, _, _) in pairwise(rows)), agent
        assert min(end - start for start, end, state in rows if state == "available") >= timedelta(seconds=20)


def test_shifts_hold_the_breaks() -> None:
    found = shifts()
    assert sorted(found) == AGENTS
    for agent, rows in found.items():
        assert {activity for _, _, activity in rows} <= ACTIVITIES
        work = [row[:2] for row in rows if row[2] in ("work", "leave")]
        assert all(end <= start for (_, end), (start, _) in pairwise(work)), agent
        laid = [row for row in rows if row[2] not in ("work", "leave")]
        assert laid
        for start, end, activity in laid:
            assert any(begin < start and end < finish for begin, finish in work), (agent, start, activity)


def test_the_week_has_what_weeks_have() -> None:
    rows = [(agent, *row) for agent, mine in shifts().items() for row in mine]
    schooled = [agent for agent, _, _, activity in rows if activity in ("training", "meeting")]
    assert sorted(schooled) == AGENTS
    assert [activity for *_, activity in rows].count("leave") == 1
    assert any(start.hour >= 22 and end.date() > start.date() for _, start, end, _ in rows)
    seen = [state for mine in states().values() for *_, state in mine]
    assert (seen.count("sick"), seen.count("late")) == (1, 1)


@pytest.mark.parametrize("agent", AGENTS)
def test_agents_are_as_busy_and_as_punctual_as_people_are(agent: str) -> None:
    did, should = by_minute(states()[agent]), by_minute(shifts()[agent])
    busy = sum(state in ("handling", "wrap_up") for state in did)
    assert 0.6 < busy / sum(state in AT_WORK for state in did) < 0.92
    work = [state for state, activity in zip(did, should, strict=True) if activity == "work" and state != "sick"]
    assert 0.85 < sum(state in AT_WORK for state in work) / len(work) < 0.98
    unplanned = sum(bool(state) and not activity for state, activity in zip(did, should, strict=True))
    assert unplanned < 0.02 * len(work)


def test_nobody_works_on_leave() -> None:
    on_leave = [(agent, row) for agent, rows in shifts().items() for row in rows if row[2] == "leave"]
    for agent, (start, end, _) in on_leave:
        assert not any(begin < end and start < finish for begin, finish, _ in states()[agent])


def test_reviews_are_of_sessions_that_the_agent_served() -> None:
    served = set(agent_messages().select("session_id", "sender_id").iter_rows())
    rows = table("reviews").with_columns(pl.col("score", "fatal_errors", "nonfatal_errors").cast(pl.Int64))
    assert set(rows.select("session_id", "agent_id").iter_rows()) <= served
    assert 0.05 < rows.height / len({session for session, _ in served}) < 0.12
    assert rows["score"].is_between(55, 100).all()
    assert 1 <= (rows["fatal_errors"] > 0).sum() <= rows.height // 4
    assert (rows.filter(pl.col("fatal_errors") > 0)["score"] <= 70).all()
    assert (rows["nonfatal_errors"] > 0).any()


@pytest.mark.parametrize("name", ["costs", "forecasts"])
def test_every_queue_has_its_row_on_every_date(name: str) -> None:
    queues = table("sessions")["queue"].drop_nulls().unique()
    rows = table(name).select(pl.col("date").str.to_date(), "queue")
    assert sorted(rows.iter_rows()) == sorted((day, queue) for day in DATES for queue in queues)


def test_costs_follow_the_sessions_that_people_served() -> None:
    human = agent_messages()["session_id"].n_unique()
    amounts = [float(amount) for amount in table("costs")["amount"]]
    assert min(amounts) > 0
    assert 5 < sum(amounts) / human < 30


def test_forecasts_are_near_and_not_quite_right() -> None:
    came = table("sessions").group_by(date=pl.col("opened_at").dt.date(), queue="queue").agg(came=pl.len())
    told = table("forecasts").select(pl.col("date").str.to_date(), "queue", told=pl.col("sessions").cast(pl.Int64))
    both = told.join(came, on=["date", "queue"], how="left").with_columns(pl.col("came").fill_null(0))
    pairs = [*both.select("told", "came").iter_rows()]
    assert all(abs(told - came) <= came * 0.2 + 1 for told, came in pairs)
    assert 0.05 < sum(abs(told - came) for told, came in pairs) / sum(came for _, came in pairs) < 0.2


def test_staffing_is_of_teams_of_the_week() -> None:
    rows = table("staffing").with_columns(pl.col("date").str.to_date(), pl.col("requested", "hired").cast(pl.Int64))
    assert rows.height in (2, 3)
    assert set(rows["team"]) <= set(table("agents")["team"].drop_nulls())
    assert set(rows["date"]) <= set(DATES)
    assert (rows["hired"] <= rows["requested"]).all()
    assert (rows["hired"] > 0).any()
    assert (rows["hired"] < rows["requested"]).any()
