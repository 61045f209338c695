"""The balance of efficiency and perception as a table, JSON (``kefu.balance/1``) or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from kefu.aims.balance import BalanceSettings
from kefu.config import Settings
from kefu.metric import Title
from kefu.night.periods import Dates
from kefu.run.outcome import Failure
from kefu.show.format import MISSING
from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.scorecards import part_document, period
from kefu.show.steering_words import both, change_text, failed, heading, number, pick, points, word
from kefu.show.terminal import console
from kefu.show.words import Language, say
from kefu.steering.balance import Side, Standing, Warned

COLUMNS = (
    *("key", "sessions", "sessions_before", "efficiency", "efficiency_change"),
    *("perception", "perception_change", "quadrant", "warnings"),
)


def write_balance(
    standings: Sequence[Standing],
    dates: Dates | None,
    by: str,
    failures: Sequence[Failure],
    form: str,
    settings: Settings,
) -> None:
    """Write where agents or queues stand."""
    if form == "json":
        write_json(balance_document(standings, dates, by, failures, settings))
    elif form == "csv":
        write_csv(COLUMNS, _rows(standings))
    else:
        _print(standings, dates, by, settings.language)


def balance_document(
    standings: Sequence[Standing], dates: Dates | None, by: str, failures: Sequence[Failure], settings: Settings
) -> dict[str, Any]:
    """Return what ``kefu balance --format json`` prints."""
    told: BalanceSettings = settings.balance
    return {
        "schema": "kefu.balance/1",
        "period": period(dates, settings.timezone),
        "previous_period": period(None if dates is None else dates.before(), settings.timezone),
        "by": by,
        "boundary": told.boundary,
        "threshold": told.threshold,
        "standings": [_standing(one) for one in standings],
        "failures": failed(failures),
    }


def warning(told: Warned) -> Title:
    """Say a warning in words."""
    numbers = told.numbers
    match told.code:
        case "efficiency_over_perception":
            rise, fall = f"{numbers['efficiency']:.1f}", f"{-numbers['perception']:.1f}"
            return Title(
                zh=f"效率上升 {rise} 分，感知下降 {fall} 分",
                en=f"efficiency rose by {rise} points while perception fell by {fall}",
            )
        case "occupancy_high" | "occupancy_low":
            value, limit = f"{numbers['value']:.2%}", f"{numbers['limit']:.2%}"
            high = told.code == "occupancy_high"
            zh = f"坐席占有率 {value}，{'高' if high else '低'}于 {limit}"
            return Title(zh=zh, en=f"occupancy of {value} is {'above' if high else 'below'} {limit}")
        case "quick_but_repeated":
            fall, rise = f"{numbers['fall']:.1%}", f"{numbers['rise'] * 100:.1f}"
            return Title(
                zh=f"处理时长缩短 {fall}，重复来电率上升 {rise} 个百分点",
                en=f"handle time fell by {fall} while repeated contacts rose by {rise} pp",
            )


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "key": one.key,
        "sessions": one.sessions,
        "sessions_before": one.sessions_before,
        "few": one.few,
        "efficiency": _side(one.efficiency),
        "perception": _side(one.perception),
        "quadrant": one.quadrant,
        "warnings": [
            {"code": told.code, "message": both(warning(told)), "numbers": {**told.numbers}} for told in one.warnings
        ],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "points": number(side.points),
        "change": number(side.change),
        "parts": [part_document(part) for part in side.parts],
    }


def _rows(standings: Sequence[Standing]) -> Iterator[Sequence[object]]:
    for one in standings:
        sides = [number(some) for side in (one.efficiency, one.perception) for some in (side.points, side.change)]
        codes = " ".join(told.code for told in one.warnings)
        yield (one.key, one.sessions, one.sessions_before, *sides, one.quadrant, codes)


def _print(standings: Sequence[Standing], dates: Dates | None, by: str, language: Language) -> None:
    out = console()
    if dates is None or not standings:
        out.print(Text(word("nothing", language)))
        return
    out.print(Text(f"{say('period', language)} {dates.first} – {dates.last}", style="bold"))
    columns = (by, "sessions", "efficiency", "change", "perception", "change", "quadrant", "warnings")
    table = heading(columns, ("sessions", "efficiency", "perception"), language)
    for one in standings:
        told = [pick(warning(some), language) for some in one.warnings]
        table.add_row(
            Text(safe(one.key), style="bold"),
            Text((MISSING if one.sessions is None else f"{one.sessions:,}") + ("*" if one.few else "")),
            Text(points(one.efficiency.points), style="green"),
            change_text(one.efficiency.change),
            Text(points(one.perception.points), style="green"),
            change_text(one.perception.change),
            Text(MISSING if one.quadrant is None else word(one.quadrant, language)),
            Text("\n".join(told), style="yellow"),
        )
    out.print(table)
    if any(one.few for one in standings):
        out.print(Text(word("few", language), style="yellow"))
