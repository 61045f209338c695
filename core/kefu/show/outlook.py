"""The outlook as tables, JSON (``kefu.outlook/1``) or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kefu.config import Settings
from kefu.metric import Metric, Title
from kefu.night.periods import Dates
from kefu.run.outcome import Failure
from kefu.show.format import MISSING, value_text
from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.steering_words import both, failed, pick
from kefu.show.terminal import console
from kefu.show.words import Language
from kefu.steering.coaching import Advice, WeakPoint
from kefu.steering.forecast import Forecast, Verdict
from kefu.steering.outlook import Outlook

COLUMNS = ("metric", "agent_id", "period", "value", "low", "high", "last", "model", "left_out")
WORDS = {
    "metric": Title(zh="指标", en="Metric"),
    "verdict": Title(zh="模型是否有用", en="Does a model help?"),
    "error": Title(zh="模型误差", en="Model's error"),
    "naive_error": Title(zh="照上期误差", en="Same-as-last error"),
    "forecasts": Title(zh="回测次数", en="Tried on"),
    "inside": Title(zh="区间命中", en="Inside interval"),
    "period": Title(zh="预测期间", en="Forecast for"),
    "agent": Title(zh="客服", en="Agent"),
    "last": Title(zh="上期", en="Last"),
    "forecast": Title(zh="预测", en="Forecast"),
    "interval": Title(zh="90% 区间", en="90% interval"),
    "value": Title(zh="近期", en="Lately"),
    "aim": Title(zh="团队中位数", en="Team's median"),
    "gap": Title(zh="差距", en="Gap"),
    "trend": Title(zh="走势", en="Trend"),
    "better": Title(zh="是：{model}，误差小 {less:.0%}", en="yes: {model}, {less:.0%} smaller error"),
    "no_better": Title(zh="否：不比“与上期相同”好，照上期", en="no: no better than “same as last”, which stands"),
    "too_few_periods": Title(zh="期数太少，照上期，没有区间", en="too few periods: same as last, no interval"),
    "too_few_agents": Title(zh="客服太少，照上期，没有区间", en="too few agents: same as last, no interval"),
    "naive": Title(zh="与上期相同", en="same as last"),
    "level": Title(zh="个人常态", en="own level"),
    "ridge": Title(zh="线性模型", en="linear model"),
    "improving": Title(zh="好转", en="improving"),
    "worsening": Title(zh="变差", en="worsening"),
    "steady": Title(zh="持平", en="steady"),
    "coaching": Title(zh="辅导清单", en="Coaching list"),
    "nobody": Title(zh="没有明显落后的客服", en="nobody is far behind"),
    "empty": Title(zh="存储中没有可预测的完整期间", en="the store has no whole period to forecast from"),
    "unfinished": Title(
        zh="{first} – {last} 尚未结束，未计入", en="{first} – {last} is not over yet and does not count"
    ),
    "begun": Title(
        zh="存储缺少 {first} – {last} 的开头，未计入",
        en="the beginning of {first} – {last} is not in the store; it does not count",
    ),
    "too_few": Title(zh="{metric}：会话太少，不预测：{agents}", en="{metric}: too few sessions to forecast: {agents}"),
    "gone": Title(zh="{metric}：近来没有数据，不预测：{agents}", en="{metric}: nothing lately, no forecast: {agents}"),
}


def write_outlook(
    found: Outlook, advice: Sequence[Advice], failures: Sequence[Failure], form: str, settings: Settings
) -> None:
    """Write what is to be expected, and whom to coach."""
    if form == "json":
        write_json(outlook_document(found, advice, failures, settings.timezone))
    elif form == "csv":
        write_csv(COLUMNS, _lines(found))
    else:
        _print(found, advice, settings.language)


def outlook_document(
    found: Outlook, advice: Sequence[Advice], failures: Sequence[Failure], timezone: str
) -> dict[str, Any]:
    """Return what ``kefu outlook --format json`` prints."""
    metrics = {metric.name: metric for metric in found.metrics}
    return {
        "schema": "kefu.outlook/1",
        "period": found.kind,
        "next": None if found.upto is None else found.label(found.upto),
        "timezone": timezone,
        "unfinished": _dates(found.unfinished),
        "begun": _dates(found.begun),
        "metrics": [_verdict(found, verdict, metrics[verdict.metric]) for verdict in found.verdicts],
        "forecasts": [_forecast(found, one) for one in found.forecasts],
        "left_out": [
            {"metric": one.metric, "agent_id": one.agent_id, "why": one.why, "weight": one.weight}
            for one in found.left_out
        ],
        "coaching": [
            {"agent_id": one.agent_id, "points": [_point(found, point) for point in one.points]} for one in advice
        ],
        "failures": failed(failures),
    }


def _dates(dates: Dates | None) -> dict[str, str] | None:
    return None if dates is None else {"from": str(dates.first), "to": str(dates.last)}


def _verdict(found: Outlook, verdict: Verdict, metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "title": both(metric.title),
        "unit": metric.unit,
        "better": metric.better,
        "period": found.label(verdict.period),
        "verdict": verdict.said,
        "better_than_naive": verdict.better,
        "model": verdict.model,
        "error": verdict.error,
        "naive_error": verdict.naive_error,
        "forecasts": verdict.forecasts,
        "periods": verdict.periods,
        "inside": verdict.inside,
    }


def _forecast(found: Outlook, one: Forecast) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "agent_id": one.agent_id,
        "period": found.label(one.period),
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "last": one.last,
    }


def _point(found: Outlook, point: WeakPoint) -> dict[str, Any]:
    return {
        "metric": point.metric,
        "value": point.value,
        "weight": point.weight,
        "aim": point.aim,
        "gap": point.gap,
        "score": point.score,
        "trend": point.trend,
        "forecast": None if point.forecast is None else _forecast(found, point.forecast),
    }


def _lines(found: Outlook) -> Iterator[Sequence[object]]:
    for one in found.predicted:
        label, model = found.label(one.verdict.period), one.verdict.model
        for own in one.forecasts:
            yield own.metric, own.agent_id, label, own.value, own.low, own.high, own.last, model, None
        for left in one.left_out:
            yield left.metric, left.agent_id, label, None, None, None, None, None, left.why


def _say(name: str, language: Language, **values: object) -> str:
    return pick(WORDS[name], language).format(**values)


def _print(found: Outlook, advice: Sequence[Advice], language: Language) -> None:
    out = console()
    for name, dates in (("unfinished", found.unfinished), ("begun", found.begun)):
        if dates is not None:
            out.print(Text(_say(name, language, first=dates.first, last=dates.last), style="yellow"))
    if not found.metrics:
        out.print(Text(_say("empty", language)))
        return
    out.print(_verdicts(found, language))
    out.print(_forecasts(found, language))
    for note in _notes(found, language):
        out.print(Text(safe(note), style="yellow"))
    _print_coaching(out, found, advice, language)


def _grid(names: Iterable[str], right: Sequence[str], language: Language) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(Text(_say(name, language)), justify="right" if name in right else "left", overflow="fold")
    return table


def _verdicts(found: Outlook, language: Language) -> Table:
    right = ("error", "naive_error", "forecasts", "inside")
    table = _grid(("metric", "period", "verdict", *right), right, language)
    for metric, verdict in zip(found.metrics, found.verdicts, strict=True):
        table.add_row(
            Text(safe(pick(metric.title, language)), style="bold"),
            Text(found.label(verdict.period)),
            _said(verdict, language),
            Text(error_text(verdict.error, metric)),
            Text(error_text(verdict.naive_error, metric)),
            Text(f"{verdict.forecasts:,}" if verdict.forecasts else MISSING),
            Text(MISSING if verdict.inside is None else f"{verdict.inside:.0%}"),
        )
    return table


def _said(verdict: Verdict, language: Language) -> Text:
    if not verdict.better or verdict.error is None or not verdict.naive_error:
        return Text(_say(verdict.said, language), style="yellow")
    less = 1 - verdict.error / verdict.naive_error
    return Text(_say("better", language, model=_say(verdict.model, language), less=less), style="green")


def error_text(error: float | None, metric: Metric) -> str:
    """Return a difference of two values: of shares in percentage points."""
    if error is None:
        return MISSING
    return f"{error * 100:.1f} pp" if metric.unit == "ratio" else value_text(error, metric.unit)


def _forecasts(found: Outlook, language: Language) -> Table:
    """Return a line an agent and metric, those of an agent together."""
    table = _grid(("agent", "metric", "last", "forecast", "interval"), ("last", "forecast", "interval"), language)
    order = {metric.name: number for number, metric in enumerate(found.metrics)}
    before = None
    for one in sorted(found.forecasts, key=lambda one: (one.agent_id, order[one.metric])):
        metric = found.metrics[order[one.metric]]
        table.add_row(
            Text(safe(one.agent_id) if one.agent_id != before else "", style="bold"),
            Text(safe(pick(metric.title, language))),
            Text(value_text(one.last, metric.unit), style="dim"),
            Text(value_text(one.value, metric.unit), style="green"),
            Text(_interval(one, metric)),
        )
        before = one.agent_id
    return table


def _interval(one: Forecast, metric: Metric) -> str:
    if one.low is None or one.high is None:
        return MISSING
    return f"{value_text(one.low, metric.unit)} – {value_text(one.high, metric.unit)}"


def _notes(found: Outlook, language: Language) -> Iterator[str]:
    for metric, one in zip(found.metrics, found.predicted, strict=True):
        for why in ("too_few", "gone"):
            agents = ", ".join(left.agent_id for left in one.left_out if left.why == why)
            if agents:
                yield _say(why, language, metric=pick(metric.title, language), agents=agents)


def _print_coaching(out: Console, found: Outlook, advice: Sequence[Advice], language: Language) -> None:
    out.print(Text())
    out.print(Text(_say("coaching", language), style="bold cyan"))
    if not advice:
        out.print(Text(_say("nobody", language), style="dim"))
        return
    metrics = {metric.name: metric for metric in found.metrics}
    right = ("value", "aim", "gap", "forecast")
    table = _grid(("agent", "metric", "value", "aim", "gap", "trend", "forecast"), right, language)
    for one in advice:
        for number, point in enumerate(one.points):
            metric = metrics[point.metric]
            table.add_row(
                Text("" if number else safe(one.agent_id), style="bold"),
                Text(safe(pick(metric.title, language))),
                Text(value_text(point.value, metric.unit)),
                Text(value_text(point.aim, metric.unit), style="dim"),
                Text(error_text(point.gap, metric), style="red"),
                Text(MISSING if point.trend is None else _say(point.trend, language)),
                Text(MISSING if point.forecast is None else value_text(point.forecast.value, metric.unit)),
            )
    out.print(table)
