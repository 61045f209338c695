"""The page on scorecards, goals and balance says what our settings are, and its examples can be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from kefu.aims.balance import SideScale
from kefu.aims.scale import Scale
from kefu.config import load_settings
from kefu.errors import ConfigError

PAGE = (Path(__file__).parents[2] / "docs" / "steering.md").read_text(encoding="utf-8")
RANKS = {"agent_id": "agents", "team": "teams", "whole": "the whole, with a trend"}


def table(name: str) -> list[list[str]]:
    """Return the cells of a table between two marks, without its heading."""
    (text,) = re.findall(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", PAGE, re.DOTALL)
    return [line.strip("| ").split(" | ") for line in text.strip().splitlines()[2:]]


def span(scale: Scale) -> str:
    if scale.band is None or scale.limits is None:
        return f"{scale.floor:g} → {scale.target:g}"
    return f"{scale.band[0]:g}–{scale.band[1]:g} ({scale.limits[0]:g}–{scale.limits[1]:g})"


def side(scales: Iterable[tuple[str, SideScale]]) -> str:
    text = ""
    for name, scale in scales:
        between = ", else " if scale.instead_of else " · " if text else ""
        text += f"{between}`{name}`: {span(scale)}"
    return text


def test_our_cards_are_on_the_page() -> None:
    found = []
    for name, card in load_settings().scorecards.items():
        who = RANKS[card.by] + "".join(f", {place} `{value}`" for place, value in card.where.items())
        metrics = " · ".join(f"`{metric}` {scale.weight:g}: {span(scale)}" for metric, scale in card.metrics.items())
        assert card.title is not None
        found.append([f"`{name}`", card.title.zh, who, metrics])
    assert table("cards") == found


def test_our_sides_are_on_the_page() -> None:
    told = load_settings().balance
    assert [row[2] for row in table("balance")] == [side(told.efficiency.items()), side(told.perception.items())]


def test_numbers_of_the_balance_are_on_the_page() -> None:
    told = load_settings().balance
    for text in (f"{told.boundary:g}", f"more than {told.threshold:g} points", "`least_sessions` human sessions (20)"):
        assert text in PAGE
    assert f"above {told.occupancy_most:.2f}, below {told.occupancy_least:.2f}" in PAGE
    assert f"fell by {told.handle_time_fall * 100:g} %" in PAGE
    assert f"rose by {told.repeat_rise * 100:g} percentage point" in PAGE
    assert told.least_sessions == load_settings().scorecards["online"].least_sessions == 20


def test_the_examples_of_the_page_are_read(tmp_path: Path) -> None:
    path = tmp_path / "kefu.toml"
    path.write_text("\n".join(re.findall(r"~~~toml\n(.*?)~~~", PAGE, re.DOTALL)), encoding="utf-8")
    told = load_settings(path)
    assert told.scorecards["online"].metrics["csat"] == Scale(weight=30, floor=0.6, target=0.95)
    assert "utilisation" not in told.scorecards["online"].weighed
    assert told.scorecards["phone"].off
    assert [*told.scorecards["shop"].metrics] == ["csat", "peak_concurrency"]
    assert [step.value for step in told.goals["replies"].steps] == [45]
    path.write_text(path.read_text(encoding="utf-8").replace("weight", "wieght"), encoding="utf-8")
    with pytest.raises(ConfigError, match="wieght"):
        load_settings(path)
