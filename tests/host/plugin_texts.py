"""Plugins as texts: those that fail in every way there is, each with what must be said of it, and those that do not."""

from __future__ import annotations

HEAD = """
import polars as pl
from kefu.plugin import *

__version__ = "2.7"
HUMAN = {"human_sessions": Count(col("human"))}


def metric(name="shop_metric", **changes):
    told = {
        "name": name,
        "title": Title(zh="指标", en="Metric"),
        "on": "sessions",
        "measures": {"long_ones": Count(col("human") & (col("messages") > 9)), **HUMAN},
        "value": Ratio("long_ones", "human_sessions"),
        "unit": "ratio",
        "better": "lower",
        "source": "our own",
        "reads": Title(zh="口径", en="long sessions ÷ human sessions"),
    }
    return Metric(**{**told, **changes})


def column(compute, **changes):
    told = {"name": "polite", "where": col("role") == "agent", "dtype": pl.UInt32(), "default": 0}
    return TextColumn(compute=compute, **{**told, **changes})


def window(build, **changes):
    return Window(**{"adds": ("again",), "needs": ("human",), "build": build, **changes})


def table(build, **changes):
    told = {"name": "shop_table", "key": "hotspot_id", "tables": ("hotspots",), "build": build}
    return PeriodTable(**{**told, **changes})


def dated(build, **changes):
    told = {"name": "shop_days", "key": "kind", "tables": ("hotspots",), "build": build, "groups": ("kind",)}
    return DatedTable(**{**told, **changes})


def days_of(period):
    rows = pl.DataFrame({"kind": ["k"], "date": [period.first], "some": [True]})
    return rows.with_columns(pl.col("date").cast(pl.Int32).cast(pl.Date))


def course(build, **changes):
    told = {"adds": {"again": pl.Int64()}, "where": col("role") == "customer", "needs": ("text",), "build": build}
    return SessionColumns(**{**told, **changes})


def last_length(rows):
    return rows.group_by("session").agg(again=pl.col("text").str.len_chars().last().cast(pl.Int64))


def again(rows):
    return rows.with_columns(again=rows["customer"].is_duplicated())
"""
METRICS = "\n\n@hookimpl\ndef kefu_metrics():\n    return [{}]\n"
COLUMNS = "\n\n@hookimpl\ndef kefu_columns():\n    return [{}]\n"
ON_AGAIN = 'metric(measures={"again": Count(col("again")), **HUMAN}, value=Ratio("again", "human_sessions"))'
ON_POLITE = 'metric(measures={"polite": Sum(col("polite_words")), **HUMAN}, value=Ratio("polite", "human_sessions"))'
ON_TABLE = 'metric(on="shop_table", measures={"all": Count(), "some": Count(col("some"))}, value=Ratio("some", "all"))'
ON_DAYS = 'metric(on="shop_days", measures={"all": Count(), "some": Count(col("some"))}, value=Ratio("some", "all"))'
TALLY = 'Tally("polite_words", of=col("polite"))'


def offers(metrics: str = "metric()", columns: str = "") -> str:
    return HEAD + METRICS.format(metrics) + (COLUMNS.format(columns) if columns else "")


def texts(compute: str, **changes: str) -> str:
    told = "".join(f", {name}={value}" for name, value in changes.items())
    return offers(ON_POLITE, f"column({compute}{told}), {TALLY}")


def windows(build: str, **changes: str) -> str:
    told = "".join(f", {name}={value}" for name, value in changes.items())
    return offers(ON_AGAIN, f"window({build}{told})")


def courses(build: str, **changes: str) -> str:
    told = "".join(f", {name}={value}" for name, value in changes.items())
    return offers(ON_AGAIN.replace("Count(", "Sum("), f"course({build}{told})")


def tables(build: str, **changes: str) -> str:
    told = "".join(f", {name}={value}" for name, value in changes.items())
    return offers(ON_TABLE, f"table({build}{told})")


def days(build: str, metric: str = ON_DAYS, **changes: str) -> str:
    told = "".join(f", {name}={value}" for name, value in changes.items())
    return offers(metric, f"dated({build}{told})")


def in_two_steps(value: str, **changes: str) -> str:
    """Offer a metric that is merged for each kind of day first."""
    told = {
        "each": "('kind',)",
        "measures": "{'some': Count(col('some'))}",
        "over": "{'rows': Rows('some')}",
        **changes,
    }
    fields = "".join(f", {name}={text}" for name, text in told.items())
    return days(f"lambda *_: {DAYS}", f"metric(on='shop_days', value={value}{fields})")


def measures(measure: str) -> str:
    return offers(f'metric(measures={{"long_ones": {measure}, **HUMAN}})')


SOME = "pl.DataFrame({'hotspot_id': ['h'], 'some': [True]})"
DAYS = "days_of(_[2])"
TOO_LARGE = "col('session_id').str.extract('([0-9]+)').cast(pl.Int8) > 0"
NOTHING = "lambda t: pl.select(pl.repeat(0, len(t))).to_series()"
RAISES = '(_ for _ in ()).throw(RuntimeError("out of order"))'
LOADING = {
    "a syntax error": ('__version__ = "2.7"\ndef kefu_metrics(:\n', "SyntaxError"),
    "an import of what is not there": ('__version__ = "2.7"\nimport no_such_module\n', "ModuleNotFoundError"),
    "an exit": ('__version__ = "2.7"\nraise SystemExit(0)\n', "SystemExit"),
    "any error": ('__version__ = "2.7"\n{}["key"]\n', "KeyError"),
    "an error that cannot say what it is": (
        '__version__ = "2.7"\nclass Odd(Exception):\n    def __str__(self):\n        raise ValueError\nraise Odd\n',
        "Odd",
    ),
    "no hook": (HEAD, "it implements no hook of kefu: there are kefu_metrics, kefu_columns, kefu_listings"),
    "a hook that is not marked": (HEAD + "\n\ndef kefu_metrics():\n    return [metric()]\n", "write @hookimpl above"),
    "a misspelt hook": (HEAD + METRICS.replace("kefu_metrics", "kefu_metric").format(""), "kefu_metric is no hook"),
    "a hook with another name": (HEAD + METRICS.replace("kefu_metrics", "metrics").format(""), "metrics is no hook"),
    "an argument that there is not": (
        HEAD + "\n\n@hookimpl\ndef kefu_metrics(data):\n    return []\n",
        "'data'",
    ),
}
OFFERING = {
    "kefu_metrics raises": (offers(RAISES), "RuntimeError: out of order"),
    "kefu_metrics exits": (offers("exit(0)"), "SystemExit"),
    "kefu_metrics gives nothing back": (HEAD + METRICS.format("").replace("return []", "pass"), "gave back None"),
    "kefu_metrics gives a text": (HEAD + METRICS.format("").replace("[]", "'shop'"), "gave back 'shop'"),
    "kefu_metrics gives one metric": (HEAD + METRICS.format("").replace("[]", "metric()"), "it must give back a list"),
    "kefu_metrics gives names": (offers("'shop_metric'"), "where a Metric belongs"),
    "kefu_columns raises": (offers(columns=RAISES), "RuntimeError: out of order"),
    "kefu_columns gives nothing back": (
        offers() + COLUMNS.format("").replace("return []", "pass"),
        "kefu_columns gave back None",
    ),
    "kefu_columns gives a number": (offers() + COLUMNS.format("").replace("[]", "7"), "kefu_columns gave back 7"),
    "kefu_columns gives metrics": (offers(columns="metric()"), "which is no addition to the facts"),
    "kefu_columns asks for words that there are not": (
        offers() + COLUMNS.format("context.words('polite')").replace("kefu_columns()", "kefu_columns(context)"),
        "no word lists on 'polite'",
    ),
    "a metric name that is taken": (offers("metric('agent_closed_rate')"), "is taken by 'agent_closed'"),
    "a metric name that comes twice": (offers("metric(), metric()"), "is taken by 'itself'"),
    "a metric name of another kind": (offers("metric(name=7)"), "name is 7; it must be of type str"),
    "a metric name with a blank": (offers("metric(name='shop metric')"), "use lower case letters"),
    "a title in one language": (offers("metric(title='指标')"), "title is '指标'; it must be of type Title"),
    "a unit that there is not": (offers("metric(unit='percent')"), "it must be one of ratio, seconds"),
    "a direction that there is not": (offers("metric(better='up')"), "it must be one of higher, lower, middle"),
    "a group that there is not": (offers("metric(group='shop')"), "it must be one of intelligence"),
    "measures in a list": (offers("metric(measures=[Count()])"), "measures is [Count("),
    "a measure that is none": (offers("metric(measures={'long_ones': col('human'), **HUMAN})"), "measures is {"),
    "a condition in words": (measures("Count('human')"), "measures is {"),
    "a measure with a name that cannot be": (measures("Count(), 'id': Count()"), "cannot be called 'id'"),
    "a formula over what is not measured": (offers("metric(value=Ratio('short', 'human_sessions'))"), "reads 'short'"),
    "a formula in words": (offers("metric(value='a / b')"), "value is 'a / b'"),
    "a division by nothing": (offers("metric(value=Ratio('long_ones', 'human_sessions', per=0))"), "divides by 0"),
    "a percentile of a count": (offers("metric(value=Quantile('long_ones', 50))"), "is read from a Spread"),
    "a percentile beyond all": (
        offers("metric(measures={'all': Spread(col('messages'))}, value=Quantile('all', 101))"),
        "101 is no percentile",
    ),
    "a correlation of counts": (offers("metric(value=RankCorrelation('long_ones'))"), "taken of Pairs"),
    "a second step without a first": (
        offers("metric(over={'long_ones': Count(), **HUMAN})"),
        "each and over go together",
    ),
    "a computed value of a count": (in_two_steps("Computed('some', len)", over="{'some': Count()}"), "made of Rows"),
    "a computed value without a function": (in_two_steps("Computed('rows', None)"), "value is Computed("),
    "a computed value beside what is not measured": (
        in_two_steps("Computed('rows', len, beside=('none',))"),
        "reads 'none'",
    ),
    "rows where nothing is merged first": (
        offers("metric(measures={'rows': Rows('human')}, value=Computed('rows', len))"),
        "measures is {",
    ),
    "a dated table whose name is taken": (days("lambda *_: None", name="'agent_time'"), "is taken by 'agent_time'"),
    "a dated table with a group that is no text": (days("lambda *_: None", groups="(7,)"), "groups is (7,)"),
    "a column name that is taken": (texts("lambda t: t.str.len_chars()", name="'closed_by'"), "is taken by 'kefu'"),
    "a column name of another plugin": (
        offers(columns="Tally('script_uses', of=col('role') == 'agent')"),
        "the column name 'script_uses' is taken by 'script_usage'",
    ),
    "a table name that is taken": (tables("lambda *_: None", name="'sessions'"), "'sessions' is taken"),
    "a table name of another plugin": (tables("lambda *_: None", name="'repairs'"), "is taken by 'hotspot_repair'"),
    "day counts of another plugin": (
        tables("lambda *_: None", counts="{'hotspot_days': DayCounts('sessions', 'date', (), {})}"),
        "is taken by 'hotspot_repair'",
    ),
    "a column without a function": (texts("None"), "compute is None"),
    "a column of no type": (texts("len", dtype="int"), "dtype is <class 'int'>"),
}
TRYING = {
    "a measure of a column that is not there": (measures("Count(col('no_such'))"), "no_such"),
    "a measure on a table that is not there": (measures("Count(on='visits')"), "there is no fact table 'visits'"),
    "a measure on messages": (measures("Count(on='messages')"), "there is no fact table 'messages'"),
    "a sum of texts": (measures("Sum(col('topic'))"), "it is of String"),
    "a sum of fractions": (measures("Sum(col('csat'))"), "round it and cast it to pl.Int64"),
    "a peak of times": (measures("Peak(col('opened_at'))"), "measures are integers"),
    "a spread of texts": (measures("Spread(col('channel'))"), "measures are integers"),
    "a condition that is a number": (measures("Count(col('messages'))"), "neither true nor false"),
    "a number read from any text": (measures("Sum(col('topic').cast(pl.Int64))"), "conversion from `str` to `i64`"),
    "a need that there is not": (offers("metric(needs=('messages.mood',))"), "needs 'messages.mood'"),
    "a need of a table that there is not": (offers("metric(needs=('visits',))"), "needs 'visits'"),
    "a reason that reads what is not there": (
        offers("metric(left_out={Title(zh='无', en='none'): col('no_such')})"),
        "left out for 'none'",
    ),
    "evidence that reads what is not there": (
        offers("metric(evidence=(Evidence(col('no_such'), Title(zh='', en='')),))"),
        "evidence: ColumnNotFoundError",
    ),
    "evidence that says what is not there": (
        offers("metric(evidence=(Evidence(col('human'), Title(zh='', en='{no_such}')),))"),
        "{no_such} is no column",
    ),
    "evidence of a table without messages": (
        offers("metric(evidence=(Evidence(col('human'), Title(zh='', en=''), on='turns'),))"),
        "not of 'turns'",
    ),
    "a first step over sessions": (
        offers("metric(each=('customer_id',), over={'long_ones': Count(), 'human_sessions': Count()})"),
        "each and over work on agent_days or on a table",
    ),
    "a second step over what is not there": (
        offers(
            "metric(on='agent_days', each=('agent_id',), measures={'peak': Peak(col('peak'))},"
            "over={'long_ones': Sum(col('reply_ms')), 'human_sessions': Count()})"
        ),
        "reply_ms",
    ),
    "a column where something is not there": (texts("len", where="col('no_such')"), "column 'polite': Column"),
    "a column whose default is of another type": (texts("len", default="'none'"), "its default 'none' is no UInt32"),
    "a tally of what is not there": (offers(columns="Tally('polite_words', of=col('polite'))"), "polite"),
    "a tally of texts": (offers(columns="Tally('polite_words', of=col('text'))"), "measures are integers"),
    "a time that is none": (offers(columns="Earliest('first_at', of='text')"), "'text' is no time"),
    "a time of a table without any": (offers(columns="Earliest('first_at', of='sent_at', on='agents')"), "'agents'"),
    "day counts of what is not there": (
        tables(f"lambda *_: {SOME}", counts="{'days': DayCounts('sessions', 'date', ('no_such',), {})}"),
        "no_such",
    ),
    "a window that needs what is not there": (windows("again", needs="('no_such',)"), "needs 'no_such'"),
    "a window that raises": (windows("lambda rows: 1 / 0"), "ZeroDivisionError"),
    "a window that is no table": (windows("lambda rows: rows.lazy()"), "gave back a LazyFrame"),
    "a window without its column": (windows("lambda rows: rows"), "lacks 'again'"),
    "a window that drops a column": (windows("lambda rows: again(rows).drop('human')"), "lacks 'human'"),
    "a course that raises": (courses("lambda rows: 1 / 0"), "ZeroDivisionError"),
    "a course that needs what is not there": (courses("last_length", needs="('no_such',)"), "no_such"),
    "a course of what is not there": (courses("last_length", where="col('no_such')"), "no_such"),
    "several columns with a default": (
        offers(columns="column(len, dtype=pl.Struct({'a': pl.String(), 'b': pl.String()}))"),
        "has no default but None",
    ),
    "a table that raises": (tables("lambda *_: 1 / 0"), "ZeroDivisionError"),
    "a table that is none": (tables("lambda *_: None"), "is a NoneType instead of a table"),
    "a table without its key": (tables("lambda *_: pl.DataFrame({'some': [True]})"), "lacks 'hotspot_id'"),
    "a dated table that raises": (days("lambda *_: 1 / 0"), "ZeroDivisionError"),
    "a dated table that is none": (days("lambda *_: [7]"), "is a list instead of a table"),
    "a dated table without its key": (days(f"lambda *_: {DAYS}", key="'shop'"), "lacks 'shop'"),
    "a dated table without its group": (days(f"lambda *_: {DAYS}", groups="('kind', 'shop')"), "lacks 'shop'"),
    "a dated table without a date": (days(f"lambda *_: {DAYS}.drop('date')"), "lacks 'date'"),
    "a dated table whose date is a time": (
        days(f"lambda *_: {DAYS}.with_columns(pl.col('date').cast(pl.Datetime))"),
        "has a date of Datetime",
    ),
    "a dated table without a column": (days(f"lambda *_: {DAYS}.drop('some')"), "some"),
    "rows of a column that is not there": (
        in_two_steps("Computed('rows', len)", over="{'rows': Rows('none')}"),
        "none",
    ),
    "a first step by what is not there": (in_two_steps("Computed('rows', len)", each="('shop',)"), "shop"),
    "a first step over two tables": (
        in_two_steps("Computed('rows', len)", measures="{'some': Count(on='sessions')}"),
        "one for all",
    ),
    "a spread in a first step": (
        in_two_steps("Computed('rows', len)", measures="{'some': Spread(col('some'))}"),
        "cannot be merged for each",
    ),
    "a table without a column": (tables("lambda *_: pl.DataFrame({'hotspot_id': ['h']})"), "some"),
}
RUNNING = {
    "a measure that divides by nothing": (
        measures("Sum((col('messages') / col('agent_messages')).cast(pl.Int64))"),
        "metric 'shop_metric', measure 'long_ones': InvalidOperationError",
    ),
    "a spread that divides by nothing": (
        measures("Spread((col('messages') / col('agent_messages')).cast(pl.Int64))"),
        "measure 'long_ones': InvalidOperationError",
    ),
    "a tally of a number that is too large": (texts(NOTHING, where=TOO_LARGE), "conversion from `str` to `i8` failed"),
    "a column where a number is too large": (
        offers(columns=f"Tally('polite_words', of={TOO_LARGE})"),
        "conversion from `str` to `i8` failed",
    ),
    "a time where a number is too large": (
        offers(columns=f"Earliest('first_at', of='sent_at', where={TOO_LARGE})"),
        "conversion from `str` to `i8` failed",
    ),
    "day counts of a number that is too large": (
        tables(
            f"lambda *_: {SOME}", counts=f"{{'days': DayCounts('alerts', 'date', (), {{'all': Count({TOO_LARGE})}})}}"
        ),
        "conversion from `str` to `i8` failed",
    ),
    "a measure of a table of a number that is too large": (
        offers(
            f"metric(on='shop_table', measures={{'all': Count(), 'some': Count({TOO_LARGE})}}, value=SOME)",
            "table(lambda *_: pl.DataFrame({'hotspot_id': ['h'], 'session_id': ['999']}))",
        ).replace("value=SOME", "value=Ratio('some', 'all')"),
        "measure 'some': InvalidOperationError",
    ),
    "a column that raises": (texts("lambda t: 1 / 0"), "ZeroDivisionError"),
    "a column that exits": (texts("lambda t: exit(3)"), "SystemExit"),
    "a column that panics": (texts("lambda t: t.to_frame().map_rows(lambda row: 1 / 0)"), "ZeroDivisionError"),
    "a column that is too short": (texts("lambda t: t.str.len_chars().head(1)"), "1 values came back for"),
    "a column that is no series": (texts("lambda t: [0] * len(t)"), "a list came back instead of a series"),
    "a column that is nothing": (texts("lambda t: None"), "a NoneType came back"),
    "a column of another type": (texts("lambda t: t"), "values of String came back instead of UInt32"),
    "a column of fractions": (texts("lambda t: t.str.len_chars() / 2"), "values of Float64 came back"),
    "a column of numbers that do not fit": (
        texts("lambda t: pl.select(pl.repeat(-1, len(t))).to_series()"),
        "conversion from `i32` to `u32` failed",
    ),
    "a column that changes the texts that it is given": (
        texts("lambda t: t.append(t).clear()"),
        "0 values came back for",
    ),
    "a window that drops rows": (windows("lambda rows: again(rows)[1:]"), "rows instead of"),
    "a window that doubles rows": (
        windows("lambda rows: again(rows)[[0, 0, *range(2, len(rows))]] if len(rows) > 1 else again(rows)"),
        "gave back other rows than it was given",
    ),
    "a window that raises on rows": (windows("lambda rows: again(rows) if rows.is_empty() else 1 / 0"), "ZeroDivision"),
    "a course that raises on rows": (
        courses("lambda rows: last_length(rows) if rows.is_empty() else 1 / 0"),
        "ZeroDivisionError",
    ),
    "a course that is no table": (
        courses("lambda rows: last_length(rows) if rows.is_empty() else None"),
        "gave back a NoneType instead of a table",
    ),
    "a course that lacks its column": (
        courses("lambda rows: last_length(rows).drop([] if rows.is_empty() else 'again')"),
        "lacks 'again'",
    ),
    "a course that tells of a session twice": (courses("lambda r: last_length(r)[[0] * len(r)]"), "one of them twice"),
    "a course that tells of other sessions": (
        courses("lambda r: last_length(r).with_columns(pl.col('session') + 1_000)"),
        "gave back other sessions",
    ),
    "a table that raises on days": (tables(f"lambda t, c, p: {SOME} if p.first == 0 else 1 / 0"), "ZeroDivisionError"),
    "a dated table that raises on days": (
        days(f"lambda *_: {DAYS} if _[2].first == 0 else 1 / 0"),
        "ZeroDivisionError",
    ),
    "a dated table that lacks a column on days": (
        days(f"lambda *_: {DAYS} if _[2].first == 0 else {DAYS}.drop('some')"),
        "lacks 'some'",
    ),
    "a dated table of a number that is too large": (
        days(
            f"lambda *_: {DAYS}.with_columns(session_id=pl.lit('999'))",
            ON_DAYS.replace('col("some")', TOO_LARGE),
        ),
        "measure 'some': InvalidOperationError",
    ),
    "a formula that raises": (in_two_steps("Computed('rows', lambda rows: 1 / 0)"), "ZeroDivisionError"),
    "a formula that gives a text": (in_two_steps("Computed('rows', lambda rows: 'many')"), "'many'"),
    "a table that lacks a column on days": (
        tables(f"lambda t, c, p: {SOME} if p.first == 0 else {SOME}.drop('some')"),
        "lacks 'some'",
    ),
}
FAILURES = {**LOADING, **OFFERING, **TRYING, **RUNNING}
WITH_EVERYTHING = offers(
    f"metric(), {ON_POLITE.replace('metric(', 'metric(name=POLITE, ')}, "
    f"{ON_AGAIN.replace('metric(', 'metric(name=AGAIN, ')}, {ON_TABLE.replace('metric(', 'metric(name=TABLE, ')}, "
    f"{ON_DAYS.replace('metric(', 'metric(name=DAYS, ')}",
    f"column(lambda t: t.str.count_matches('您')), {TALLY}, window(again), table(lambda *_: {SOME}), "
    f"Earliest('first_at', of='sent_at', where=col('polite') > 0), dated(lambda *_: {DAYS})",
)
MEDDLING = {
    "a good one": offers(),
    "one with every addition": "POLITE, AGAIN, TABLE, DAYS = 'polite_rate', 'again_rate', 'table_rate', 'days_rate'\n"
    + WITH_EVERYTHING,
    "one that changes what sessions say": windows("lambda rows: again(rows).with_columns(human=~rows['human'])"),
    "one that turns the sessions round": windows("lambda rows: again(rows).reverse()"),
    "one that spoils the tables that it is given": offers()
    + COLUMNS.format("")
    .replace("()", "(context)")
    .replace("re", "context.table('hotspots').drop_in_place('title')\n    re"),
    "one that turns warnings into errors": "import warnings\nwarnings.simplefilter('error')\n" + offers(),
    "one that goes to another folder": "import os\nos.chdir('/')\n" + offers(),
    "one that seeds chance": "import random\nrandom.seed(1)\n" + offers(),
    "one that prints tables in its own way": "import polars\npolars.Config.set_tbl_rows(1)\n" + offers(),
}
"""Plugins that work, whatever else they do."""
AUTHOR = offers(ON_POLITE, f"column(lambda t: 1 / 0), {TALLY}")
READER = '"reader_metric", measures={"own": Sum(col("own")), **HUMAN}, value=Ratio("own", "human_sessions")'
READERS = {
    "a metric": offers("metric('other_metric'), " + ON_POLITE.replace("metric(", "metric('reader_metric', ")),
    "a tally": offers(f"metric('other_metric'), metric({READER})", "Tally('own', of=col('polite') * 2)"),
}
COUNTS_TALLIES = days(
    "lambda _, counts, __: counts['politeness'].with_columns(kind=pl.lit('k'))",
    "metric(on='shop_days', measures={'polite': Sum(col('n')), 'all': Count()}, value=Ratio('polite', 'all'))",
    counts="{'politeness': DayCounts('sessions', 'date', (), {'n': Sum(col('polite_words'))})}",
).replace("return [dated(", f"return [column(lambda t: t.str.len_chars()), {TALLY}, dated(")
"""A table that is made of what is counted by a column of texts."""
PRINTS = """
import os, subprocess, sys
import polars as pl
from kefu.plugin import *

def say():
    print("out of turn")
    os.write(1, b"out of turn")
    sys.__stdout__.write("out of turn")
    subprocess.run([sys.executable, "-c", "print('out of turn')"])

say()

@hookimpl
def kefu_columns():
    say()
    return [
        TextColumn("heard", col("role") == "agent", lambda t: say() or t.is_not_null(), pl.Boolean(), False),
        Window(("seen",), (), lambda rows: say() or rows.with_columns(seen=True)),
    ]

@hookimpl
def kefu_metrics():
    say()
    return []
"""
