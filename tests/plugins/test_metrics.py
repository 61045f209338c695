"""What every metric must say of itself, and the ten metrics of the contract under their exact names."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import get_args

import pytest

from kefu.columns import DatedTable, PeriodTable
from kefu.config import Settings
from kefu.context import Context, Thresholds
from kefu.host import Host
from kefu.metric import Better, Group, Metric, Pairs, Title, Unit
from kefu.run.words import word_lists
from kefu.show.catalogue import write_metrics
from kefu.testing import load_cases

CASES = load_cases(Path(__file__).parent / "cases")
HAN = re.compile(r"[\u3400-\u9fff]")

TEN = {
    "script_usage_rate": ("智能预存应用率", ("scripted_message_share", "scripted_session_share")),
    "robot_interception_rate": ("机器人智能拦截率", ("effective_interception_rate", "bot_unrecognised_rate")),
    "hotspot_repair_rate": ("智能热点修复率", ("repair_days_p50",)),
    "hotspot_adoption_rate": (
        "智能热点预存客户采纳率",
        ("adopted_of_rated", "click_rate", "human_after_adoption_rate"),
    ),
    "opinion_alert_timeliness": (
        "舆情监测及时率",
        ("opinion_alert_missed_rate", "alert_delay_p50", "false_alert_share"),
    ),
    "sensitive_word_rate": ("敏感词出现率", ("sensitive_session_share",)),
    "agent_closed_rate": ("客服主动对话关闭率", ("abrupt_close_rate",)),
    "reply_interval": (
        "平均回复间隔时长",
        (
            "reply_interval_p50",
            "reply_interval_p90",
            "first_response",
            "first_response_p90",
            "service_time_per_session",
            "pending_turn_rate",
        ),
    ),
    "peak_concurrency": (
        "人均同时对话数",
        ("mean_concurrency", "outside_band_share", "concurrency_reply_correlation"),
    ),
    "interactions_per_session": ("服务对话互动次数", ("messages_per_session",)),
}
"""Section 3 of the contract: each metric, 指标, and what is reported beside it."""

SHOWN_BY_PEAKS = "agent_days"
"""The table whose evidence is no message: the host shows when each session was open at a peak."""
EVERY_MESSAGE_COUNTS = frozenset({"messages_per_session"})
"""Metrics to which every message adds the same, so that none stands out."""

TOLD_OF_SESSIONS = frozenset(
    {
        *("csat", "csat_satisfied_share", "nps", "conversion_rate", "hold_time", "daily_output"),
        *("first_contact_resolution", "repeat_contact_rate", "resolved_within_24h"),
    }
)
"""Metrics of what the platform tells of a session, or of how long something took: no message shows that."""
SHOWN_BESIDE = frozenset({"connection_rate"})
"""Complements: the evidence of the other one is that of both."""


@cache
def host(thresholds: Thresholds = Thresholds()) -> Host:  # noqa: B008 - frozen
    """Load our own plugins and ask them for everything."""
    loaded, words = Host(outsiders=False), word_lists(Settings())
    loaded.offer_metrics(lambda _: Context(thresholds))
    loaded.offer_columns(lambda _: Context(thresholds, words), taken=())
    assert not [plugin.error for plugin in loaded.plugins if plugin.error]
    return loaded


def texts(metric: Metric) -> Iterator[Title]:
    """Give everything that a metric says to people."""
    yield from (metric.title, metric.reads, *metric.left_out, *(evidence.why for evidence in metric.evidence))


every_metric = pytest.mark.parametrize("metric", host().metrics, ids=lambda metric: metric.name)


@every_metric
def test_some_case_wants_a_value_of_it(metric: Metric) -> None:
    plugin = host().owner(metric.name).name
    wanted = [values for case in CASES if case.plugin == plugin for values in (case.want, *case.want_groups.values())]
    assert any(metric.name in values for values in wanted), f"add a case to cases/{plugin}.toml"


@every_metric
def test_some_case_wants_no_value_of_it(metric: Metric) -> None:
    plugin = host().owner(metric.name).name
    wanted = [values for case in CASES if case.plugin == plugin for values in (case.want, *case.want_groups.values())]
    assert any(metric.name not in values for values in wanted), f"add a case without the data to cases/{plugin}.toml"


@every_metric
def test_it_speaks_chinese_and_english(metric: Metric) -> None:
    for text in texts(metric):
        assert HAN.search(text.zh), text
        assert re.search("[A-Za-z]", text.en), text
        assert not HAN.search(text.en), text


@every_metric
def test_it_tells_unit_direction_group_and_source(metric: Metric) -> None:
    assert metric.unit in get_args(Unit)
    assert metric.better in get_args(Better)
    assert metric.group in get_args(Group)
    assert metric.source.strip()


@every_metric
def test_its_formula_reads_only_what_it_names(metric: Metric) -> None:
    known = set(metric.over or metric.measures)
    assert known.issuperset(metric.value.names)
    assert metric.coverage is None or known.issuperset(metric.coverage.names)
    for second in metric.over.values():
        read = {second.x, second.y_sum, second.y_count} if isinstance(second, Pairs) else _roots(second)
        assert read <= {*metric.measures, *metric.each}


def _roots(measure: object) -> set[str]:
    expressions = [getattr(measure, name, None) for name in ("of", "where")]
    return {root for expression in expressions if expression is not None for root in expression.meta.root_names()}


@every_metric
def test_it_has_evidence_unless_no_message_shows_it(metric: Metric) -> None:
    added = [addition for plugin in host().plugins for addition in plugin.additions]
    own = {addition.name for addition in added if isinstance(addition, PeriodTable | DatedTable)}
    without = EVERY_MESSAGE_COUNTS | TOLD_OF_SESSIONS | SHOWN_BESIDE
    if metric.on not in own | {SHOWN_BY_PEAKS}:
        assert bool(metric.evidence) == (metric.name not in without)


def test_every_plugin_has_its_file_of_cases_and_every_file_its_plugin() -> None:
    assert {case.plugin for case in CASES} == {plugin.name for plugin in host().plugins if plugin.metrics}


def test_no_two_cases_of_a_plugin_have_the_same_name() -> None:
    names = [str(case) for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", TEN)
def test_the_ten_metrics_and_their_companions_have_the_names_of_the_contract(name: str) -> None:
    known = {metric.name: metric for metric in host().metrics}
    title, companions = TEN[name]
    assert known[name].title.zh == title
    assert known[name].companion_of is None
    assert {metric.name for metric in known.values() if metric.companion_of == name} == set(companions)


def test_the_formulas_in_words_tell_the_thresholds_of_the_run() -> None:
    limits = Thresholds(
        opinion_alert_minutes=45, return_hours=48, band_new_most=2, band_senior_least=11, band_senior_most=12
    )
    reads = {metric.name: metric.reads for metric in host(limits).metrics}
    for name, numbers in {
        "opinion_alert_timeliness": ("45",),
        "effective_interception_rate": ("48",),
        "outside_band_share": ("2", "11–12"),
    }.items():
        for number in numbers:
            assert number in reads[name].zh
            assert number in reads[name].en


def test_the_catalogue_has_both_languages_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    reads = {metric.name: metric.reads for metric in host().metrics}
    write_metrics(host(), "json", "zh")
    told = json.loads(capsys.readouterr().out)["metrics"]
    assert {row["name"]: Title(**row["reads"]) for row in told} == reads
    write_metrics(host(), "csv", "zh")
    rows = csv.DictReader(StringIO(capsys.readouterr().out))
    assert {row["name"]: Title(row["reads_zh"], row["reads_en"]) for row in rows} == reads


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_catalogue_shows_people_their_own_language(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kefu.show.terminal.PLAIN_WIDTH", 1000)
    write_metrics(host(), "table", language)  # type: ignore[arg-type]
    shown = capsys.readouterr().out
    for metric in host().metrics:
        own, other = (metric.reads.zh, metric.reads.en) if language == "zh" else (metric.reads.en, metric.reads.zh)
        assert own in shown
        assert other not in shown
