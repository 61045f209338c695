"""The day as tables: messages, sessions, recommendations, alerts, with the columns of the contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from shop import flow, slots
from shop.day import DAY, Bools, Day, Floats, Ints, Settings
from shop.phrases import PhraseBook
from shop.staff import Staff

SHANGHAI = timedelta(hours=8)
EVENT = np.array([flow.EVENTS.index(step.event) for step in flow.STEPS])
ROLE = np.array([flow.ROLES.index(step.role) for step in flow.STEPS])
GROUP = np.array([step.group for step in flow.STEPS])
PRIVATE = np.array([step.private for step in flow.STEPS])
AUTOMATIC = np.array([step.automatic for step in flow.STEPS])
RECOGNISED = np.array([{"hot": 1, "bot_miss": 0}.get(step.group, -1) for step in flow.STEPS])
CHANNELS = ("app", "wechat", "miniapp", "web")
CHANNEL_SHARE = (0.44, 0.24, 0.2, 0.12)
CLOSERS = ("customer", "agent", "bot", "system")
CLOSER_SHARE = {
    "none": (0.35, 0.0, 0.0, 0.65),
    "bye": (0.45, 0.40, 0.0, 0.15),
    "idle": (0.0, 0.32, 0.0, 0.68),
    "abrupt": (0.0, 1.0, 0.0, 0.0),
    "pending": (0.55, 0.0, 0.0, 0.45),
    "bye_thanks": (0.30, 0.55, 0.0, 0.15),
    "bot_ok": (0.6, 0.0, 0.25, 0.15),
}
OUTCOMES = ("adopted", "resolved", "rejected")


class Namer:
    """Ids of sessions, customers, scripts and hotspots: short for people, long and scattered like a platform's."""

    def __init__(self, settings: Settings, book: PhraseBook) -> None:
        self.settings = settings
        self.script_ids = pl.Series([f"SC{i + 1:03d}" for i in range(len(book.scripts))])
        self.hotspot_ids, self.hotspot_of = hotspot_numbers(settings, book)

    def sessions(self, day: Day) -> pl.Series:
        """One id a session, unique over all days; 20 characters long in the big data."""
        number = pl.Series(np.arange(len(day.visits.opened)))
        if self.settings.short_ids:
            return f"S{day.date:%m%d}-" + (number + 1).cast(pl.String).str.zfill(3)
        return f"S{day.date:%y%m%d}" + _scattered(number.to_numpy(), day.number)

    def customers(self, customer: Ints) -> pl.Series:
        """One id a customer."""
        if self.settings.short_ids:
            return "C" + pl.Series(customer + 1001).cast(pl.String)
        return "C" + _scattered(customer, 7_000_001)


def _scattered(numbers: Ints, salt: int) -> pl.Series:
    """Thirteen digits without visible order: multiplication by a unit modulo 10**13 keeps them distinct."""
    spread = (numbers.astype(object) * 7_368_787_369_391 + (salt + 1) * 1_234_567_891_771) % 10**13
    return pl.Series(spread.astype(np.int64)).cast(pl.String).str.zfill(13)


def hotspot_numbers(settings: Settings, book: PhraseBook) -> tuple[pl.Series, Ints]:
    """Hotspot ids, and the first hotspot of each prepared answer (-1: not a hotspot in this shop)."""
    seen: dict[int, int] = {}
    first: list[int] = []
    count = 0
    for topic, _, _ in book.hotspots:
        seen[topic] = seen.get(topic, 0) + 1
        kept = seen[topic] <= settings.hot_per_topic + (1 if book.topics[topic].weight >= 5 else 0)
        first.append(count if kept else -1)
        count += settings.hot_variants if kept else 0
    return pl.Series([f"H{i + 1:03d}" for i in range(count)]), np.array(first)


def epoch(settings: Settings) -> int:
    """Microseconds since 1970, UTC, of the first local midnight."""
    midnight = datetime.combine(settings.first_day, datetime.min.time(), tzinfo=UTC) - SHANGHAI
    return int(midnight.timestamp()) * 1_000_000


def moments(settings: Settings, at: Floats, known: Bools | None = None) -> pl.Series:
    """Times as a column: milliseconds, or whole seconds for people to read; null where not known."""
    unit = 1_000_000 if settings.whole_seconds else 1_000
    micros = np.floor(np.nan_to_num(at) * 1_000_000 / unit).astype(np.int64) * unit + epoch(settings)
    column = pl.Series(micros).cast(pl.Datetime("us", "UTC"))
    return column if known is None else _where(known, column)


def _where(known: Bools, column: pl.Series) -> pl.Series:
    return pl.select(pl.when(pl.Series(known)).then(column)).to_series()


def _pick(options: list[str | None], at: Ints) -> pl.Series:
    return pl.Series(options, dtype=pl.String).gather(pl.Series(at))


def messages(settings: Settings, staff: Staff, names: Namer, day: Day, ids: pl.Series) -> pl.DataFrame:
    """One row per message, a session's rows together and in order."""
    rng = np.random.default_rng([settings.seed, day.number, 1])
    rows, step = day.rows, day.rows.step
    logged = (day.script >= 0) & (rng.random(len(step)) < 0.67)
    typed = (day.script >= 0) & ~logged
    hotspot = _hotspot(names, day)
    sent_at = moments(settings, day.at)
    senders: list[str | None] = [*staff.ids, "bot", None]
    sender = np.where(day.agent >= 0, day.agent, np.where(ROLE[step] == 1, len(staff.ids), len(staff.ids) + 1))
    frame = pl.DataFrame(
        {
            "session_id": ids.gather(pl.Series(rows.session)),
            "sent_at": sent_at,
            "role": _pick(list(flow.ROLES), ROLE[step]),
            "text": _edited(rng, day.text, typed),
            "sender_id": _pick(senders, sender),
            "message_id": _message_ids(settings, day, sent_at),
            "seq": pl.Series(rows.seq, dtype=pl.Int32),
            "script_id": _where(logged, names.script_ids.gather(pl.Series(np.maximum(day.script, 0)))),
            "event": _pick([None, *flow.EVENTS[1:]], EVENT[step]),
            "recognised": _where(RECOGNISED[step] >= 0, pl.Series(RECOGNISED[step] == 1)),
            "hotspot_id": _where(hotspot >= 0, names.hotspot_ids.gather(pl.Series(np.maximum(hotspot, 0)))),
            "private": PRIVATE[step],
            "automatic": AUTOMATIC[step],
        }
    )
    twice = 1 + (rng.random(len(step)) < settings.duplicates).astype(np.int64)
    return frame[np.repeat(np.arange(len(step)), twice)]


def _edited(rng: np.random.Generator, text: pl.Series, typed: Bools) -> pl.Series:
    """Scripts that were sent as text: most as they stand, some with a word before or after."""
    luck = np.where(typed, rng.random(len(text)), 1.0)
    before = _pick(["亲，", "嗯嗯，", ""], np.where(luck < 0.07, 0, np.where(luck < 0.1, 1, 2)))
    statement = text.str.ends_with("。").to_numpy()
    after = _pick(["哦", "～", ""], np.where(luck < 0.03, 1, np.where((luck > 0.1) & (luck < 0.16), 0, 2)))
    changed = before + text.str.strip_chars_end("。") + after
    same = pl.Series((luck >= 0.16) | ~statement)
    return pl.select(pl.when(same).then(text).otherwise(changed)).to_series()


def _hotspot(names: Namer, day: Day) -> Ints:
    """The hotspot of each prepared answer; the variant goes by the customer, as shops prepare one per category."""
    line = day.hotspot
    first = np.where(line >= 0, names.hotspot_of[np.maximum(line, 0)], -1)
    variant = slots.below(day.visits.key, 30, names.settings.hot_variants)[day.rows.session]
    return np.where(first >= 0, first + variant, -1)


def _message_ids(settings: Settings, day: Day, sent_at: pl.Series) -> pl.Series:
    """Snowflake numbers, as many platforms use: the time in milliseconds, then a counter."""
    number = np.arange(len(day.at))
    if settings.short_ids:
        return f"M{day.date:%m%d}" + pl.Series(number + 1).cast(pl.String).str.zfill(5)
    millis = sent_at.cast(pl.Int64).to_numpy() // 1000
    return pl.Series((millis << 22) + (number & 0x3FFFFF)).cast(pl.String)


def sessions(settings: Settings, book: PhraseBook, names: Namer, day: Day, ids: pl.Series) -> pl.DataFrame:
    """One row per session, with gaps where platforms have gaps."""
    rng = np.random.default_rng([settings.seed, day.number, 2])
    n = len(ids)
    plan, visits = day.plan, day.visits
    handed, explicit = _handed_off(rng, day)
    ended = _ended(rng, day)
    pleased = rng.normal(4.35, 0.8, n) - 1.9 * plan.angry - 0.3 * (plan.ending == flow.E["pending"])
    queue = np.array([topic.queue for topic in book.topics])[visits.topic]
    customer = names.customers(visits.customer)
    human = plan.human

    def some(p: float) -> Bools:
        return rng.random(n) < p

    frame = pl.DataFrame(
        {
            "session_id": ids,
            "conversation_id": "T" + customer.str.slice(1),
            "customer_id": _where(some(0.985), customer),
            "channel": _where(some(0.97), _pick(list(CHANNELS), rng.choice(4, size=n, p=CHANNEL_SHARE))),
            "queue": _where(human | some(0.7), pl.Series(queue.tolist())),
            "scene": _where(some(0.98), _pick(["online", "technical"], (queue == "技术").astype(np.int64))),
            "topic": _pick([topic.title for topic in book.topics], visits.topic),
            "opened_at": moments(settings, visits.opened),
            "handed_off_at": moments(settings, handed, explicit),
            "closed_at": moments(settings, ended, ~np.isnan(ended)),
            "closed_by": _closed_by(rng, plan),
            "resolved": _where(some(0.75), pl.Series(rng.random(n) < np.where(plan.angry, 0.35, 0.82))),
            "csat": _where(some(0.3) & human, pl.Series(np.clip(np.rint(pleased), 1, 5).astype(np.int64))),
            "csat_max": pl.Series(np.full(n, 5)),
            "nps": _where(some(0.09), pl.Series(np.clip(np.rint(pleased * 2 + rng.normal(0, 1, n)), 0, 10).astype(int))),
            "converted": _where((queue == "售前") & some(0.9), pl.Series(rng.random(n) < 0.24)),
            "ai_assisted": _where(human, pl.Series(rng.random(n) < 0.35)),
            "hold_seconds": _where(human, pl.Series(np.where(some(0.1), rng.integers(10, 180, n), 0))),
            "wrap_up_seconds": _where(human, pl.Series(rng.integers(3, 75, n))),
        }
    )
    return frame.filter(pl.Series(~some(0.0015)))


def _handed_off(rng: np.random.Generator, day: Day) -> tuple[Floats, Bools]:
    """When each session entered a human queue, and whether the platform says so."""
    rows, plan = day.rows, day.plan
    event = EVENT[rows.step] == flow.EVENTS.index("handoff")
    at = day.visits.opened + 1.0
    at[rows.session[event]] = day.at[event]
    luck = rng.random(len(at))
    known = (plan.explicit & (luck < 0.94)) | (plan.kind == flow.KINDS.index("silent"))
    direct = (plan.kind == flow.KINDS.index("direct")) & ~plan.explicit & (luck < 0.4)
    return at, known | direct


def _ended(rng: np.random.Generator, day: Day) -> Floats:
    """Closing time: of the closing event, else some time after the last message; unknown (nan) for some."""
    rows = day.rows
    n = len(day.visits.opened)
    last = day.visits.opened + rng.uniform(20, 400, n)
    talks = rows.count > 0
    last[talks] = day.at[(rows.first + rows.count - 1)[talks]]
    closing = np.zeros(n, dtype=bool)
    event = EVENT[rows.step] == flow.EVENTS.index("closed")
    closing[rows.session[event]] = True
    last[rows.session[event]] = day.at[event]
    luck = rng.random(n)
    last = np.where(closing | ~talks, last, last + rng.uniform(0, 300, n))
    return np.where(luck < np.where(closing, 0.05, 0.4), np.nan, last)


def _closed_by(rng: np.random.Generator, plan: flow.Plan) -> pl.Series:
    edges = np.cumsum([CLOSER_SHARE[name] for name in flow.ENDINGS], axis=1)
    luck = rng.random(len(plan.ending))[:, None]
    closer = np.minimum((edges[plan.ending] <= luck).sum(axis=1), len(CLOSERS) - 1)
    return _where(rng.random(len(closer)) < 0.94, _pick(list(CLOSERS), closer))


def recommendations(settings: Settings, staff: Staff, names: Namer, day: Day, ids: pl.Series) -> pl.DataFrame:
    """Prepared answers shown to customers while the bot had them."""
    rng = np.random.default_rng([settings.seed, day.number, 3])
    answered = np.flatnonzero((GROUP[day.rows.step] == "hot") & (day.hotspot >= 0))
    answered = answered[_hotspot(names, day)[answered] >= 0]
    shown = np.repeat(answered, rng.poisson(settings.recommended / 1.3, len(answered)))
    session = day.rows.session[shown]
    number = _hotspot(names, day)[shown]
    again = np.concatenate([[False], shown[1:] == shown[:-1]])
    number = np.where(again, _neighbour(rng, names, number), number)
    appeal, worth = hotspot_quality(settings.seed, len(names.hotspot_ids))
    clicked = rng.random(len(shown)) < appeal[number]
    rated = rng.random(len(shown)) < np.where(clicked, 0.62, 0.04)
    good = clicked & (rng.random(len(shown)) < worth[number])
    outcome = np.where(good, (rng.random(len(shown)) < 0.4).astype(int), 2)
    return pl.DataFrame(
        {
            "session_id": ids.gather(pl.Series(session)),
            "hotspot_id": names.hotspot_ids.gather(pl.Series(number)),
            "shown_at": moments(settings, day.at[shown] + 0.2),
            "clicked": _where(rng.random(len(shown)) < 0.97, pl.Series(clicked)),
            "outcome": _where(rated, _pick(list(OUTCOMES), outcome)),
        }
    )


def _neighbour(rng: np.random.Generator, names: Namer, number: Ints) -> Ints:
    """A second recommendation beside the first: mostly of the same topic, whose hotspots lie side by side."""
    step = rng.integers(1, 4, len(number)) * names.settings.hot_variants
    return (number + step) % len(names.hotspot_ids)


def hotspot_quality(seed: int, count: int) -> tuple[Floats, Floats]:
    """For every hotspot, the share of customers who click and the share of those who find it good."""
    rng = np.random.default_rng([seed, 99])
    appeal = np.where(rng.random(count) < 0.12, 0.02, rng.uniform(0.4, 0.8, count))
    worth = np.where(rng.random(count) < 0.12, 0.2, rng.uniform(0.62, 0.95, count))
    return appeal, worth


def alerts(settings: Settings, day: Day, ids: pl.Series) -> pl.DataFrame:
    """Alerts of the platform's monitor: most in time, some late, some missing, some for nothing."""
    rng = np.random.default_rng([settings.seed, day.number, 4])
    n = len(ids)
    row = np.flatnonzero(GROUP[day.rows.step] == "threat")
    session = day.rows.session[row]
    luck = rng.random(len(row))
    late = np.where(luck < 0.74, rng.exponential(240, len(row)), rng.uniform(1860, 9000, len(row)))
    late = np.where(luck > 0.96, -rng.uniform(5, 60, len(row)), late)
    raised = luck < 0.86
    raised |= luck > 0.96
    false = np.flatnonzero((rng.random(n) < 0.0012 * settings.trouble) & ~day.plan.threat & (day.rows.count > 0))
    again = np.flatnonzero(raised & (rng.random(len(row)) < 0.06))
    which = np.concatenate([session[raised], session[again], false])
    at = np.concatenate([
        (day.at[row] + late)[raised],
        (day.at[row] + late + 600)[again],
        day.visits.opened[false] + rng.uniform(30, 300, len(false)),
    ])
    order = np.lexsort((which, at))
    label = pl.Series(np.arange(len(which)) + 1).cast(pl.String).str.zfill(4)
    return pl.DataFrame(
        {
            "session_id": ids.gather(pl.Series(which[order])),
            "raised_at": moments(settings, at[order]),
            "alert_id": f"AL{day.date:%y%m%d}" + label,
        }
    )


def split(frame: pl.DataFrame, settings: Settings, number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Messages of the local day, and those after its midnight, which belong into the next day's file."""
    midnight = pl.lit(epoch(settings) + int((number + 1) * DAY) * 1_000_000).cast(pl.Datetime("us", "UTC"))
    after = pl.col("sent_at") >= midnight
    return frame.filter(~after), frame.filter(after)
