"""What fills the slots of a session: the same order number whenever it comes up, for the same customer again.

Every value is a function of the session's ``key``, a 64-bit number. A customer who comes back keeps the key, and
with it name, order and parcel.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from shop.common import Ints, Keys, pick
from shop.phrases import HERE, SLOTS, PhraseBook

SOON_HOURS = np.array([10, 11, 12, 14, 15, 16, 17, 18, 20, 21, 22])  # the last of ``soon`` is tomorrow
AMOUNTS_BACK = ("5", "8", "10", "15", "20", "30", "50")
HOURS = ("2", "4", "12", "24", "48")


@cache
def names() -> dict[str, Any]:
    """Return the word lists for slots, as in ``names.toml``."""
    found: dict[str, Any] = tomllib.loads((HERE / "names.toml").read_text(encoding="utf-8"))
    return found


def mix(keys: Keys, salt: int) -> Keys:
    """Return SplitMix64 of key and salt: an independent random number for every salt."""
    with np.errstate(over="ignore"):
        z = keys + np.uint64((salt * 0x9E3779B97F4A7C15) % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def below(keys: Keys, salt: int, n: int) -> Ints:
    """Return a whole number in [0, n) for every key."""
    return (mix(keys, salt) % np.uint64(n)).astype(np.int64)


@dataclass(frozen=True)
class Session:
    """What the slots depend on besides the key."""

    keys: Keys
    people: Keys  # one number a customer, however often they come
    topic: Ints
    hour: Ints
    day: date


@dataclass(frozen=True)
class Filled:
    """The values of all slots, in one column, and where each kind begins in it.

    ``客服`` is looked up by agent, no slot (kind 0) at place 0, every other kind by session.
    """

    values: pl.Series
    starts: Ints

    def at(self, kind: Ints, place: Ints) -> pl.Series:
        """Return the value of a kind of slot at a place."""
        return self.values.gather(pl.Series(self.starts[kind] + place))

    def of(self, name: str, place: Ints) -> pl.Series:
        """Return the values of one slot."""
        return self.at(np.full(len(place), SLOTS.index(name)), place)


def fill(book: PhraseBook, sessions: Session, nicks: list[str]) -> Filled:
    """Return all values for a day's sessions and the shop's agents."""
    columns = _columns(book, sessions)
    columns["客服"] = pl.Series(nicks, dtype=pl.String)
    columns[""] = pl.Series([""], dtype=pl.String)
    lengths = np.array([len(columns[kind]) for kind in SLOTS])
    return Filled(pl.concat([columns[kind] for kind in SLOTS]), np.cumsum(lengths) - lengths)


def _columns(book: PhraseBook, s: Session) -> dict[str, pl.Series]:
    words = names()
    keys = s.keys
    courier = below(keys, 3, len(words["couriers"]))
    price = (below(keys, 8, 60) + 2) ** 2 % 900 + 19
    return {
        "称呼": _forms(s.people),
        "订单号": _digits("2506", mix(keys, 2), 14),
        "快递": pick(words["couriers"], courier),
        "运单号": pick(words["courier_codes"], courier) + _digits("", mix(keys, 4), 13),
        "商品": _goods(book, s),
        "尺码": pick(words["sizes"], below(keys, 6, len(words["sizes"]))),
        "颜色": pick(words["colours"], below(keys, 7, len(words["colours"]))),
        "金额": _text(price) + pick(["", "", ".9", ".5", ".8"], below(keys, 9, 5)),
        "补偿": pick(AMOUNTS_BACK, below(keys, 10, len(AMOUNTS_BACK))),
        "天数": _text(below(keys, 11, 5) + 2),
        "小时": pick(HOURS, below(keys, 12, len(HOURS))),
        "日期": _dates(s.day, below(keys, 13, 4) + 1),
        "前日": _dates(s.day, -(below(keys, 14, 5) + 1)),
        "后日": _dates(s.day, below(keys, 13, 4) + 2),
        "时间": pick(words["times"], below(keys, 15, len(words["times"]))),
        "稍后": _soon(s),
        "城市": pick(words["cities"], below(s.people, 16, len(words["cities"]))),
        "尾号": _digits("", mix(s.people, 17), 4),
        "工单号": _digits("GD", mix(keys, 18), 8),
        "人数": _text(below(keys, 19, 12) + 1),
        "工分": _text((below(keys, 20, 40) + 2) * 50),
        "体重": _text(below(s.people, 21, 70) + 90),
        "尺寸": _text(below(keys, 22, 50) + 66),
        "队列": pick([topic.queue for topic in book.topics], s.topic),
    }


def _forms(keys: Keys) -> pl.Series:
    """Return forms of address: a surname with 女士 or 先生; the commonest surnames come most often."""
    words = names()
    count = len(words["surnames"])
    where = (below(keys, 23, 10**6) / 10**6) ** 2 * count
    return pick(list(words["surnames"]), where.astype(np.int64)) + pick(words["forms"], below(keys, 24, 2))


def _goods(book: PhraseBook, s: Session) -> pl.Series:
    words = names()["goods"]
    pools = {"clothes": ["clothes"], "appliance": ["appliance"], "any": ["clothes", "other", "appliance"]}
    everything = [good for pool in words.values() for good in pool]
    starts = {"clothes": 0, "appliance": len(words["clothes"]), "other": len(words["clothes"] + words["appliance"])}
    chosen = np.zeros(len(s.keys), dtype=np.int64)
    for number, topic in enumerate(book.topics):
        of = s.topic == number
        options = np.array([starts[p] + i for p in pools[topic.goods] for i in range(len(words[p]))])
        chosen[of] = options[below(s.keys[of], 5, len(options))]
    return pick(everything, chosen)


def _soon(s: Session) -> pl.Series:
    """Return a time that is still to come: at least an hour ahead, else tomorrow."""
    earliest = np.searchsorted(SOON_HOURS, s.hour + 2)
    room = np.maximum(len(SOON_HOURS) - earliest, 1)
    return pick(names()["soon"], earliest + (mix(s.keys, 25) % room.astype(np.uint64)).astype(np.int64))


def _dates(day: date, ahead: Ints) -> pl.Series:
    low, high = int(ahead.min(initial=0)), int(ahead.max(initial=0))
    days = [day + timedelta(days=d) for d in range(low, high + 1)]
    return pick([f"{d.month}月{d.day}日" for d in days], ahead - low)


def _digits(prefix: str, numbers: Keys, width: int) -> pl.Series:
    """Return digits after a prefix, never with 12315 among them: that is the consumers' hotline."""
    digits = pl.Series(numbers % np.uint64(10**width)).cast(pl.String).str.zfill(width)
    return (prefix + digits).str.replace_all("12315", "12351", literal=True)


def _text(numbers: Ints) -> pl.Series:
    return pl.Series(numbers).cast(pl.String)
