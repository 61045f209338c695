"""首次解决率 · First contact resolution: solved in one contact, by one agent at most.

A contact counts as solved if nothing says that it was not, one agent at most served it, and the customer did not come
back within 7 days (about the same topic, where both have one). Later contacts change it, so the value of a date is
provisional until the 7 days are over.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from kefu.plugin import Addition, Context, Count, Metric, Ratio, Title, Window, col, hookimpl
from kefu_plugins._sources import FIRST_METRICS

SOLVED = col("resolved").fill_null(value=True)


@hookimpl
def kefu_columns(context: Context) -> list[Addition]:
    """Find out which contacts were followed by another one of the same customer."""
    build = partial(with_contacted_again, days=context.thresholds.repeat_days)
    return [Window(("contacted_again",), ("contact", "topic"), build)]


@hookimpl
def kefu_metrics(context: Context) -> list[Metric]:
    """Offer ``first_contact_resolution``, ``repeat_contact_rate`` and ``resolved_within_24h``."""
    days, hours = context.thresholds.repeat_days, context.thresholds.resolved_hours
    contacts, known = Count(col("contact")), col("contact") & col("customer").is_not_null()
    solved = known & (col("services") <= 1) & SOLVED & ~col("contacted_again")
    first = Metric(
        name="first_contact_resolution",
        title=Title(zh="首次解决率", en="First contact resolution"),
        on="sessions",
        measures={"solved_at_first": Count(solved), "known_contacts": Count(known), "contacts": contacts},
        value=Ratio("solved_at_first", "known_contacts"),
        coverage=Ratio("known_contacts", "contacts"),
        unit="ratio",
        better="higher",
        source=FIRST_METRICS,
        reads=Title(
            zh=f"至多一名客服服务、未记为未解决、且该客户其后 {days} 天内未再联系（双方均有主题时限同一主题）"
            "的客户会话 ÷ 客户已知的客户会话",
            en="contacts with one service at most, not known to be unresolved, after which the customer opened no "
            f"other within {days} days (of the same topic where both have one) ÷ contacts of known customers",
        ),
        left_out={Title(zh="客户未知", en="customer unknown"): col("contact") & col("customer").is_null()},
        settles=days,
    )
    quick = col("contact") & SOLVED & (col("ended_at") - col("opened_at") <= pl.duration(hours=hours))
    return [
        first,
        first.companion(
            "repeat_contact_rate",
            Title(zh="重复来电率", en="Repeat contact rate"),
            measures={
                "contacted_again": Count(known & col("contacted_again")),
                "known_contacts": Count(known),
                "contacts": contacts,
            },
            value=Ratio("contacted_again", "known_contacts"),
            coverage=Ratio("known_contacts", "contacts"),
            better="lower",
            reads=Title(
                zh=f"该客户其后 {days} 天内再次联系（双方均有主题时限同一主题）的客户会话 ÷ 客户已知的客户会话",
                en=f"contacts after which the customer opened another within {days} days (of the same topic where both "
                "have one) ÷ contacts of known customers",
            ),
        ),
        first.companion(
            "resolved_within_24h",
            Title(zh=f"{hours}小时解决率", en=f"Resolved within {hours} h"),
            measures={
                "resolved_in_time": Count(quick),
                "contacts": contacts,
                "resolution_known": Count(col("contact") & col("resolved").is_not_null()),
            },
            value=Ratio("resolved_in_time", "contacts"),
            coverage=Ratio("resolution_known", "contacts"),
            reads=Title(
                zh=f"未记为未解决、且开启后 {hours} 小时内结束的客户会话 ÷ 客户会话",
                en=f"contacts not known to be unresolved that ended within {hours} h of opening ÷ contacts",
            ),
            left_out={},
            settles=0,
        ),
    ]


def with_contacted_again(sessions: pl.DataFrame, *, days: int) -> pl.DataFrame:
    """Add ``contacted_again``: the customer has another contact, opened later and at most ``days`` × 24 h after.

    In: ``customer``, ``opened_at``, ``contact``, ``topic``. Where both have a topic, it has to be the same. False for
    what is no contact and for a session without a customer.
    """
    contacts = (
        sessions.with_row_index("row")
        .filter(col("contact") & col("customer").is_not_null())
        .select("row", "customer", "topic", "opened_at", next_at="opened_at")
        .sort("opened_at", "row")
    )
    asked = contacts.drop("next_at")
    later = contacts.drop("row")
    same = _next(asked.drop_nulls("topic"), later, ["customer", "topic"])
    of_any = _next(asked.filter(col("topic").is_null()), later.drop("topic"), ["customer"])
    without = _next(asked.drop_nulls("topic"), later.filter(col("topic").is_null()).drop("topic"), ["customer"])
    soon = col("next_at") - col("opened_at") <= pl.duration(days=days)
    rows = pl.concat([same, of_any, without]).filter(soon)["row"].unique()
    again = pl.select(pl.repeat(False, len(sessions))).to_series()
    return sessions.with_columns(again.scatter(rows, True).alias("contacted_again"))


def _next(asked: pl.DataFrame, later: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Return when the next of ``later`` with the same ``by`` was opened after each."""
    return asked.join_asof(
        later, on="opened_at", by=by, strategy="forward", allow_exact_matches=False, check_sortedness=False
    ).select("row", "opened_at", "next_at")
