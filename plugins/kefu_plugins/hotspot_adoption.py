"""智能热点预存客户采纳率 · Hotspot adoption: what customers did with the entries that were recommended.

Adopted or resolved recommendations per human session, as the source defines it: it can be above 1. The companions
have the usual bases: those that were rated, those where the click is known, sessions with an adopted one.
"""

from __future__ import annotations

from kefu.plugin import Addition, Count, Earliest, Evidence, Metric, Ratio, Title, col, hookimpl
from kefu_plugins._sources import TEN_METRICS

ADOPTED = col("outcome").is_in(["adopted", "resolved"])


@hookimpl
def kefu_columns() -> list[Addition]:
    """Note when a session was first shown an entry that was adopted."""
    return [Earliest("adopted_at", of="shown_at", where=ADOPTED, on="recommendations")]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``hotspot_adoption_rate``, ``adopted_of_rated``, ``click_rate`` and ``human_after_adoption_rate``."""
    adopted, shown = Count(ADOPTED, on="recommendations"), Count(on="recommendations")
    rated = Count(col("outcome").is_not_null(), on="recommendations")
    rate = Metric(
        name="hotspot_adoption_rate",
        title=Title(zh="智能热点预存客户采纳率", en="Hotspot adoption rate"),
        on="sessions",
        measures={"adopted": adopted, "human_sessions": Count(col("human")), "rated": rated, "shown": shown},
        value=Ratio("adopted", "human_sessions"),
        coverage=Ratio("rated", "shown"),
        unit="ratio",
        better="higher",
        group="intelligence",
        source=TEN_METRICS,
        reads=Title(
            zh="被采纳或解决问题的热点推荐 ÷ 人工会话",
            en="recommendations that were adopted or resolved ÷ human sessions",
        ),
        needs=("recommendations",),
        evidence=(
            Evidence(
                ADOPTED,
                Title(zh="热点 {hotspot_id} {outcome}", en="hotspot {hotspot_id} {outcome}"),
                on="recommendations",
            ),
        ),
    )
    return [
        rate,
        rate.companion(
            "adopted_of_rated",
            Title(zh="已评价推荐采纳率", en="Adopted of rated"),
            on="recommendations",
            measures={"adopted": adopted, "rated": rated, "shown": shown},
            left_out={Title(zh="未评价", en="no outcome"): col("outcome").is_null()},
            value=Ratio("adopted", "rated"),
            coverage=Ratio("rated", "shown"),
            reads=Title(
                zh="被采纳或解决问题的热点推荐 ÷ 有结果的热点推荐",
                en="recommendations that were adopted or resolved ÷ recommendations with an outcome",
            ),
        ),
        rate.companion(
            "click_rate",
            Title(zh="推荐点击率", en="Click rate"),
            on="recommendations",
            left_out={Title(zh="点击未知", en="click unknown"): col("clicked").is_null()},
            evidence=(
                Evidence(
                    col("clicked"),
                    Title(zh="点击热点 {hotspot_id}", en="clicked hotspot {hotspot_id}"),
                    on="recommendations",
                ),
            ),
            measures={
                "clicked": Count(col("clicked"), on="recommendations"),
                "click_known": Count(col("clicked").is_not_null(), on="recommendations"),
                "shown": shown,
            },
            value=Ratio("clicked", "click_known"),
            coverage=Ratio("click_known", "shown"),
            reads=Title(
                zh="被点击的热点推荐 ÷ 是否点击已知的热点推荐",
                en="recommendations that were clicked ÷ recommendations where it is known",
            ),
        ),
        rate.companion(
            "human_after_adoption_rate",
            Title(zh="采纳后转人工率", en="Human after adoption"),
            measures={
                "handed_off_after": Count(col("handed_off") & (col("phase_at") >= col("adopted_at"))),
                "sessions_with_adopted": Count(col("adopted_at").is_not_null()),
            },
            value=Ratio("handed_off_after", "sessions_with_adopted"),
            reads=Title(
                zh="不早于首次被采纳或解决问题的推荐而转人工的会话 ÷ 有这种推荐的会话",
                en="sessions handed off no earlier than a recommendation that was adopted or resolved "
                "÷ sessions with one",
            ),
            better="lower",
        ),
    ]
