"""A vendor's plugin: a distribution of its own, installed with pip into a fresh environment, and taken out again."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
VENDOR = ROOT / "tests" / "vendor"
MODULE = VENDOR / "kefu_vendor_demo" / "__init__.py"
SAMPLE = ROOT / "sample_sessions"
MOST_LINES = 20


class Environment:
    """A fresh virtual environment that also sees what this one has, kefu among it."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder)
        self.python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
        paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
        ours = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        lines = [f"import site; site.addsitedir({path!r})\n" for path in sorted(ours)]
        Path(paths["purelib"], "this_environment.pth").write_text("".join(lines), encoding="utf-8")

    def run(self, *arguments: str | Path, codes: tuple[int, ...] = (0,)) -> str:
        wide = {**os.environ, "COLUMNS": "200"}
        done = subprocess.run([self.python, *arguments], capture_output=True, encoding="utf-8", env=wide, check=False)
        assert done.returncode in codes, done.stdout + done.stderr
        return done.stdout

    def kefu(self, *arguments: str | Path) -> dict[str, Any]:
        return json.loads(self.run("-m", "kefu", *arguments, "--format", "json"))

    def pip(self, *arguments: str | Path) -> None:
        command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", self.python]
        done = subprocess.run([*command, *arguments], capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def plugins(self) -> dict[str, dict[str, Any]]:
        return {plugin["name"]: plugin for plugin in self.kefu("plugins")["plugins"]}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the distribution away from the rest, so that it can only build if it is whole."""
    folder = tmp_path_factory.mktemp("vendor") / "kefu-vendor-demo"
    shutil.copytree(VENDOR, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("environment"))


@pytest.fixture(scope="module")
def before(environment: Environment) -> dict[str, Any]:
    """Return what kefu says without the vendor's plugin."""
    return {"plugins": environment.plugins(), "run": environment.kefu("run", SAMPLE)}


@pytest.fixture(scope="module")
def installed(environment: Environment, copied: Path, before: dict[str, Any]) -> Environment:
    assert "courtesy" not in before["plugins"]
    environment.pip("install", "--no-deps", "--no-index", "--no-build-isolation", copied)
    return environment


def test_a_metric_of_a_vendors_own_takes_twenty_lines_at_most() -> None:
    text = MODULE.read_text(encoding="utf-8")
    docstring = ast.parse(text).body[0]
    lines = text.splitlines()[docstring.end_lineno :]
    code = [line for line in lines if line.strip() and not line.strip().startswith("#")]
    assert len(code) <= MOST_LINES


def test_the_guide_shows_the_plugin_as_it_is() -> None:
    guide = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    assert f"```python\n{MODULE.read_text(encoding='utf-8')}```\n" in guide


def test_the_guide_shows_how_it_is_packaged_and_tested() -> None:
    guide = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    for name, language in (("pyproject.toml", "toml"), ("test_courtesy.py", "python")):
        assert f"```{language}\n{(VENDOR / name).read_text(encoding='utf-8')}```\n" in guide
    first = (VENDOR / "cases" / "courtesy.toml").read_text(encoding="utf-8").split("\n\n[[case]]")[0]
    assert f"```toml\n{first}\n```\n" in guide


def test_installed_it_is_a_plugin_like_any_other(installed: Environment, before: dict[str, Any]) -> None:
    plugins = installed.plugins()
    assert plugins.pop("courtesy") == {
        "name": "courtesy",
        "version": "1.2.0",
        "origin": "entry point",
        "metrics": ["courtesy_rate"],
        "error": None,
    }
    assert plugins == before["plugins"]


def test_its_metric_is_computed_and_nothing_else_changes(installed: Environment, before: dict[str, Any]) -> None:
    document = installed.kefu("run", SAMPLE)
    metrics = {metric["name"]: metric for metric in document["metrics"]}
    courtesy = metrics.pop("courtesy_rate")
    assert courtesy["plugin"] == "courtesy"
    assert courtesy["title"] == {"zh": "礼貌用语会话率", "en": "Courtesy rate"}
    assert 0 < courtesy["measures"]["polite_sessions"] < courtesy["measures"]["human_sessions"]
    assert courtesy["value"] == courtesy["measures"]["polite_sessions"] / courtesy["measures"]["human_sessions"]
    assert {**document, "metrics": [*metrics.values()]} == before["run"]


def test_its_metric_has_groups_and_people_see_it(installed: Environment) -> None:
    groups = installed.kefu("run", SAMPLE, "--by", "agent_id")["groups"]
    values = [metric["value"] for group in groups for metric in group["metrics"] if metric["name"] == "courtesy_rate"]
    assert len(values) == len(groups) > 1
    assert all(0 <= value <= 1 for value in values)
    assert "礼貌用语会话率" in installed.run("-m", "kefu", "run", SAMPLE)
    assert "礼貌用语会话率" in installed.run("-m", "kefu", "metrics")


def test_its_metric_can_be_explained(installed: Environment) -> None:
    told = installed.kefu("explain", "courtesy_rate", SAMPLE)
    counted: Counter[str] = Counter()
    for row in told["rows"]:
        counted.update(row["counts"])
    assert counted == told["measures"]
    shown = [found for row in told["rows"] for found in row["evidence"]]
    assert {found["why"] for found in shown} == {"a courtesy"}
    assert {found["role"] for found in shown} == {"agent"}


def test_its_own_tests_pass_where_it_is_installed(installed: Environment, copied: Path, tmp_path: Path) -> None:
    for name in ("test_courtesy.py", "cases"):
        (tmp_path / name).symlink_to(copied / name)  # away from the source: what is installed is tested
    assert "4 passed" in installed.run("-m", "pytest", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path)


def test_taken_out_it_is_forgotten(installed: Environment, before: dict[str, Any]) -> None:
    installed.pip("uninstall", "--yes", "kefu-vendor-demo")
    assert installed.plugins() == before["plugins"]
