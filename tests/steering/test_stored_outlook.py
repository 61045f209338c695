"""The outlook from a store: which periods count, what their values are, and what the command prints."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result
from stored_weeks import AGENTS, DAILY, MONDAY, fill, host, seconds

from kefu.cli.outlook import command
from kefu.config import OutlookSettings, load_settings
from kefu.errors import ConfigError
from kefu.night.periods import Dates
from kefu.night.view import StoreView
from kefu.steering.calendar import PeriodKind, number_of
from kefu.steering.coaching import coaching
from kefu.steering.outlook import outlook
from kefu.store import open_store

WEDNESDAY = MONDAY + dt.timedelta(9 * 7 + 2)
"""The last date: after nine whole weeks, three days of the tenth."""
REPLY = OutlookSettings(metrics=("reply_interval",))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store that begins on a Saturday."""
    found = f"sqlite:///{tmp_path_factory.mktemp('outlook') / 'kefu.db'}"
    with open_store(found) as store:
        fill(store, MONDAY - dt.timedelta(2), WEDNESDAY)
    return found


@contextmanager
def view_of(url: str) -> Iterator[StoreView]:
    with TemporaryDirectory() as scratch, open_store(url, create=False) as store:
        yield StoreView(store, load_settings(), host(), Path(scratch))


def test_only_whole_weeks_count_and_their_values_are_those_of_the_sessions(url: str) -> None:
    with view_of(url) as view:
        found = outlook(view, REPLY)
    assert found.begun == Dates(MONDAY - dt.timedelta(7), MONDAY - dt.timedelta(1))
    assert found.unfinished == Dates(MONDAY + dt.timedelta(63), MONDAY + dt.timedelta(69))
    told = {(agent, period): (value, weight) for _, agent, period, value, weight in found.rows.iter_rows()}
    start = number_of(MONDAY, "week")
    assert told == {
        (name, start + week): (seconds(agent, week), 7 * DAILY)
        for agent, name in enumerate(AGENTS)
        for week in range(9)
    }
    (verdict,) = found.verdicts
    assert found.label(verdict.period) == "2025-W19"
    assert verdict.period == found.upto == start + 9
    assert [(one.agent_id, one.last) for one in found.forecasts] == [
        (name, seconds(agent, 8)) for agent, name in enumerate(AGENTS)
    ]


def test_the_store_up_to_a_date_says_what_it_said_then(url: str, tmp_path: Path) -> None:
    sunday = MONDAY + dt.timedelta(55)
    then = f"sqlite:///{tmp_path / 'then.db'}"
    with open_store(then) as store:
        fill(store, MONDAY - dt.timedelta(2), sunday)
    with view_of(url) as view, view_of(then) as before:
        now, was = outlook(view, REPLY, sunday), outlook(before, REPLY)
        assert coaching(view, REPLY, now) == coaching(before, REPLY, was)
    assert now.unfinished is None
    assert (now.predicted, now.upto, now.begun) == (was.predicted, was.upto, was.begun)
    assert now.rows.equals(was.rows)


def test_values_that_later_sessions_may_change_do_not_count_yet(url: str) -> None:
    with view_of(url) as view:
        found = outlook(view, OutlookSettings(metrics=("reply_interval", "first_contact_resolution")))
        usual = outlook(view, OutlookSettings())
    newest = dict(found.rows.group_by("metric").max().select("metric", "period").rows())
    assert newest["reply_interval"] - newest["first_contact_resolution"] == 1  # three days of seven are over
    assert {one.metric: one.period for one in found.verdicts} == {name: last + 1 for name, last in newest.items()}
    assert [metric.name for metric in usual.metrics] == [
        "reply_interval",
        "first_response",
        "first_contact_resolution",
        "agent_closed_rate",
    ]


def test_the_agent_who_closes_everything_leads_the_coaching_list(url: str) -> None:
    with view_of(url) as view:
        advice = coaching(view, OutlookSettings(metrics=("reply_interval", "agent_closed_rate")))
    told = {one.agent_id: {point.metric: point for point in one.points} for one in advice}
    closing = told["a1"]["agent_closed_rate"]
    assert advice[0].agent_id == "a1"
    assert (closing.value, closing.aim, closing.gap, closing.weight) == (1.0, 0.0, 1.0, 4 * 7 * DAILY)
    assert closing.trend == "steady"
    slow = told["a5"]["reply_interval"]
    weeks = range(5, 9)
    assert slow.value == pytest.approx(sum(seconds(4, week) for week in weeks) / 4)
    assert slow.aim == pytest.approx(sum(seconds(2, week) for week in weeks) / 4)
    assert slow.forecast is not None
    assert slow.forecast.agent_id == "a5"


@pytest.mark.parametrize(("kind", "columns", "said"), [("day", 52, None), ("month", 2, "too_few_periods")])
def test_periods_may_be_days_or_months(url: str, kind: PeriodKind, columns: int, said: str | None) -> None:
    with view_of(url) as view:
        found = outlook(view, OutlookSettings(metrics=("reply_interval",), period=kind, least_weight=2))
    assert found.rows["period"].n_unique() == columns
    assert found.verdicts[0].said == said or said is None
    assert found.label(found.verdicts[0].period) == {"day": "2025-05-08", "month": "2025-05"}[kind]


def test_a_store_without_a_whole_period_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'few.db'}"
    with open_store(url) as store:
        fill(store, MONDAY, MONDAY + dt.timedelta(4))
    with view_of(url) as view:
        found = outlook(view, REPLY)
        assert (found.metrics, found.forecasts, found.begun) == ((), (), None)
        assert found.unfinished == Dates(MONDAY, MONDAY + dt.timedelta(6))
        assert outlook(view, REPLY, MONDAY - dt.timedelta(1)).upto is None
        assert coaching(view, REPLY) == []


def test_a_metric_that_there_is_not_is_said(url: str) -> None:
    with view_of(url) as view, pytest.raises(ConfigError, match="reply_intervall"):
        outlook(view, OutlookSettings(metrics=("reply_intervall",)))


def run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["--store", url, *arguments])


def test_json_has_verdicts_forecasts_and_the_coaching_list(url: str) -> None:
    done = run(url, "reply_interval", "agent_closed_rate", "--format", "json")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert document["schema"] == "kefu.outlook/1"
    assert document["next"] == "2025-W19"
    assert document["unfinished"] == {"from": "2025-05-05", "to": "2025-05-11"}
    assert [one["name"] for one in document["metrics"]] == ["reply_interval", "agent_closed_rate"]
    for verdict in document["metrics"]:
        assert verdict["better_than_naive"] == (verdict["verdict"] == "better") == (verdict["model"] != "naive")
        assert verdict["forecasts"] == 25
    assert [(one["metric"], one["agent_id"]) for one in document["forecasts"]] == [
        (metric, agent) for metric in ("reply_interval", "agent_closed_rate") for agent in AGENTS
    ]
    assert document["coaching"][0]["agent_id"] == "a1"
    assert document["coaching"][0]["points"][0]["forecast"]["last"] == 1.0
    assert run(url, "reply_interval", "agent_closed_rate", "--format", "json").stdout == done.stdout


def test_the_table_says_what_no_model_improves_and_which_days_do_not_count(url: str) -> None:
    done = run(url, "agent_closed_rate", "--lang", "en")
    assert done.exit_code == 0
    assert "2025-05-05 – 2025-05-11 is not over yet" in done.stdout
    assert "no: no better than “same as last”" in done.stdout
    assert "a1" in done.stdout[done.stdout.index("Coaching list") :]
    assert "否" in run(url, "agent_closed_rate", "--lang", "zh").stdout


def test_csv_has_a_line_for_each_agent(url: str) -> None:
    lines = [*csv.DictReader(io.StringIO(run(url, "reply_interval", "--period", "month", "--format", "csv").stdout))]
    assert [(one["agent_id"], one["period"], one["low"], one["model"]) for one in lines] == [
        (agent, "2025-05", "", "naive") for agent in AGENTS
    ]
    lines = [*csv.DictReader(io.StringIO(run(url, "reply_interval", "--format", "csv").stdout))]
    assert [one["agent_id"] for one in lines] == [*AGENTS]
    assert all(float(one["low"]) <= float(one["value"]) <= float(one["high"]) for one in lines)
