"""How a session goes: blocks of steps, chosen for a day's sessions at once.

A *step* is one message to be written: who speaks, from which group, after what kind of delay. A *block* is a
short run of steps that belong together (the agent asks for the order number, the customer gives it). A session
is a row of blocks; ``plan`` draws the rows and ``unfold`` turns them into steps, one row per message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shop.common import Bools, Ints

ROLES = ("customer", "bot", "agent", "system")
EVENTS = ("", "handoff", "agent_joined", "agent_left", "closed")
# Median and spread (log) of each delay in seconds, with its limits.
DELAYS: dict[str, tuple[float, float, float, float]] = {
    "bot": (1.4, 0.3, 0.6, 4.0),
    "system": (0.5, 0.4, 0.1, 2.0),
    "customer": (21.0, 0.85, 2.0, 420.0),
    "more": (7.0, 0.6, 1.5, 40.0),
    "wait": (9.0, 0.9, 1.0, 240.0),
    "greet": (7.0, 0.7, 1.5, 60.0),
    "agent": (27.0, 0.75, 3.0, 900.0),
    "lookup": (62.0, 0.6, 12.0, 1200.0),
    "agent_more": (9.0, 0.5, 2.0, 45.0),
    "idle": (170.0, 0.25, 90.0, 400.0),
    "close": (35.0, 0.9, 3.0, 300.0),
    "abrupt": (12.0, 0.7, 2.0, 60.0),
    "patience": (95.0, 0.6, 15.0, 600.0),
}
DELAY_NAMES = tuple(DELAYS)


@dataclass(frozen=True)
class Step:
    """One message to be written."""

    role: str
    group: str
    delay: str
    event: str = ""
    private: bool = False
    automatic: bool = False
    advance: bool = False  # from here on, the session is with the next agent


def _customer(group: str, delay: str = "customer") -> Step:
    return Step("customer", group, delay)


def _agent(group: str, delay: str = "agent") -> Step:
    return Step("agent", group, delay)


ASK_PAIR = _customer("pair_question")
ANSWER_PAIR = _agent("pair_answer")
GREET = _agent("greet", "greet")
JOINED = Step("system", "joined", "wait", event="agent_joined", advance=True)
BLOCKS: dict[str, tuple[Step, ...]] = {
    "": (),
    "bot_hello": (Step("bot", "bot_hello", "system"),),
    "customer_hello": (_customer("customer_hello", "more"),),
    "ask": (_customer("ask"),),
    "hot": (Step("bot", "hot", "bot"),),
    "again_hot": (_customer("again"), Step("bot", "hot", "bot")),
    "again_miss": (_customer("again"), Step("bot", "bot_miss", "bot")),
    "miss": (Step("bot", "bot_miss", "bot"),),
    "bot_ok": (_customer("bot_thanks"), Step("bot", "bot_bye", "bot")),
    "bot_ack": (_customer("bot_thanks"),),
    "want": (_customer("want_human"), Step("bot", "bot_handoff", "bot")),
    "want_only": (_customer("want_human"),),
    "handoff": (Step("system", "handoff", "system", event="handoff"),),
    "queue_nudge": (_customer("queue_nudge"),),
    "queue_bot": (Step("bot", "bot_queue", "customer"),),
    "quit": (_customer("quit_queue"),),
    "join": (JOINED, GREET),
    "join_silent": (Step("agent", "greet", "wait", advance=True),),
    "restate": (_customer("restate"),),
    "order": (_agent("ask_order"), _customer("give_order")),
    "lookup": (_agent("wait", "agent_more"), _agent("find", "lookup")),
    "lookup_push": (_agent("wait", "agent_more"), _customer("customer_push"), _agent("find", "lookup")),
    "lookup_order": (_agent("wait_order", "agent_more"), _agent("find", "lookup")),
    "find": (_agent("find", "lookup"),),
    "pair": (ASK_PAIR, ANSWER_PAIR),
    "pair_nudge": (ASK_PAIR, _customer("customer_push", "more"), ANSWER_PAIR),
    "pair_extra": (ASK_PAIR, ANSWER_PAIR, _agent("extra", "agent_more")),
    "pair_ok": (ASK_PAIR, ANSWER_PAIR, _customer("customer_ok")),
    "ok": (_customer("customer_ok"),),
    "angry": (_customer("angry"), _agent("soothe")),
    "threat": (_customer("angry"), _customer("threat", "more"), _agent("soothe"), _agent("offer", "lookup")),
    "rude": (_customer("customer_push"), _agent("rude"), _customer("hurt")),
    "late": (_agent("extra", "close"),),
    "note": (Step("agent", "note", "agent_more", private=True),),
    "campaign": (Step("agent", "campaign", "more", automatic=True),),
    "transfer": (
        _agent("transfer_say"),
        Step("system", "left", "more", event="agent_left"),
        JOINED,
        _agent("greet_again", "greet"),
    ),
    "bye": (_customer("thanks"), _agent("closing")),
    "bye_thanks": (_customer("thanks"),),
    "idle": (
        Step("agent", "idle", "idle", automatic=True),
        _agent("closing_no_answer", "idle"),
    ),
    "pending": (_customer("after_all"),),
    "survey": (Step("agent", "survey", "system", automatic=True),),
    "closed": (Step("system", "closed", "close", event="closed"),),
    "closed_queue": (Step("system", "closed", "patience", event="closed"),),
    "closed_abrupt": (Step("system", "closed", "abrupt", event="closed"),),
}
BLOCK_NAMES = tuple(BLOCKS)
B = {name: number for number, name in enumerate(BLOCK_NAMES)}
STEPS = tuple(step for block in BLOCKS.values() for step in block)
BLOCK_LENGTH = np.array([len(block) for block in BLOCKS.values()], dtype=np.int64)
BLOCK_START = np.cumsum(BLOCK_LENGTH) - BLOCK_LENGTH
PAIR_BLOCK = np.array([name.startswith("pair") for name in BLOCK_NAMES])
HOT_BLOCK = np.array([any(step.group == "hot" for step in block) for block in BLOCKS.values()])

KINDS = ("bot", "bot_human", "direct", "bot_abandoned", "abandoned", "silent")
KIND_SHARE = (0.52, 0.29, 0.135, 0.035, 0.015, 0.005)


@dataclass(frozen=True)
class Plan:
    """A day's sessions: the kind of each, its blocks, and what a table of sessions wants to know of them."""

    kind: Ints
    blocks: Ints
    human: Bools
    explicit: Bools
    threat: Bools
    angry: Bools
    ending: Ints


ENDINGS = ("none", "bye", "idle", "abrupt", "pending", "bye_thanks", "bot_ok")
E = {name: number for number, name in enumerate(ENDINGS)}


@dataclass(frozen=True)
class Drawn:
    """What is known of a day's sessions before they go any way.

    :param about_order: sessions about an order, whose number the agent will want.
    :param grave: sessions in which money or a parcel is at stake, so that a customer may lose patience.
    :param returned: sessions of a customer whom the bot, or an agent, did not help yesterday: they ask for a person.
    :param trouble: multiplies the share of angry customers and rude agents; a small sample wants more of both.
    """

    about_order: Bools
    grave: Bools
    returned: Bools
    trouble: float


Add = Callable[..., None]


def plan(rng: np.random.Generator, drawn: Drawn) -> Plan:
    """Draw the blocks of a day's sessions."""
    n = len(drawn.returned)
    kind = rng.choice(len(KINDS), size=n, p=KIND_SHARE)
    kind = np.where(drawn.returned & (kind == 0), 1, kind)
    bot = (kind == 0) | (kind == 1) | (kind == 3)
    human = (kind == 1) | (kind == 2)
    queued = (kind >= 1) & (kind <= 4)
    columns: list[Ints] = []

    def share(p: float) -> Bools:
        return rng.random(n) < p

    def add(where: Bools, *choices: tuple[str, float]) -> None:
        """Append a column: where the mask holds, one of the blocks with its share, else nothing."""
        edges = np.cumsum([p for _, p in choices])
        at = np.searchsorted(edges, rng.random(n), side="right")
        codes = np.array([B[name] for name, _ in choices] + [0], dtype=np.int64)
        columns.append(np.where(where, codes[at], 0))

    talks = kind != KINDS.index("silent")
    add(bot, ("bot_hello", 0.85))
    add(talks, ("customer_hello", 0.22))
    add(talks, ("ask", 1.0))
    add(bot, ("hot", 0.78), ("miss", 0.20))
    add(bot, ("again_hot", 0.42), ("again_miss", 0.24))
    add(bot, ("again_hot", 0.10), ("again_miss", 0.08))
    angry = human & drawn.grave & share(0.085 * drawn.trouble)
    threat = angry & share(0.32)
    ending = _endings(rng, kind, human, angry)
    add(ending == E["bot_ok"], ("bot_ok", 0.7), ("bot_ack", 0.3))
    add(bot & queued, ("want", 0.8), ("want_only", 0.15))
    explicit = queued & share(0.88)
    add(explicit, ("handoff", 1.0))
    add(queued, ("queue_nudge", 0.16), ("queue_bot", 0.10))
    add(queued & ~human, ("quit", 0.45))
    add(human, ("join", 0.84), ("join_silent", 0.16))
    add(human & (kind == 1), ("restate", 0.45))
    add(human & drawn.returned, ("restate", 0.5))
    add(human & drawn.about_order, ("order", 0.74))
    add(human & drawn.about_order, ("lookup_order", 0.45), ("lookup", 0.15), ("lookup_push", 0.12), ("find", 0.2))
    add(human & ~drawn.about_order, ("lookup", 0.25), ("find", 0.7))
    _middle(add, human, angry, threat, human & share(0.085), drawn.trouble)
    add(human & (ending == E["bye"]), ("bye", 1.0))
    add(human & (ending == E["bye_thanks"]), ("bye_thanks", 1.0))
    add(human & (ending == E["idle"]), ("idle", 1.0))
    add(human & ((ending == E["abrupt"]) | (ending == E["pending"])), ("pending", 1.0))
    add(human & (ending != E["none"]), ("survey", 0.45))
    add(human & (ending == E["abrupt"]), ("closed_abrupt", 1.0))
    add(queued & ~human, ("closed_queue", 0.9))
    add((human | (kind == 0)) & (ending != E["abrupt"]), ("closed", 0.82))
    add(human, ("note", 0.02), ("late", 0.004))
    return Plan(kind, np.stack(columns, axis=1), human, explicit, threat, angry, ending)


def _endings(rng: np.random.Generator, kind: Ints, human: Bools, angry: Bools) -> Ints:
    names = ("bye", "idle", "bye_thanks", "pending", "abrupt", "none")
    codes = np.array([E[name] for name in names])
    drawn = codes[rng.choice(len(names), size=len(kind), p=(0.60, 0.15, 0.08, 0.08, 0.04, 0.05))]
    sour = codes[rng.choice(len(names), size=len(kind), p=(0.12, 0.24, 0.0, 0.24, 0.10, 0.30))]
    drawn = np.where(angry, sour, drawn)
    bot = np.where(rng.random(len(kind)) < 0.62, E["bot_ok"], E["none"])
    return np.where(human, drawn, np.where(kind == 0, bot, E["none"]))


def _middle(add: Add, human: Bools, angry: Bools, threat: Bools, moved: Bools, trouble: float) -> None:
    """Add the body of a service: questions and answers, with what goes wrong in between."""
    plain = (("pair", 0.42), ("pair_ok", 0.22), ("pair_extra", 0.22), ("pair_nudge", 0.08))
    add(human, *plain)
    add(human, ("rude", 0.0065 * trouble), ("note", 0.05), ("campaign", 0.01), ("ok", 0.10))
    add(human & ~angry, *[(name, share * 0.62) for name, share in plain])
    add(threat, ("threat", 1.0))
    add(angry & ~threat, ("angry", 1.0))
    add(moved, ("transfer", 1.0))
    add(moved, *plain)
    add(human & ~moved, *[(name, share * 0.4) for name, share in plain])
    add(human, *[(name, share * 0.2) for name, share in plain])
    add(moved, ("transfer", 0.06), ("pair", 0.14))


@dataclass(frozen=True)
class Rows:
    """One row per message: its session, step and what the choice of words needs."""

    session: Ints
    step: Ints
    block: Ints  # number of the block within the day, so that a pair finds its other half
    pair: Ints  # how many pairs the session had before
    hot: Ints  # how many prepared answers the session had before
    phase: Ints  # 0 before the first agent, then 1 for the first, 2 for the second …
    seq: Ints
    first: Ints  # first row of each session, by session
    count: Ints  # rows of each session


def unfold(plan: Plan) -> Rows:
    """Turn blocks into steps, in order."""
    n, width = plan.blocks.shape
    flat = plan.blocks.ravel()
    lengths = BLOCK_LENGTH[flat]
    total = int(lengths.sum())
    block = np.repeat(np.arange(n * width), lengths)
    within = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    step = BLOCK_START[flat[block]] + within
    session = block // width
    count = np.bincount(session, minlength=n)
    first = np.cumsum(count) - count
    pair = (np.cumsum(PAIR_BLOCK[plan.blocks], axis=1) - 1).ravel()[block]
    hot = (np.cumsum(HOT_BLOCK[plan.blocks], axis=1) - 1).ravel()[block]
    advance = np.array([s.advance for s in STEPS], dtype=np.int64)[step]
    running = np.cumsum(advance)
    before = np.concatenate([[0], running])[first]
    phase = running - before[session]
    seq = np.arange(total) - first[session]
    return Rows(session, step, block, pair, hot, phase, seq, first, count)
