"""What each check says, for numbers that were worked out by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from kefu.config import Checks, Limits, load_settings
from kefu.errors import ConfigError
from kefu.host import Host
from kefu.metric import Count, Metric, Ratio, Title
from kefu.night.checks import Seen, check, check_names, judge, week_dates, worst
from kefu.run.values import Value

NIGHT = dt.date(2025, 6, 30)
ABRUPT = Metric(
    name="abrupt",
    title=Title(zh="突兀", en="Abrupt"),
    measures={"a": Count(), "b": Count()},
    on="sessions",
    value=Ratio("a", "b"),
    unit="ratio",
    better="lower",
    source="test",
    reads=Title(zh="甲", en="a"),
)


def said(seen: Seen, **settings: Any) -> dict[str, tuple[str, str]]:  # noqa: ANN401 - any setting
    """Return level and English sentence of every check."""
    return {one.name: (one.level, one.message.en) for one in check(seen, Checks(**settings))}


@pytest.mark.parametrize(
    ("value", "level", "side"),
    [(9.9, "error", "below"), (10, "warn", "below"), (19.9, "warn", "below"), (20, "ok", ""), (30, "ok", ""),
     (30.1, "warn", "above"), (40, "warn", "above"), (40.1, "error", "above")],
)  # fmt: skip
def test_a_limit_itself_is_within_it(value: float, level: str, side: str) -> None:
    limits = Limits(error_below=10, warn_below=20, warn_above=30, error_above=40)
    assert judge(value, limits)[:2] == (level, side)


@pytest.mark.parametrize(("behind", "level"), [(0, "ok"), (1, "warn"), (2, "warn"), (3, "error"), (-2, "ok")])
def test_input_grows_stale_day_by_day(behind: int, level: str) -> None:
    found = said(Seen(NIGHT, NIGHT - dt.timedelta(days=behind)))
    assert found["freshness"][0] == level


def test_input_without_any_session_is_an_error() -> None:
    assert said(Seen(NIGHT, None))["freshness"] == ("error", "there is no session in the input")


def test_without_a_night_nothing_is_said_of_freshness_and_volume() -> None:
    days = {NIGHT - dt.timedelta(weeks=week): 100 for week in range(5)}
    assert said(Seen(None, NIGHT, days)) == {}


def volume(count: int, *before: int) -> tuple[str, str] | None:
    """Return what is said of a night after such weeks, the last one first."""
    days = dict(zip(week_dates(NIGHT), before, strict=False)) | {NIGHT: count}
    return said(Seen(NIGHT, NIGHT, days)).get("volume")


@pytest.mark.parametrize(
    ("count", "level"),
    [(100, "ok"), (50, "ok"), (49, "warn"), (20, "warn"), (19, "error"), (300, "ok"), (301, "error")],
)
def test_volume_is_held_against_the_median_of_the_weekday(count: int, level: str) -> None:
    found = volume(count, 100, 90, 110, 100_000)  # the median of an even number: (100 + 110) / 2 = 105
    assert found is not None
    assert f"{count} sessions" in found[1]
    assert volume(count, 100, 90, 110)[0] == level  # type: ignore[index]


def test_volume_needs_two_such_weekdays_and_sessions_on_them() -> None:
    assert volume(0, 100) is None
    assert volume(0, 0, 0) is None
    found = volume(0, 100, 100)
    assert found == ("error", "2025-06-30 has 0 sessions, its weekday in the 4 weeks before 100 (0%), below 20%")


def test_other_weekdays_do_not_count() -> None:
    days = {NIGHT - dt.timedelta(days=day): 100 for day in range(1, 29) if day % 7}
    assert "volume" not in said(Seen(NIGHT, NIGHT, days | {NIGHT: 1}))


@pytest.mark.parametrize(
    ("rows", "rejected", "level"),
    [
        (1000, 10, "ok"),
        (1000, 11, "warn"),
        (1000, 100, "warn"),
        (1000, 101, "error"),
        (99, 99, None),
        (100, 11, "error"),
    ],
)
def test_rejected_rows_are_judged_by_table_from_a_hundred_rows_on(rows: int, rejected: int, level: str | None) -> None:
    seen = Seen(
        None, None, input={"alerts": {"rows": rows, "rejected": rejected}, "agents": {"rows": 0, "rejected": 0}}
    )
    found = said(seen)
    assert (found["rejected.alerts"][0] if level else found) == (level or {})


def seen_value(value: float | None, coverage: float | None) -> Seen:
    return Seen(None, None, metrics=[ABRUPT], values={"abrupt": Value(value, {}, coverage)})


def test_coverage_is_not_judged_until_a_limit_is_set() -> None:
    seen = seen_value(0.5, 0.7)
    assert said(seen) == {}
    assert said(seen, coverage={"warn_below": 0.8}) == {
        "coverage.abrupt": ("warn", "coverage of abrupt is 70.00%, below 80.00%")
    }
    own = {"abrupt": {"coverage_warn_below": 0.6}}
    assert said(seen, coverage={"warn_below": 0.8}, metrics=own)["coverage.abrupt"][0] == "ok"
    assert said(seen, metrics={"abrupt": {"coverage_error_below": 0.8}})["coverage.abrupt"][0] == "error"
    assert "coverage.abrupt" not in said(seen_value(None, None), coverage={"warn_below": 0.8})


@pytest.mark.parametrize(
    ("value", "level"), [(0.1, "error"), (0.25, "warn"), (0.4, "ok"), (0.7, "warn"), (0.95, "error")]
)
def test_any_metric_has_limits(value: float, level: str) -> None:
    limits = {"error_below": 0.2, "warn_below": 0.3, "warn_above": 0.6, "error_above": 0.9}
    assert said(seen_value(value, 1), metrics={"abrupt": limits})["metrics.abrupt"][0] == level


def test_no_value_is_within_all_limits_and_a_missing_metric_is_said() -> None:
    assert said(seen_value(None, 0.0), metrics={"abrupt": {"warn_below": 1}}) == {}
    found = said(Seen(None, None), metrics={"abrupt": {"warn_below": 1}})
    assert found == {"metrics.abrupt": ("warn", "the metric abrupt is missing")}


def test_every_sentence_is_in_both_languages_and_the_worst_counts() -> None:
    days = dict.fromkeys(week_dates(NIGHT), 100)
    seen = Seen(NIGHT, dt.date(2025, 6, 1), days, {"messages": {"rows": 100, "rejected": 9}}, [ABRUPT],
                {"abrupt": Value(2.0, {}, 0.1)})  # fmt: skip
    found = check(seen, Checks(coverage=Limits(warn_below=0.5), metrics={"abrupt": {"warn_above": 1}}))  # type: ignore[dict-item]
    assert [(one.name, one.level) for one in found] == [
        ("freshness", "error"), ("volume", "error"), ("rejected.messages", "warn"), ("coverage.abrupt", "warn"),
        ("metrics.abrupt", "warn"),
    ]  # fmt: skip
    assert found[0].message.zh == "最新会话的日期是 2025-06-01，比 2025-06-30 早 29 天（限 2 天）"
    assert found[4].message.zh == "突兀是 200.00%，高于 100.00%"
    assert all(one.message.zh != one.message.en for one in found)
    assert worst(found) == "error"
    assert worst(found[2:]) == "warn"
    assert worst([]) == "ok"
    assert check(seen, Checks(off=("freshness", "volume", "rejected", "coverage", "metrics"))) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[checks.volumes]\nwarn_below = 1", "checks.volumes"),
        ("[checks.volume]\nwarn_under = 1", "checks.volume.warn_under"),
        ("[checks.volume]\nwarn_below = 'x'", "checks.volume.warn_below"),
        ("[checks.volume]\nwarn_below = 0.1", "error_below must not be above warn_below"),
        ("[checks.metrics]\nabrupt = { warn_above = 2, error_above = 1 }", "error_above must not be below warn_above"),
        ("[checks.metrics.abrupt]\nwarn_above = inf", "checks.metrics.abrupt.warn_above"),
        ("[checks]\noff = ['speed']", "checks.off"),
        ("[checks.rejected]\nleast_rows = 0", "least_rows"),
        ("[notify]\non = 'never'", "notify.on"),
    ],
)
def test_what_does_not_fit_is_an_error(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "kefu.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=why.replace(".", r"\.")):
        load_settings(path)


def test_a_limit_changed_leaves_the_others_and_the_environment_reaches_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_CHECKS__VOLUME__WARN_BELOW", "0.4")
    monkeypatch.setenv("KEFU_CHECKS__METRICS__ABRUPT__ERROR_ABOVE", "3")
    checks = load_settings().checks
    assert (checks.volume.warn_below, checks.volume.error_below, checks.volume.error_above) == (0.4, 0.2, 3)
    assert checks.metrics["abrupt"].error_above == 3


def test_a_metric_that_there_is_not_is_an_error_unless_its_plugin_may_have_failed() -> None:
    host = Host(builtins=False, outsiders=False, modules={"broken": object()})
    settings = Checks(metrics={"abrupt": {}})  # type: ignore[dict-item]
    check_names(settings, host)
    host.plugins.clear()
    with pytest.raises(ConfigError, match="no such metric"):
        check_names(settings, host)
