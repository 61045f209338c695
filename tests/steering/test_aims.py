"""Settings of cards, goals and the balance: ours stay beneath what is told, and what cannot be is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.aims.balance import SideScale
from kefu.aims.house import CARDS, EFFICIENCY, PERCEPTION
from kefu.aims.scale import Scale
from kefu.config import Settings, load_settings
from kefu.context import Context
from kefu.errors import ConfigError
from kefu.host import Host
from kefu.steering.scorecards import check_direction

GOAL = """metric = "csat"
baseline = 0.7
target = 0.9
start = 2025-06-01
deadline = 2025-09-01
owner = "王"
"""


def settings(folder: Path, text: str) -> Settings:
    path = folder / "kefu.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_the_scenes_weigh_as_the_contract_says() -> None:
    names = ("first_response", "first_contact_resolution", "csat", "utilisation")
    weights = {"online": (30, 25, 20, 25), "phone": (25, 30, 25, 20), "technical": (15, 50, 20, 15)}
    cards = load_settings().scorecards
    for scene, told in weights.items():
        assert tuple(cards[scene].metrics[name].weight for name in names) == told
        assert cards[scene].where == {"scene": scene}
        assert len(cards[scene].metrics) == len(names)


def test_every_metric_of_ours_is_offered_and_rewarded_as_it_is_better() -> None:
    host = Host(outsiders=False)
    host.offer_metrics(lambda _: Context())
    known = {metric.name: metric for metric in host.metrics}
    told = load_settings()
    scales: list[tuple[str, Scale]] = [*told.balance.efficiency.items(), *told.balance.perception.items()]
    scales += [pair for card in told.scorecards.values() for pair in card.metrics.items()]
    assert len(scales) > 20
    for name, scale in scales:
        check_direction(name, known[name].better, scale, "ours")


def test_what_is_told_lies_over_ours(tmp_path: Path) -> None:
    told = settings(
        tmp_path,
        """
[scorecards.online]
least_sessions = 5
metrics = { csat = { weight = 40 }, utilisation = { weight = 0 }, reply_interval = { floor = 90, target = 30 } }
[scorecards.technical.metrics.first_response]
band = [10, 20]
limits = [0, 60]
[scorecards.phone]
off = true
[scorecards.ours]
by = "queue"
title = "我们的"
where = { channel = "app" }
metrics = { csat = { floor = 0.5, target = 0.8 } }
[balance]
threshold = 5
efficiency = { handle_time = { target = 200 }, daily_output = { floor = 0, target = 60 } }
""",
    ).scorecards
    ours = load_settings().scorecards
    assert [*told] == [*CARDS, "ours"]
    online = told["online"]
    assert (online.least_sessions, online.title, online.where) == (5, ours["online"].title, {"scene": "online"})
    assert online.metrics["csat"] == Scale(weight=40, floor=0.6, target=0.9)
    assert [*online.weighed] == ["first_response", "first_contact_resolution", "csat", "reply_interval"]
    assert told["technical"].metrics["first_response"] == Scale(weight=15, band=(10, 20), limits=(0, 60))
    assert told["phone"].off
    assert told["knowledge"] == ours["knowledge"]
    assert told["ours"].title is not None
    assert (told["ours"].title.zh, told["ours"].title.en) == ("我们的", "我们的")


def test_scales_of_the_balance_lie_over_ours(tmp_path: Path) -> None:
    text = (
        "[balance]\nthreshold = 5\nefficiency.handle_time.target = 200\nperception.nps = { floor = 0, target = 60 }\n"
    )
    told = settings(tmp_path, text).balance
    assert (told.threshold, told.boundary) == (5, 60)
    assert told.efficiency["handle_time"] == SideScale(floor=900, target=200)
    assert [*told.efficiency] == [*EFFICIENCY]
    assert [*told.perception] == [*PERCEPTION, "nps"]


def test_a_variable_can_change_one_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_SCORECARDS__ONLINE__METRICS__CSAT__WEIGHT", "50")
    told = load_settings().scorecards
    assert told["online"].metrics["csat"] == Scale(weight=50, floor=0.6, target=0.9)
    assert [*told] == [*CARDS]


def test_a_goal_is_read_as_it_is_written(tmp_path: Path) -> None:
    text = f'[goals.csat]\n{GOAL}where = {{ queue = "售后" }}\nsteps = [{{ by = 2025-07-01, value = 0.8 }}]\n'
    told = settings(tmp_path, text).goals["csat"]
    assert (told.owner, told.where, told.window_days, told.rises) == ("王", {"queue": "售后"}, 7, True)
    assert [str(date) for date, _ in told.marks] == ["2025-06-01", "2025-07-01", "2025-09-01"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[scorecards.x]\n", "scorecards.x': Value error, a card needs a metric"),
        ("[scorecards]\nonline = 3\n", "scorecards.online"),
        ("scorecards = 3\n", "scorecards"),
        ("[scorecards.online]\nmetrics = 3\n", "scorecards.online.metrics"),
        ("[scorecards.online.metrics]\ncsat = 3\n", "scorecards.online.metrics.csat"),
        ("[scorecards.online.metrics.csat]\nflor = 3\n", "flor': Extra inputs"),
        ("[scorecards.online.metrics.csat]\nweight = -1\n", "csat.weight"),
        ("[scorecards.online.metrics.csat]\nfloor = 0.9\n", "floor and target must not be equal"),
        ("[scorecards.online.metrics.nps]\nfloor = 0.9\n", "write floor and target, or band and limits"),
        ("[scorecards.online.metrics.csat]\nband = [1, 2]\n", "write floor and target, or band and limits"),
        ("[scorecards.online.metrics.csat]\nband = [1, 2]\nlimits = [1.5, 3]\n", "within the limits"),
        ("[scorecards.online.metrics.csat]\nfloor = nan\n", "csat.floor"),
        ('[scorecards.online]\nby = "scene"\n', "scene cannot be in where"),
        ('[scorecards.online]\nby = "date"\n', "scorecards.online.by"),
        ('[scorecards.online]\nwhere = { date = "x" }\n', "scorecards.online.where"),
        ("[balance.efficiency.nps]\ninstead_of = 'x'\nfloor = 0\ntarget = 1\n", "nps is instead of x"),
        ("[balance]\noccupancy_most = 0.5\n", "occupancy_most must not be below"),
        (f"[goals.g]\n{GOAL}window_days = 0\n", "goals.g.window_days"),
        (f"[goals.g]\n{GOAL.replace('0.9', '0.7')}", "must not be equal"),
        (f"[goals.g]\n{GOAL.replace('2025-09-01', '2025-06-01')}", "later than the start"),
        (f"[goals.g]\n{GOAL}steps = [{{ by = 2025-09-01, value = 0.8 }}]\n", "between start and deadline"),
        (f"[goals.g]\n{GOAL}steps = [{{ by = 2025-06-01, value = 0.8 }}]\n", "between start and deadline"),
        (f"[goals.g]\n{GOAL}steps = [{{ by = 2025-07-01, value = 0.95 }}]\n", "never back"),
        (f"[goals.g]\n{GOAL}steps = [{{ by = 2025-07-01, value = 0.6 }}]\n", "never back"),
        (f"[goals.g]\n{GOAL.replace('王', '')}", "goals.g.owner"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        settings(tmp_path, text)
    assert said in str(error.value)
