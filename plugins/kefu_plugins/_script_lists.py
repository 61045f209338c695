"""What to do about the scripts: which are used, how agents change them, what should become one."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from kefu.plugin import Listed, Listing, Tables, Title, col, repeated_utterances, script_edits, when

KINDS = ("logged", "exact", "slot", "affix", "edited")
KEPT = 30
"""The store keeps the uses of each date; so many days are listed."""
OFTEN = 5
"""A script with fewer uses says nothing about how often it is edited."""


def listings(used: pl.Expr, by_agent: pl.Expr) -> list[Listing]:
    """Return the listings about scripts.

    :param used: which messages are uses of a script.
    :param by_agent: which are an agent's.
    """
    scripts = Listing(
        name="scripts",
        title=Title(zh="话术使用情况", en="Uses of scripts"),
        reads=Title(
            zh="每行一条话术：平台记录的、原样的、填空的、加了话的、改过的使用次数；从未使用的在最后",
            en="a row a script: uses logged, exact, with slots filled, words added, edited; unused ones last",
        ),
        where=used,
        needs=("date", "script_id", "matched_script", "match_kind"),
        gather=uses_of_scripts,
        keys={"date": pl.Date(), "script": pl.String(), "kind": pl.String()},
        sums=("count",),
        tables=("scripts",),
        kept=KEPT,
        build=by_script,
        columns={
            "script_id": Title(zh="话术", en="Script"),
            "text": Title(zh="内容", en="Text"),
            "category": Title(zh="分类", en="Category"),
            "uses": Title(zh="使用", en="Uses"),
            "logged": Title(zh="平台记录", en="Logged"),
            "exact": Title(zh="原样", en="Exact"),
            "slot": Title(zh="填空", en="Slots"),
            "affix": Title(zh="加话", en="Affix"),
            "edited": Title(zh="改过", en="Edited"),
            "verdict": Title(zh="提示", en="Verdict"),
        },
    )
    edits = replace(
        scripts,
        name="script_edits",
        title=Title(zh="话术是怎么被改的", en="How scripts are edited"),
        reads=Title(
            zh="每行一处改动（− 删去，+ 加上），改得多的在前：话术该往哪里改",
            en="a row a change (− taken out, + put in), the commonest first: where a script should change",
        ),
        needs=("text", "script_id", "matched_script", "match_kind"),
        gather=wordings_of_scripts,
        keys={"script": pl.String(), "text": pl.String()},
        kept=0,
        build=by_change,
        columns={
            "script_id": Title(zh="话术", en="Script"),
            "change": Title(zh="改动", en="Change"),
            "edits": Title(zh="次数", en="Edits"),
            "uses": Title(zh="使用", en="Uses"),
            "example": Title(zh="例句", en="Example"),
        },
    )
    typed = Listing(
        name="repeated_utterances",
        title=Title(zh="反复手打的话", en="Repeated utterances"),
        reads=Title(
            zh="客服反复手打、话术库里没有的话：值得加成话术",
            en="what agents type again and again although no script says it: worth a script",
        ),
        where=by_agent & ~used,
        needs=("text", "sender_id"),
        gather=utterances,
        keys={"text": pl.String(), "sender_id": pl.String()},
        sums=("count",),
        build=by_utterance,
        columns={
            "text": Title(zh="说法", en="Utterance"),
            "count": Title(zh="次数", en="Times"),
            "agents": Title(zh="客服人数", en="Agents"),
            "variants": Title(zh="写法", en="Variants"),
        },
    )
    return [scripts, edits, typed]


def uses_of_scripts(messages: pl.DataFrame) -> pl.DataFrame:
    """Count uses by date, script and kind."""
    return _used(messages).group_by("date", "script", "kind").agg(count=pl.len())


def wordings_of_scripts(messages: pl.DataFrame) -> pl.DataFrame:
    """Count uses by script and, where it can differ from the script's, text."""
    told = _used(messages).with_columns(text=when(~col("kind").is_in(["exact", "slot"])).then("text"))
    return told.group_by("script", "text").agg(count=pl.len())


def _used(messages: pl.DataFrame) -> pl.DataFrame:
    """Say which script each message is a use of, and how that is known."""
    kind = when(col("script_id").is_not_null()).then(pl.lit("logged")).otherwise("match_kind")
    return messages.with_columns(script=pl.coalesce("script_id", "matched_script"), kind=kind)


def by_script(rows: pl.DataFrame, tables: Tables, _: pl.DataFrame | None) -> Listed:
    """Set the uses beside the scripts, those that are never used included."""
    kinds = [col("count").filter(col("kind") == kind).sum().alias(kind) for kind in KINDS]
    uses = rows.group_by("script").agg(col("count").sum().alias("uses"), *kinds).rename({"script": "script_id"})
    scripts = _scripts(tables)
    whole = uses.join(scripts, on="script_id", how="full", coalesce=True)
    whole = whole.with_columns(col("uses", *KINDS).fill_null(0))
    unknown = col("text").is_null()
    changed = (col("affix") + col("edited")) * 2 > col("uses")
    verdict = (
        when(col("uses") == 0)
        .then(pl.lit("从未使用 never used"))
        .when(unknown)
        .then(pl.lit("不在话术表中 not in the table scripts"))
        .when((col("uses") >= OFTEN) & changed)
        .then(pl.lit("常被改 often edited"))
    )
    return Listed(whole.with_columns(verdict=verdict).sort("uses", "script_id", descending=[True, False]))


def by_change(rows: pl.DataFrame, tables: Tables, _: pl.DataFrame | None) -> Listed:
    """Say how agents change each script."""
    told = rows.drop_nulls("text").group_by(script_id="script", text="text").agg(col("count").sum())
    changes = script_edits(_scripts(tables), told)
    return Listed(changes.sort("edits", "script_id", "change", descending=[True, False, False]))


def utterances(messages: pl.DataFrame) -> pl.DataFrame:
    """Count what each agent typed."""
    return messages.group_by("text", col("sender_id").fill_null("unknown")).agg(count=pl.len())


def by_utterance(rows: pl.DataFrame, _: Tables, __: pl.DataFrame | None) -> Listed:
    """Put together what is nearly the same, and keep what is said often."""
    told = rows.drop_nulls("text").group_by("text").agg(col("count").sum(), agents=col("sender_id").n_unique())
    return Listed(repeated_utterances(told))


def _scripts(tables: Tables) -> pl.DataFrame:
    scripts = tables["scripts"]
    names = ("script_id", "text", "category")
    return pl.DataFrame(schema=dict.fromkeys(names, pl.String())) if scripts is None else scripts.select(names)
