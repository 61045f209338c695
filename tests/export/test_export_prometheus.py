"""What Prometheus reads: every line of the format, labels escaped, what is null left out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from commands import kefu
from reading_back import from_prometheus

from kefu.export.prometheus import write_exposition
from kefu.metric import Count, Metric, Ratio, Title
from kefu.run.outcome import Outcome
from kefu.run.values import GroupValues, Value


def outcome(groups: dict[str, float | None]) -> Outcome:
    count = Count()
    title = Title(zh="试\\验", en='a "trial"')
    metric = Metric("trial", title, "sessions", {"a": count}, Ratio("a", "a"), "ratio", "higher", "test", title)
    told = [GroupValues((text,), {"trial": Value(value, {"a": 1}, 0.5)}) for text, value in groups.items()]
    return Outcome(None, None, [metric], GroupValues((), {}), told, {}, [], {"trial": "test"})


def exposed(groups: dict[str, float | None]) -> str:
    found: list[str] = []
    count = write_exposition(outcome(groups), ("queue",), dt.date(2025, 3, 29), "Europe/Berlin", found.append)
    assert count == sum(value is not None for value in groups.values())
    return "".join(found)


def test_the_text_is_what_the_format_says() -> None:
    assert exposed({'a"b\\c\nd': 0.1, "售后": None}) == (
        '# HELP kefu_trial 试\\\\验 a "trial": a "trial" (ratio)\n'
        "# TYPE kefu_trial gauge\n"
        'kefu_trial{queue="a\\"b\\\\c⏎d"} 0.1\n'
        "# HELP kefu_coverage Share of the rows that a metric is about that had the data it needs.\n"
        "# TYPE kefu_coverage gauge\n"
        'kefu_coverage{metric="trial",queue="a\\"b\\\\c⏎d"} 0.5\n'
        'kefu_coverage{metric="trial",queue="售后"} 0.5\n'
        "# HELP kefu_last_date_timestamp_seconds When the last date that the store has came to its end.\n"
        "# TYPE kefu_last_date_timestamp_seconds gauge\n"
        "kefu_last_date_timestamp_seconds 1743289200.0\n"
    )


def test_texts_that_look_the_same_stay_apart() -> None:
    """Else the collector would refuse the whole file."""
    samples = from_prometheus(exposed({"a\n": 1.0, "a⏎": 2.0, "a⏎ (2)": 3.0, "a\r\n": 4.0}))
    values = [value for (name, _), value in samples.items() if name == "kefu_trial"]
    assert values == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("value", [0.0, -0.5, 1e-9, 1e300, 1 / 3])
def test_values_keep_every_bit(value: float) -> None:
    assert from_prometheus(exposed({"q": value}))["kefu_trial", frozenset({("queue", "q")})] == value


def test_the_last_date_is_that_of_the_store(week: str) -> None:
    """Whatever period is asked about."""
    done = kefu("export", "values", "--day", "2025-06-03", "--store", week, "--format", "prometheus")
    samples = from_prometheus(done.out)
    midnight = dt.datetime(2025, 6, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert samples["kefu_last_date_timestamp_seconds", frozenset()] == midnight.timestamp()
    shown = kefu("show", "--day", "2025-06-03", "--store", week, "--format", "json").document["metrics"]
    coverage = {metric["name"]: metric["coverage"] for metric in shown if metric["coverage"] is not None}
    told = {dict(labels)["metric"]: value for (name, labels), value in samples.items() if name == "kefu_coverage"}
    assert told == coverage


def test_a_collector_never_sees_half_a_file(week: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is written beside its place, under a name that the collector does not read."""
    target = tmp_path / "kefu.prom"
    target.write_text("old\n", encoding="utf-8")
    seen = []
    replace = Path.replace

    def look(self: Path, other: Path) -> Path:
        seen.append((self.suffix, target.read_text(encoding="utf-8")))
        return replace(self, other)

    monkeypatch.setattr(Path, "replace", look)
    assert kefu("export", "values", "--store", week, "--out", target).code == 0
    assert seen == [(".new", "old\n")]
    assert from_prometheus(target.read_bytes().decode())
