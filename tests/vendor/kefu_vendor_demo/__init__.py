"""礼貌用语会话率 · Courtesy rate: how many human sessions hear an agent say thanks, sorry or please wait."""

import polars as pl

from kefu.plugin import Addition, Count, Evidence, Metric, Ratio, Tally, TextColumn, Title, col, hookimpl

POLITE = "谢谢|感谢|抱歉|对不起|不好意思|请稍等|久等"


@hookimpl
def kefu_columns() -> list[Addition]:
    polite = TextColumn("polite", col("role") == "agent", lambda t: t.str.contains(POLITE), pl.Boolean(), default=False)
    return [polite, Tally("polite_messages", of=col("polite"))]


@hookimpl
def kefu_metrics() -> list[Metric]:
    about = {"on": "sessions", "unit": "ratio", "better": "higher", "source": "our service handbook, 3.2"}
    courtesy = Metric(
        name="courtesy_rate",
        title=Title(zh="礼貌用语会话率", en="Courtesy rate"),
        measures={"polite_sessions": Count(col("polite_messages") > 0), "human_sessions": Count(col("human"))},
        value=Ratio("polite_sessions", "human_sessions"),
        reads=Title(zh="客服用过礼貌用语的会话 ÷ 人工会话", en="sessions with a courtesy by an agent ÷ human sessions"),
        evidence=(Evidence(col("polite"), Title(zh="礼貌用语", en="a courtesy")),),
        **about,
    )
    return [courtesy]
