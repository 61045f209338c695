"""Scorecards, goals and the balance as sections read them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import get_args

from kefu.metric import Title
from kefu.night.periods import Dates
from kefu.night.view import StoreView
from kefu.sections import Balanced, Goal, Scorecard, Scored
from kefu.show.balance import warning
from kefu.show.goals import reason, unit_of
from kefu.show.steering_words import TEXTS
from kefu.steering.balance import By, Standing, balance
from kefu.steering.goals import GoalState, goals
from kefu.steering.scorecards import Card, Line, cards


def scorecards(view: StoreView, dates: Dates) -> list[Scorecard]:
    """Return the scorecards of a period."""
    return [_card(card) for card in cards(view, dates, view.settings)]


def goals_at_end(view: StoreView, dates: Dates) -> list[Goal]:
    """Return the goals as they stand on the last date of a period."""
    return [_goal(goal) for goal in goals(view, view.settings, dates.last)]


def balanced(view: StoreView, dates: Dates, by: str) -> list[Balanced]:
    """Return where everybody stands.

    :raises ValueError: nobody is told apart so.
    """
    known = {str(one): one for one in get_args(By)}
    if by not in known:
        raise ValueError(f"there is no balance by {by!r}: ask for {', '.join(known)}")
    return [_standing(one) for one in balance(view, dates, known[by], view.settings)]


def target_of(view: StoreView, dates: Dates, metric: str) -> float | None:
    """Return what a metric should reach: by a goal of the period for the whole, else by a card for all sessions."""
    for goal in view.settings.goals.values():
        if goal.metric == metric and not goal.where and goal.start <= dates.last and dates.first <= goal.deadline:
            return goal.target
    scales = [card.weighed.get(metric) for card in view.settings.scorecards.values() if not card.off and not card.where]
    return next((scale.target for scale in scales if scale is not None and scale.target is not None), None)


def _card(card: Card) -> Scorecard:
    parts = card.lines[0].parts if card.lines else ()
    weights = {part.metric: float(part.asked) for part in parts}
    return Scorecard(card.title, card.settings.by, weights, tuple(map(_line, card.lines)), tuple(_notes(card)))


def _line(line: Line) -> Scored:
    given = {part.metric: None if part.points is None else float(part.given) for part in line.parts}
    return Scored(line.key, line.rank, line.sessions, _number(line.points), _number(line.before), given, line.unranked)


def _notes(card: Card) -> Iterator[Title]:
    for name, (why, share) in card.gone.items():
        because = why or Title(zh="", en="")
        told = TEXTS["gone"]
        yield Title(
            zh=told.zh.format(metric=_title(card, name).zh, why=because.zh, share=f"{float(share):.0%}"),
            en=told.en.format(metric=_title(card, name).en, why=because.en, share=f"{float(share):.0%}"),
        )
    for note, names in (("wider", card.wider), ("unsettled", card.unsettled)):
        for name in names:
            title, told = _title(card, name), TEXTS[note]
            yield Title(zh=told.zh.format(metric=title.zh), en=told.en.format(metric=title.en))


def _title(card: Card, name: str) -> Title:
    return card.metrics[name].title if name in card.metrics else Title(zh=name, en=name)


def _goal(goal: GoalState) -> Goal:
    told, now = goal.settings, goal.now
    return Goal(
        title=goal.title,
        metric=told.metric,
        unit=unit_of(goal),
        owner=told.owner,
        baseline=told.baseline,
        target=told.target,
        start=told.start,
        deadline=told.deadline,
        value=now.value,
        projected=_number(now.projected),
        status=TEXTS[goal.status],
        reason=reason(now, unit_of(goal)),
        days=tuple(goal.days.items()),
    )


def _standing(one: Standing) -> Balanced:
    return Balanced(
        one.key,
        one.sessions,
        _number(one.efficiency.points),
        _number(one.efficiency.change),
        _number(one.perception.points),
        _number(one.perception.change),
        None if one.quadrant is None else TEXTS[one.quadrant],
        tuple(map(warning, one.warnings)),
    )


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
