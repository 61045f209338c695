"""机器人智能拦截率 · Robot interception: sessions that the bot finished, of those it could have.

A hand-off counts against the bot even if the customer gave up in the queue. *Effective* leaves out sessions that
did not help: known to be unresolved, or the same customer stood in a human queue within a day.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from kefu.plugin import (
    Addition,
    Context,
    Count,
    Evidence,
    Metric,
    Ratio,
    Sum,
    Title,
    Total,
    Window,
    col,
    hookimpl,
)
from kefu_plugins._sources import TEN_METRICS


@hookimpl
def kefu_columns(context: Context) -> list[Addition]:
    """Find out which bot sessions were followed by a hand-off of the same customer."""
    build = partial(with_comeback, hours=context.thresholds.return_hours)
    return [Window(("came_back",), ("bot_only", "handed_off", "resolved"), build)]


@hookimpl
def kefu_metrics(context: Context) -> list[Metric]:
    """Offer ``robot_interception_rate``, ``effective_interception_rate`` and ``bot_unrecognised_rate``."""
    bot, handed_off = Count(col("bot_only")), Count(col("handed_off"))
    hours = context.thresholds.return_hours
    interception = Metric(
        name="robot_interception_rate",
        title=Title(zh="机器人智能拦截率", en="Robot interception rate"),
        on="sessions",
        measures={"bot_sessions": bot, "handed_off_sessions": handed_off},
        value=Ratio("bot_sessions", Total("bot_sessions", "handed_off_sessions")),
        unit="ratio",
        better="higher",
        group="intelligence",
        source=TEN_METRICS,
        reads=Title(
            zh="机器人会话 ÷（机器人会话 + 转人工会话）",
            en="bot sessions ÷ (bot sessions + handed-off sessions)",
        ),
        left_out={
            Title(zh="既无机器人消息也未转人工", en="no bot message and no hand-off"): ~col("bot_only")
            & ~col("handed_off"),
        },
        evidence=(
            Evidence(col("event") == "handoff", Title(zh="转人工", en="handed off")),
            Evidence(
                (col("role") == "agent") & (col("nth_of_role") == 1), Title(zh="首条人工消息", en="first agent message")
            ),
            Evidence(
                col("bot_only") & (col("role") == "bot") & (col("nth_of_role") == 1),
                Title(zh="由机器人应答", en="answered by the bot"),
            ),
        ),
    )
    unsolved = ~col("resolved").fill_null(value=True)
    known = Count(col("bot_only") & col("customer_id").is_not_null())
    return [
        interception,
        interception.companion(
            "effective_interception_rate",
            Title(zh="有效拦截率", en="Effective interception rate"),
            measures={
                "effective_bot_sessions": Count(col("bot_only") & ~unsolved & ~col("came_back")),
                "bot_sessions": bot,
                "handed_off_sessions": handed_off,
                "customer_known": known,
            },
            value=Ratio("effective_bot_sessions", Total("bot_sessions", "handed_off_sessions")),
            coverage=Ratio("customer_known", "bot_sessions"),
            reads=Title(
                zh=f"未记为未解决、且客户其后 {hours} 小时内未再开启转人工会话的机器人会话 "
                "÷（机器人会话 + 转人工会话）",
                en="bot sessions not known to be unresolved, without a handed-off session that the customer opened "
                f"in the next {hours} h ÷ (bot sessions + handed-off sessions)",
            ),
        ),
        interception.companion(
            "bot_unrecognised_rate",
            Title(zh="机器人未识别率", en="Bot unrecognised rate"),
            measures={
                "unrecognised": Sum(col("bot_unrecognised")),
                "recognition_known": Sum(col("bot_recognition_known")),
                "bot_messages": Sum(col("bot_messages")),
            },
            value=Ratio("unrecognised", "recognition_known"),
            coverage=Ratio("recognition_known", "bot_messages"),
            reads=Title(
                zh="未识别客户问题的机器人消息 ÷ 识别与否已知的机器人消息",
                en="bot messages that did not understand ÷ bot messages where it is known",
            ),
            better="lower",
            left_out={
                Title(zh="识别与否未知", en="recognition unknown"): (col("bot_messages") > 0)
                & (col("bot_recognition_known") == 0),
            },
            evidence=(
                Evidence((col("role") == "bot") & ~col("recognised"), Title(zh="机器人未识别", en="not understood")),
            ),
        ),
    ]


def with_comeback(sessions: pl.DataFrame, *, hours: int) -> pl.DataFrame:
    """Add ``came_back``: the customer opened a session that was handed off, later and at most ``hours`` after.

    In: ``customer``, ``opened_at``, ``bot_only``, ``handed_off``. False for a session without a customer.
    """
    window = pl.duration(hours=hours)
    asked = sessions.with_row_index("row").filter(col("bot_only") & col("customer").is_not_null())
    asked = asked.select("row", "customer", "opened_at").sort("opened_at")
    handed = sessions.filter(col("handed_off") & col("customer").is_not_null())
    handed = handed.select("customer", "opened_at", next_at="opened_at").sort("opened_at")
    found = asked.join_asof(
        handed, on="opened_at", by="customer", strategy="forward", allow_exact_matches=False, check_sortedness=False
    ).filter(col("next_at") - col("opened_at") <= window)
    came_back = pl.select(pl.repeat(False, len(sessions))).to_series()
    return sessions.with_columns(came_back.scatter(found["row"], True).alias("came_back"))
