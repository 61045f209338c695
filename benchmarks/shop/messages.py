"""The table ``messages`` of a day: one row a message, a session's rows together and in order."""

from __future__ import annotations

import numpy as np
import polars as pl

from shop import flow, slots
from shop.common import DAY, Bools, Ints, Settings, known_where, pick
from shop.day import Day
from shop.ids import Namer, epoch, moments
from shop.staff import Staff

EVENT = np.array([flow.EVENTS.index(step.event) for step in flow.STEPS])
ROLE = np.array([flow.ROLES.index(step.role) for step in flow.STEPS])
BOT = flow.ROLES.index("bot")
PRIVATE = np.array([step.private for step in flow.STEPS])
AUTOMATIC = np.array([step.automatic for step in flow.STEPS])
RECOGNISED = np.array([{"hot": 1, "bot_miss": 0}.get(step.group, -1) for step in flow.STEPS])


def messages(settings: Settings, staff: Staff, names: Namer, day: Day) -> pl.DataFrame:
    """Return the messages with all their columns; two thirds of the scripts used are logged by the platform."""
    rng = settings.random(day.number, 4)
    rows, step, script = day.rows, day.rows.step, day.words.script
    logged = (script >= 0) & (rng.random(len(step)) < 0.67)
    hotspot = hotspots(names, day)
    sent_at = moments(settings, day.at)
    senders: list[str | None] = [*staff.ids, "bot", None]
    sender = np.where(day.agent >= 0, day.agent, len(staff.ids) + (ROLE[step] != BOT))
    frame = pl.DataFrame(
        {
            "session_id": names.sessions(day).gather(pl.Series(rows.session)),
            "sent_at": sent_at,
            "role": pick(flow.ROLES, ROLE[step]),
            "text": _edited(rng, day.words.text, (script >= 0) & ~logged),
            "sender_id": pick(senders, sender),
            "message_id": names.messages(day, sent_at),
            "seq": pl.Series(rows.seq, dtype=pl.Int32),
            "script_id": known_where(logged, names.scripts.gather(pl.Series(np.maximum(script, 0)))),
            "event": pick([None, *flow.EVENTS[1:]], EVENT[step]),
            "recognised": known_where(RECOGNISED[step] >= 0, pl.Series(RECOGNISED[step] == 1)),
            "hotspot_id": known_where(hotspot >= 0, names.hotspots.gather(pl.Series(np.maximum(hotspot, 0)))),
            "private": PRIVATE[step],
            "automatic": AUTOMATIC[step],
        }
    )
    twice = 1 + (rng.random(len(step)) < settings.duplicates).astype(np.int64)
    return frame[np.repeat(np.arange(len(step)), twice)]


def hotspots(names: Namer, day: Day) -> Ints:
    """Return the hotspot of each row, -1 where it is none; the variant goes by what the customer buys."""
    line = day.words.hotspot
    first = np.where(line >= 0, names.first_hotspot[np.maximum(line, 0)], -1)
    variant = slots.below(day.visits.key, 30, names.settings.hot_variants)[day.rows.session]
    return np.where(first >= 0, first + variant, -1)


def split(frame: pl.DataFrame, settings: Settings, number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the messages of the local day from those after its midnight, which the next day's file holds."""
    midnight = pl.lit(epoch(settings) + int((number + 1) * DAY) * 1_000_000).cast(pl.Datetime("us", "UTC"))
    after = pl.col("sent_at") >= midnight
    return frame.filter(~after), frame.filter(after)


def _edited(rng: np.random.Generator, text: pl.Series, typed: Bools) -> pl.Series:
    """Return scripts that were sent as text: most as they stand, some with a word before or after."""
    luck = np.where(typed, rng.random(len(text)), 1.0)
    before = pick(["亲，", "嗯嗯，", ""], np.where(luck < 0.07, 0, np.where(luck < 0.1, 1, 2)))
    after = pick(["哦", "～", ""], np.where(luck < 0.03, 1, np.where((luck > 0.1) & (luck < 0.16), 0, 2)))
    changed = before + text.str.strip_chars_end("。") + after
    same = (luck >= 0.16) | ~text.str.ends_with("。").to_numpy()
    return pl.select(pl.when(pl.Series(same)).then(text).otherwise(changed)).to_series()
