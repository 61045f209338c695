"""A plugin that fails takes down its own metrics and nothing else, and the output says so.

What is not contained, and cannot be in one process: ``os._exit``, a crash of the interpreter, a call that never ends.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from plugin_texts import AUTHOR, COUNTS_TALLIES, FAILURES, LOADING, MEDDLING, ON_POLITE, PRINTS, READERS, TALLY, offers

from few_sessions import write_few_sessions
from helpers import run
from kefu.cli import main
from kefu.config import load_settings
from kefu.host import Host, Plugin
from kefu.run.engine import Outcome
from kefu.show.document import run_document

BY = ("date", "agent_id")
TEN = {
    *("script_usage_rate", "robot_interception_rate", "hotspot_repair_rate", "hotspot_adoption_rate"),
    *("opinion_alert_timeliness", "sensitive_word_rate", "agent_closed_rate", "reply_interval"),
    *("peak_concurrency", "interactions_per_session"),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_few_sessions(folder)
    return folder


@pytest.fixture(scope="module")
def alone(shop: Path) -> dict:
    """Return what the built-in plugins say without any other."""
    found = told(run(shop, BY))
    assert found["failures"] == []
    assert all(metric["value"] is not None for metric in found["metrics"] if metric["name"] in TEN)
    return found


@pytest.fixture
def plugins(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "plugins"
    folder.mkdir()
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if name.startswith("kefu_plugin_file_"):
            del sys.modules[name]


def told(outcome: Outcome) -> dict:
    return json.loads(json.dumps(run_document(outcome, BY, "Asia/Shanghai")))


def with_plugins(shop: Path, plugins: Path, **files: str) -> Outcome:
    for name, text in files.items():
        (plugins / f"{name}.py").write_text(text, encoding="utf-8")
    return run(shop, BY, host=Host(plugins, outsiders=False))


def of_the_built_in(document: dict, alone: dict) -> dict:
    ours = {metric["name"] for metric in alone["metrics"]}
    metrics = [metric for metric in document["metrics"] if metric["name"] in ours]
    groups = [
        {**group, "metrics": [metric for metric in group["metrics"] if metric["name"] in ours]}
        for group in document["groups"]
    ]
    return {**document, "metrics": metrics, "groups": groups, "failures": []}


@pytest.mark.parametrize("name", FAILURES)
def test_a_plugin_fails_alone(name: str, shop: Path, alone: dict, plugins: Path) -> None:
    text, why = FAILURES[name]
    outcome = with_plugins(shop, plugins, shop_plugin=text)
    found = told(outcome)
    assert {**found, "failures": []} == alone
    (failure,) = found["failures"]
    assert why in failure["error"]
    assert "\n" not in failure["error"]
    assert failure == {"plugin": "shop_plugin", "version": "2.7", "error": failure["error"]}
    assert outcome.failed


@pytest.mark.parametrize("name", MEDDLING)
def test_a_plugin_that_works_changes_nothing_else(name: str, shop: Path, alone: dict, plugins: Path) -> None:
    folder, filters = Path.cwd(), list(warnings.filters)
    outcome = with_plugins(shop, plugins, shop_plugin=MEDDLING[name])
    found = told(outcome)
    assert found["failures"] == []
    assert not outcome.failed
    assert of_the_built_in(found, alone) == alone
    assert "shop_metric" in outcome.whole.values
    assert (Path.cwd(), warnings.filters) == (folder, filters)


def test_without_plugins_nothing_fails(alone: dict) -> None:
    assert {metric["name"] for metric in alone["metrics"]} >= TEN


@pytest.mark.parametrize("kind", READERS)
def test_what_reads_a_column_of_a_failed_plugin_is_missing_too(
    kind: str, shop: Path, alone: dict, plugins: Path
) -> None:
    outcome = with_plugins(shop, plugins, author=AUTHOR, reader=READERS[kind])
    failures = {(failure.plugin, failure.version): failure.error for failure in outcome.failures}
    assert failures["author", "2.7"] == "ZeroDivisionError: division by zero"
    assert "metric 'reader_metric' reads" in failures["reader", "2.7"]
    assert "of plugin 'author', which failed" in failures["reader", "2.7"]
    assert len(failures) == 2
    assert outcome.whole.values.keys() - {metric["name"] for metric in alone["metrics"]} == {"other_metric"}
    assert of_the_built_in(told(outcome), alone) == alone


def test_what_reads_a_column_of_a_plugin_that_never_offered_it_fails(shop: Path, alone: dict, plugins: Path) -> None:
    outcome = with_plugins(shop, plugins, author="1 / 0", reader=READERS["a metric"])
    reasons = {failure.plugin: failure.error for failure in outcome.failures}
    assert reasons["author"].startswith("ZeroDivisionError")
    assert "metric 'reader_metric'" in reasons["reader"]
    assert "polite_words" in reasons["reader"]
    assert of_the_built_in(told(outcome), alone) == alone


def test_a_tally_of_a_failed_column_takes_down_its_plugin_before_the_run(
    shop: Path, alone: dict, plugins: Path
) -> None:
    author = offers(ON_POLITE, f"column(lambda t: t, where=col('no_such')), {TALLY}")
    outcome = with_plugins(shop, plugins, author=author, reader=READERS["a tally"])
    reasons = {failure.plugin: failure.error for failure in outcome.failures}
    assert reasons.keys() == {"author", "reader"}
    assert reasons["reader"] == "it reads 'polite' of plugin 'author', which failed"
    assert of_the_built_in(told(outcome), alone) == alone


def test_a_name_of_a_built_in_plugin_is_taken(shop: Path, alone: dict, plugins: Path) -> None:
    outcome = with_plugins(shop, plugins, agent_closed=offers())
    assert of_the_built_in(told(outcome), alone) == alone
    (failure,) = outcome.failures
    assert (failure.plugin, failure.version) == ("agent_closed", "2.7")
    assert failure.error == "the plugin name 'agent_closed' is taken: choose another"


def test_the_first_of_two_owners_of_a_name_keeps_it(shop: Path, plugins: Path) -> None:
    outcome = with_plugins(shop, plugins, first=offers(), second=offers())
    assert outcome.owners["shop_metric"] == "first"
    assert [failure.plugin for failure in outcome.failures] == ["second"]


@dataclass(frozen=True)
class Command:
    """Runs ``kefu`` in this process, and takes what comes out of it by whatever way."""

    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        self.patch.setattr(sys, "argv", ["kefu", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        return left.value.code, *self.capture.readouterr()


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("COLUMNS", "500")
    return Command(capfd, monkeypatch)


def test_what_a_plugin_prints_is_not_in_the_document(shop: Path, plugins: Path, command: Command) -> None:
    (plugins / "prints.py").write_text(PRINTS, encoding="utf-8")
    code, out, err = command("run", shop, "--plugins-dir", plugins, "--format", "json")
    assert (code, json.loads(out)["failures"]) == (0, [])
    assert "out of turn" not in out
    assert err.count("out of turn") >= 4 * 5


@pytest.mark.parametrize("name", ["a syntax error", "a metric name that is taken", "a window that drops rows"])
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_the_command_says_so_and_exits_with_1(
    name: str, form: str, shop: Path, plugins: Path, command: Command
) -> None:
    text, why = FAILURES[name]
    (plugins / "shop_plugin.py").write_text(text, encoding="utf-8")
    code, out, err = command("run", shop, "--plugins-dir", plugins, "--format", form)
    assert code == 1
    if form == "json":
        (failure,) = json.loads(out)["failures"]
        assert (failure["plugin"], failure["version"]) == ("shop_plugin", "2.7")
        assert why in failure["error"]
    else:
        (line,) = (line for line in (err if form == "csv" else out).splitlines() if "shop_plugin" in line)
        assert "shop_plugin 2.7: " in line
        assert why in line


def test_the_list_of_plugins_names_the_cause(plugins: Path, command: Command) -> None:
    (plugins / "bad.py").write_text(LOADING["an exit"][0], encoding="utf-8")
    (plugins / "good.py").write_text(offers(), encoding="utf-8")
    code, out, _ = command("plugins", "--plugins-dir", plugins, "--format", "json")
    listed = {plugin["name"]: plugin for plugin in json.loads(out)["plugins"]}
    assert code == 1
    assert (listed["bad"]["version"], listed["bad"]["error"]) == ("2.7", "SystemExit: 0")
    assert (listed["good"]["version"], listed["good"]["error"]) == ("2.7", None)
    assert listed["good"]["metrics"] == ["shop_metric"]


def test_a_metric_of_a_failed_plugin_cannot_be_explained(shop: Path, plugins: Path, command: Command) -> None:
    for name in ("a column that raises", "a measure of a column that is not there"):
        (plugins / "shop_plugin.py").write_text(FAILURES[name][0], encoding="utf-8")
        code, out, err = command("explain", "shop_metric", shop, "--plugins-dir", plugins)
        assert (code, out) == (1, "")
        assert "because of plugin 'shop_plugin'" in err
        assert FAILURES[name][1] in err


def test_other_metrics_can_be_explained_beside_a_plugin_that_fails(shop: Path, plugins: Path, command: Command) -> None:
    wanted = command("explain", "reply_interval", shop, "--format", "json")
    (plugins / "shop_plugin.py").write_text(FAILURES["a window that raises"][0], encoding="utf-8")
    code, out, err = command("explain", "reply_interval", shop, "--format", "json", "--plugins-dir", plugins)
    assert wanted == (0, out, "")
    assert code == 1
    assert err == "kefu: plugin shop_plugin 2.7: ZeroDivisionError: division by zero\n"


def test_an_explanation_asks_for_no_column_that_it_does_not_need(shop: Path, plugins: Path, command: Command) -> None:
    wanted = command("explain", "reply_interval", shop, "--format", "json")
    (plugins / "shop_plugin.py").write_text(FAILURES["a column that raises"][0], encoding="utf-8")
    told = command("explain", "reply_interval", shop, "--format", "json", "--plugins-dir", plugins)
    assert wanted == told


def test_an_explanation_works_out_what_days_are_counted_by(shop: Path, plugins: Path, command: Command) -> None:
    wanted = command("explain", "reply_interval", shop, "--format", "json")
    (plugins / "shop_plugin.py").write_text(COUNTS_TALLIES, encoding="utf-8")
    told = command("explain", "reply_interval", shop, "--format", "json", "--plugins-dir", plugins)
    assert wanted == told
    code, out, _ = command("explain", "shop_metric", shop, "--format", "json", "--plugins-dir", plugins)
    assert (code, json.loads(out)["measures"]["polite"] > 0) == (0, True)


def test_an_interruption_is_the_users_not_the_plugins(plugins: Path) -> None:
    (plugins / "stopped.py").write_text("raise KeyboardInterrupt", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        Host(plugins, outsiders=False)


def test_an_installed_plugin_that_is_not_there_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, metadata in (("gone", "Metadata-Version: 2.1\nName: gone\nVersion: 1.4\n"), ("cut", "")):
        folder = tmp_path / f"{name}-1.4.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(metadata, encoding="utf-8")
        (folder / "entry_points.txt").write_text(f"[kefu]\n{name} = no_such_module_{name}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    host = Host()
    failed = {plugin.name: plugin for plugin in host.plugins if plugin.error}
    assert {"gone", "cut"} <= failed.keys()
    assert failed["gone"].version == "1.4"
    assert "ModuleNotFoundError" in str(failed["gone"].error)
    assert all(plugin.error is None for plugin in host.plugins if plugin.origin == "built-in")


def test_the_first_reason_stays() -> None:
    plugin = Plugin("p", "file")
    plugin.fail(ValueError("first"))
    plugin.fail(ValueError("second"))
    assert plugin.error == "ValueError: first"
    assert plugin.call(lambda: 1, 2) == 2


def test_settings_of_a_plugin_reach_it_and_no_other(shop: Path, plugins: Path) -> None:
    text = offers("metric(context.options['name'])").replace("kefu_metrics()", "kefu_metrics(context)")
    for name in ("first", "second"):
        (plugins / f"{name}.py").write_text(text, encoding="utf-8")
    settings = load_settings(plugin={"first": {"name": "one"}, "second": {"name": "two"}})
    assert {"one", "two"} <= run(shop, settings=settings, host=Host(plugins, outsiders=False)).whole.values.keys()
