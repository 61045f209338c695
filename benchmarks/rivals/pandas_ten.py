"""The ten headline metrics in pandas, as JSON.

    python benchmarks/rivals/pandas_ten.py DATA --words WORDS.txt --opinion OPINION.txt

DATA is a folder as ``generate.py big`` writes it. Whole columns throughout, no loop over rows; files are read one
by one, so that only what is needed of the text stays in memory. A row number of the ordered messages stands for a
message, -1 for none.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from matching import Words, read_list

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CUSTOMER, BOT, AGENT, SYSTEM, HANDOFF, CLOSED, OTHER = range(7)
SPEAKERS = {"customer": CUSTOMER, "bot": BOT, "agent": AGENT, "system": SYSTEM}
EVENTS = {"handoff": HANDOFF, "closed": CLOSED}
COLUMNS = ["session_id", "sent_at", "seq", "role", "event", "text", "sender_id", "message_id", "script_id"]
FLAGS = ["private", "automatic"]
NONE = -1
NEVER = np.iinfo(np.int64).min
LIMIT = 30 * 60 * 1_000_000
ZONE = "Asia/Shanghai"
FEW_CLICKS, ENOUGH_RATED, HALF = 10, 20, 0.5
Z2 = 1.959963984540054**2


def read_messages(data: Path, opinion: list[str]) -> pd.DataFrame:
    """Return all messages in file order, with text for agents only and the public-opinion flag for customers."""
    pattern = "|".join(map(re.escape, opinion))
    frames = [_read_file(path, pattern) for path in sorted((data / "messages").glob("*.parquet"))]
    return pd.concat(frames, ignore_index=True)


def _read_file(path: Path, pattern: str) -> pd.DataFrame:
    m = pd.read_parquet(path, columns=COLUMNS + FLAGS, read_dictionary=["role", "event", "sender_id"])
    m = m[~m["private"].fillna(False).astype(bool)]
    who = _codes(m["role"], SPEAKERS)
    who = np.where(m["automatic"].fillna(False).astype(bool), SYSTEM, who)
    who = np.where(m["event"].notna(), _codes(m["event"], EVENTS), who)
    customers = who == CUSTOMER
    feature = np.zeros(len(m), dtype=bool)
    feature[customers] = m.loc[customers, "text"].str.contains(pattern).fillna(False)
    return pd.DataFrame(
        {
            "session_id": m["session_id"],
            "t": _micros(m["sent_at"]),
            "seq": m["seq"].fillna(2**31 - 1).astype(np.int64),
            "who": who.astype(np.int8),
            "sender": m["sender_id"].astype("str").fillna("unknown"),
            "message_id": m["message_id"],
            "scripted": m["script_id"].notna(),
            "opinion": feature,
            "text": m["text"].where(who == AGENT),
        }
    )


def _codes(column: pd.Series, names: dict[str, int]) -> Ints:
    """Return numbers for the values of a categorical column, whatever their case."""
    categories = column.cat.categories.str.lower()
    table = np.array([names.get(name, OTHER) for name in categories] + [OTHER])
    return np.asarray(table[column.cat.codes])


def _micros(times: pd.Series) -> Ints:
    """Return UTC microseconds, ``NEVER`` where there is no time."""
    return times.dt.as_unit("us").astype("int64").to_numpy() if times.notna().all() else _gappy_micros(times)


def _gappy_micros(times: pd.Series) -> Ints:
    known = times.notna().to_numpy()
    micros = np.full(len(times), NEVER)
    micros[known] = times[known].dt.as_unit("us").astype("int64")
    return micros


def lay_out(m: pd.DataFrame) -> tuple[pd.DataFrame, pd.Index]:
    """Messages by session, in order, each once; and the ids of the sessions, by number."""
    session, ids = pd.factorize(m["session_id"])
    m = m.drop(columns="session_id").assign(session=session)
    m = m.iloc[np.argsort(session, kind="stable")].reset_index(drop=True)
    same = (m["session"] == m["session"].shift()).to_numpy()
    step, seq_step = m["t"].diff().to_numpy(), m["seq"].diff().to_numpy()
    if (same & ((step < 0) | ((step == 0) & (seq_step < 0)))).any():
        m = m.iloc[np.lexsort((m["seq"], m["t"], m["session"]))].reset_index(drop=True)
    repeated = m.duplicated(["session", "message_id"]) & m["message_id"].notna()
    return m[~repeated].drop(columns=["message_id", "seq"]).reset_index(drop=True), ids


@dataclass(frozen=True)
class Laid:
    """Ordered messages, and the rows of one kind within each session."""

    m: pd.DataFrame
    session: Ints
    t: Ints
    who: npt.NDArray[np.int8]
    size: int

    def first(self, rows: Ints) -> Ints:
        """Return the first of the rows in each session."""
        found = np.full(self.size, NONE)
        found[self.session[rows[::-1]]] = rows[::-1]
        return found

    def last(self, rows: Ints) -> Ints:
        """Return the last of the rows in each session."""
        found = np.full(self.size, NONE)
        found[self.session[rows]] = rows
        return found

    def at(self, rows: Ints) -> Ints:
        """Return the times of rows."""
        return np.where(rows == NONE, NEVER, self.t[rows])

    def by(self, *speakers: int) -> Ints:
        """Return the rows of some speakers."""
        return np.flatnonzero(np.isin(self.who, speakers))


def session_facts(laid: Laid, ids: pd.Index, table: pd.DataFrame) -> pd.DataFrame:
    """Return a row per session, by number: what its messages say and what the table says of it."""
    s = pd.DataFrame({"session_id": ids}).merge(table, on="session_id", how="left")
    opened, handed, closed = (_gappy_micros(s[name]) for name in ("opened_at", "handed_off_at", "closed_at"))
    every = np.arange(len(laid.t))
    agents = laid.by(AGENT)
    first_agent, last_agent = laid.first(agents), laid.last(agents)
    handoff, closing = laid.first(laid.by(HANDOFF)), laid.at(laid.last(laid.by(CLOSED)))
    last_at = laid.at(laid.last(every))
    opened = np.where(opened == NEVER, laid.at(laid.first(every)), opened)
    ended = np.where(closed != NEVER, closed, np.where(closing != NEVER, closing, last_at))
    human = first_agent != NONE
    bots = laid.by(BOT)
    return s.assign(
        opened=opened,
        told=handed,
        ended=np.maximum(ended, laid.at(last_agent)),
        handoff=handoff,
        first_agent=first_agent,
        human=human,
        handed_off=human | (handed != NEVER) | (handoff != NONE),
        bot=laid.first(bots) != NONE,
        opinion_at=laid.at(laid.first(np.flatnonzero(laid.m["opinion"].to_numpy()))),
        closed_by=s["closed_by"].str.lower(),
    )


def turns(laid: Laid, s: pd.DataFrame) -> tuple[Ints, int]:
    """Return the microseconds of each answered turn, and how many of them hold a customer message."""
    told, handoff = s["told"].to_numpy(), s["handoff"].to_numpy()
    explicit = (told != NEVER) | (handoff != NONE)
    h_row = np.where(told != NEVER, NONE, np.where(handoff != NONE, handoff, _from_messages(laid, s)))
    h_at = np.where(told != NEVER, told, np.where(h_row != NONE, laid.at(h_row), s["opened"].to_numpy()))
    rows = laid.by(CUSTOMER, AGENT)
    of = laid.session[rows]
    inside = np.where(h_row[of] != NONE, rows >= h_row[of], laid.t[rows] >= h_at[of]) & s["human"].to_numpy()[of]
    p = pd.DataFrame({"session": of, "t": laid.t[rows], "agent": laid.who[rows] == AGENT})[inside]
    new = p["session"] != p["session"].shift()
    begins = (new | p["agent"].shift(fill_value=True)).to_numpy()
    ends = np.append(begins[1:], True)
    head, tail = p[begins], p[ends]
    at_h = (new[begins] & explicit[head["session"]]).to_numpy()
    asked = ~head["agent"].to_numpy()
    begin = np.where(at_h, h_at[head["session"]], head["t"].to_numpy())
    answered = tail["agent"].to_numpy() & (asked | at_h)
    return (tail["t"].to_numpy() - begin)[answered], int((answered & asked).sum())


def _from_messages(laid: Laid, s: pd.DataFrame) -> Ints:
    """Return where the human phase starts without a hand-off: the first customer message between bot and agent."""
    first_agent = s["first_agent"].to_numpy()
    bots = laid.by(BOT)
    last_bot = laid.last(bots[bots < first_agent[laid.session[bots]]])
    customers = laid.by(CUSTOMER)
    of = laid.session[customers]
    between = laid.first(customers[(customers > last_bot[of]) & (customers < first_agent[of])])
    return np.where(last_bot == NONE, NONE, np.where(between == NONE, first_agent, between))


def peak_concurrency(laid: Laid, s: pd.DataFrame) -> float | None:
    """Return the mean over agents of the most services open at one instant."""
    a = laid.m.loc[laid.who == AGENT, ["session", "sender", "t"]]
    following = a["t"].shift(-1).where(a["session"] == a["session"].shift(-1))
    a = a.assign(following=following.fillna(-1))
    v = a.groupby(["session", "sender"], sort=False, observed=True).agg(begin=("t", "first"), end=("following", "last"))
    session = v.index.get_level_values("session")
    end = np.where(v["end"] < 0, s["ended"].to_numpy()[session], v["end"]).astype(np.int64)
    begin = v["begin"].to_numpy()
    sender = pd.factorize(v.index.get_level_values("sender"))[0]
    agent = np.concatenate([sender, sender])
    at = np.concatenate([begin, np.maximum(end, begin + 1_000_000)])
    delta = np.repeat([1, -1], len(v))
    order = np.lexsort((delta, at, agent))
    running = np.cumsum(delta[order])  # an agent's deltas add up to 0
    peaks = pd.Series(running).groupby(agent[order]).max()
    return float(peaks.mean()) if len(peaks) else None


def repair_rate(hotspots: pd.DataFrame, shown: pd.DataFrame, opened: Ints) -> float | None:
    """Return hotspots repaired in the period ÷ those needing repair in it."""
    days = pd.to_datetime(opened, unit="us", utc=True).tz_convert(ZONE).normalize()
    start, end = days.min(), days.max() + pd.Timedelta(days=1)
    window = end - pd.Timedelta(days=30)
    recent = shown[(shown["shown_at"] >= window) & (shown["shown_at"] < end)]
    good = recent["outcome"].isin(["adopted", "resolved"])
    counts = pd.DataFrame(
        {"clicks": recent["clicked"].fillna(False).astype(int), "n": recent["outcome"].notna(), "good": good}
    )
    h = hotspots.set_index("hotspot_id").join(counts.groupby(recent["hotspot_id"]).sum())
    earlier = h["repaired_at"].where(h["repaired_at"] < start)
    anew = earlier >= window
    since = h["published_at"].where(~(earlier > h["published_at"]), earlier)
    stale = (h["knowledge_updated_at"] > since) & (h["knowledge_updated_at"] < end)
    told = (earlier.isna() | (h["flagged_at"] > earlier)) & (h["flagged_at"] < end)
    n, p = h["n"].fillna(0), h["good"] / h["n"]
    upper = (p + Z2 / (2 * n) + np.sqrt(Z2 * (p * (1 - p) / n + Z2 / (4 * n**2)))) / (1 + Z2 / n)
    rule = ((h["clicks"].fillna(0) < FEW_CLICKS) | ((n >= ENOUGH_RATED) & (upper < HALF))) & ~anew
    needing = told | stale | rule
    flagged = pd.concat([h["flagged_at"].where(told), h["knowledge_updated_at"].where(stale)], axis=1).min(axis=1)
    repaired = (h["repaired_at"] >= start) & (h["repaired_at"] < end) & (rule | (h["repaired_at"] >= flagged))
    return share(int((needing & repaired).sum()), int(needing.sum()))


def timeliness(s: pd.DataFrame, alerts: pd.DataFrame) -> float | None:
    """Return opinion sessions with an alert in time ÷ opinion sessions."""
    angry = s[s["opinion_at"] != NEVER]
    raised = alerts.assign(raised=_gappy_micros(alerts["raised_at"])).groupby("session_id")["raised"].min()
    first = angry["session_id"].map(raised)
    return share(int((first <= angry["opinion_at"] + LIMIT).sum()), len(angry))


def share(part: float, whole: float) -> float | None:
    """Return a ratio, or nothing where there is nothing to divide by."""
    return part / whole if whole else None


def ten(data: Path, words: list[str], opinion: list[str]) -> dict[str, float | None]:
    """Compute the ten metrics over the whole folder."""
    m, ids = lay_out(read_messages(data, opinion))
    table = pd.read_parquet(
        data / "sessions", columns=["session_id", "opened_at", "handed_off_at", "closed_at", "closed_by"]
    )
    silent = table[~table["session_id"].isin(ids) & table["opened_at"].notna()]["session_id"]
    ids = ids.append(pd.Index(silent))
    laid = Laid(m, m["session"].to_numpy(), m["t"].to_numpy(), m["who"].to_numpy(), len(ids))
    s = session_facts(laid, ids, table)
    shown = pd.read_parquet(data / "recommendations", columns=["hotspot_id", "shown_at", "clicked", "outcome"])
    shown["outcome"] = shown["outcome"].str.lower()
    human, bot_only = int(s["human"].sum()), int((s["bot"] & ~s["handed_off"]).sum())
    replies, interactions = turns(laid, s)
    texts = m["text"].dropna().value_counts(sort=False)
    hits = np.dot(Words(words).count(texts.index.array.__arrow_array__()), texts.to_numpy())
    closer = s.loc[s["human"], "closed_by"].dropna()
    return {
        "script_usage_rate": share(int((m["scripted"] & (m["who"] == AGENT)).sum()), human),
        "robot_interception_rate": share(bot_only, bot_only + int(s["handed_off"].sum())),
        "hotspot_repair_rate": repair_rate(pd.read_parquet(data / "hotspots.parquet"), shown, s["opened"].to_numpy()),
        "hotspot_adoption_rate": share(int(shown["outcome"].isin(["adopted", "resolved"]).sum()), human),
        "opinion_alert_timeliness": timeliness(s, pd.read_parquet(data / "alerts")),
        "sensitive_word_rate": share(int(hits), human),
        "agent_closed_rate": share(int((closer == "agent").sum()), len(closer)),
        "reply_interval": share(int((replies // 1000).sum()) / 1000, len(replies)),
        "peak_concurrency": peak_concurrency(laid, s),
        "interactions_per_session": share(interactions, human),
    }


def main() -> None:
    """Read the arguments and print the metrics."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--opinion", type=Path, required=True)
    args = parser.parse_args()
    print(json.dumps(ten(args.data, read_list(args.words), read_list(args.opinion)), indent=1))


if __name__ == "__main__":
    main()
