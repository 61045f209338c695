"""说了什么 · What was said: sensitive words in their sentences, abrupt closings, public-opinion events with delays."""

from __future__ import annotations

import datetime as dt
from functools import partial

import polars as pl

from kefu.plugin import Block, Column, Context, Note, Reading, Section, Table, Title, col, hookimpl
from kefu_plugins._quotes import MOST, hits_of, more, quoted

MOST_WORDS = 10
SENTENCE = Column(Title(zh="原话（已脱敏）", en="What was said (masked)"))
SESSION = Column(Title(zh="会话", en="Session"))
TIME = Column(Title(zh="时间", en="Time"), "moment")
KEPT = Title(
    zh="存储每天为每项最多保留 200 个会话的原话。",
    en="The store keeps the words of at most 200 sessions a day and metric.",
)


@hookimpl
def kefu_sections(context: Context) -> list[Section]:
    """Offer the sections about sensitive words, abrupt closings and public opinion."""
    limit = dt.timedelta(minutes=context.thresholds.opinion_alert_minutes)
    return [
        Section(
            name="sensitive_sentences",
            title=Title(zh="敏感词原句", en="Sensitive words"),
            reads=Title(
                zh="客服说过的敏感词，严重的在前；号码与邮箱已脱敏。",
                en="Sensitive words that agents used, the worst first; numbers and addresses are masked.",
            ),
            build=sensitive_sentences,
            order=50,
        ),
        Section(
            name="abrupt_closings",
            title=Title(zh="突兀关闭", en="Abrupt closings"),
            reads=Title(
                zh="客户说了最后一句，客服没有回复就关闭了会话。",
                en="The customer spoke last, and the agent closed the session without an answer.",
            ),
            build=abrupt_closings,
            order=52,
        ),
        Section(
            name="opinion_events",
            title=Title(zh="舆情事件", en="Public-opinion events"),
            reads=Title(
                zh="从首次出现舆情特征到首次预警隔了多久；最慢的和漏报的在前。",
                en="How long it took from the first feature to the first alert: none at all first, then the slowest.",
            ),
            build=partial(opinion_events, limit=limit),
            order=54,
        ),
    ]


def sensitive_sentences(reading: Reading) -> list[Block]:
    """Return the words, and the sentences in which agents said them."""
    found = reading.evidence("sensitive_word_rate").drop_nulls("text")
    hits = hits_of(found)
    if hits.is_empty():
        return []
    words = (
        hits.group_by("word", "category", "severity")
        .agg(n=pl.len(), sessions=col("session_id").n_unique())
        .sort("severity", "n", "word", descending=[True, True, False])
    )
    worst = col("hits").list.eval(pl.element().struct.field("severity")).list.max()
    told = found.with_columns(worst=worst).sort("worst", "sent_at", "session_id", descending=[True, False, False])
    rows = tuple(
        (quoted(text, marks), session, at)
        for text, marks, session, at in told.head(MOST).select("text", "hits", "session_id", "sent_at").iter_rows()
    )
    return [
        Table(
            title=Title(zh="出现最多的敏感词", en="The words"),
            columns=(
                Column(Title(zh="敏感词", en="Word")),
                Column(Title(zh="类别", en="Category")),
                Column(Title(zh="严重度", en="Severity"), "whole"),
                Column(Title(zh="次数", en="Times"), "whole"),
                Column(Title(zh="会话", en="Sessions"), "whole"),
            ),
            rows=tuple(words.head(MOST_WORDS).iter_rows()),
        ),
        Table(
            title=Title(zh="原句", en="In their sentences"),
            columns=(SENTENCE, SESSION, TIME),
            rows=rows,
            note=more(len(rows), len(told), "sensitive_word_rate"),
        ),
        Note(KEPT),
    ]


def abrupt_closings(reading: Reading) -> list[Block]:
    """Return the last words of customers whose session an agent closed without an answer, the latest first."""
    found = reading.evidence("abrupt_close_rate").drop_nulls("text")
    if found.is_empty():
        return []
    told = found.sort("sent_at", "session_id", descending=[True, False])
    rows = tuple(
        (quoted(text, None), session, at)
        for text, session, at in told.head(MOST).select("text", "session_id", "sent_at").iter_rows()
    )
    title = Title(zh="客户的最后一句话", en="The customers' last words")
    return [Table(title, (SENTENCE, SESSION, TIME), rows, more(len(rows), len(told), "abrupt_close_rate"))]


def opinion_events(reading: Reading, limit: dt.timedelta) -> list[Block]:
    """Return the sessions with a public-opinion feature, and when there was an alert."""
    found = reading.evidence("opinion_alert_timeliness")
    features = (
        found.drop_nulls("role").sort("sent_at", "message_id").group_by("session_id", maintain_order=True).first()
    )
    alerts = found.filter(col("role").is_null()).group_by("session_id").agg(alerted_at=col("sent_at").min())
    if features.is_empty():
        return []
    delay = (col("alerted_at") - col("sent_at")).dt.total_milliseconds().clip(lower_bound=0) / 1000
    told = features.join(alerts, on="session_id", how="left").with_columns(delay=delay)
    told = told.sort("delay", "sent_at", "session_id", descending=[True, False, False], nulls_last=False)
    rows = tuple(
        (quoted(text, hits), session, at, wait, _verdict(wait, limit))
        for text, hits, session, at, wait in told.head(MOST)
        .select("text", "hits", "session_id", "sent_at", "delay")
        .iter_rows()
    )
    columns = (
        SENTENCE,
        SESSION,
        Column(Title(zh="首次出现", en="First feature"), "moment"),
        Column(Title(zh="预警延迟", en="Delay"), "seconds"),
        Column(Title(zh="结果", en="Outcome")),
    )
    note = more(len(rows), len(told), "opinion_alert_timeliness")
    return [Table(Title(zh="舆情会话", en="Sessions"), columns, rows, note)]


def _verdict(delay: float | None, limit: dt.timedelta) -> Title:
    if delay is None:
        return Title(zh="✗ 漏报", en="✗ missed")
    if delay <= limit.total_seconds():
        return Title(zh="✓ 及时", en="✓ in time")
    return Title(zh="! 超时", en="! late")
