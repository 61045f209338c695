"""The plugin host: finds plugins, loads and calls them one by one, so that one failure stays one.

Built-in plugins are the modules of ``kefu_plugins``; vendors' come from the entry-point group ``kefu`` or as a
single file in a folder of plugins. All go through the same door.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import entry_points, version
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pluggy

from kefu import hookspecs
from kefu.columns import Addition, Window
from kefu.context import Context
from kefu.errors import ConfigError
from kefu.metric import Metric

Origin = Literal["built-in", "entry point", "file"]
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(slots=True)
class Plugin:
    """One plugin, loaded or failed.

    :param error: why its metrics are missing; ``None`` while it works.
    """

    name: str
    origin: Origin
    version: str = "–"
    metrics: list[Metric] = field(default_factory=list)
    additions: list[Addition] = field(default_factory=list)
    error: str | None = None

    def fail(self, error: BaseException | str) -> None:
        """Mark as failed; the first reason stays."""
        if self.error is None:
            self.error = error if isinstance(error, str) else describe(error)


@dataclass(frozen=True, slots=True)
class _Found:
    """A plugin that can be loaded."""

    name: str
    origin: Origin
    load: Callable[[], object]
    version: str


class Host:
    """Holds the plugins of a run."""

    def __init__(
        self,
        plugins_dir: Path | None = None,
        *,
        builtins: bool = True,
        outsiders: bool = True,
        modules: Mapping[str, object] | None = None,
    ) -> None:
        """Load all plugins.

        :param modules: plugins that are loaded already, by name.

        :param builtins: load our own; a check of the input needs none.

        :param plugins_dir: a folder with single-file plugins.
        :param outsiders: load vendors' plugins too; tests turn them off.
        """
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self.plugins: list[Plugin] = []
        if builtins:
            self._load_all(_builtins())
        if outsiders:
            self._load_all(_installed())
        if plugins_dir is not None:
            self._load_all(_files(plugins_dir))
        self._load_all(_Found(name, "file", partial(_itself, module), "–") for name, module in (modules or {}).items())

    def _load_all(self, found: Iterable[_Found]) -> None:
        for plugin in found:
            self._load(plugin)

    def offer_metrics(self, context: Callable[[str], Context]) -> None:
        """Ask every plugin for its metrics; a second owner of a name fails.

        :param context: what to hand to the plugin of that name.
        """
        owners: dict[str, str] = {}
        for plugin in self.working():
            offered = self._ask(plugin, "kefu_metrics", context)
            problem = _metric_problem(offered, owners, plugin.name)
            if problem:
                plugin.fail(problem)
                continue
            plugin.metrics = [*offered]
            owners |= {metric.name: plugin.name for metric in plugin.metrics}

    def offer_columns(self, context: Callable[[str], Context], taken: Iterable[str]) -> None:
        """Ask every plugin for its columns and tables.

        :param taken: the names of the facts' own columns.
        """
        owners = dict.fromkeys(taken, "kefu")
        for plugin in self.working():
            offered = self._ask(plugin, "kefu_columns", context)
            problem = _addition_problem(offered, owners)
            if problem:
                plugin.fail(problem)
                continue
            plugin.additions = [*offered]
            owners |= {name: plugin.name for added in plugin.additions for name in names_of(added)}

    def working(self) -> list[Plugin]:
        """Return the plugins that have not failed."""
        return [plugin for plugin in self.plugins if plugin.error is None]

    @property
    def metrics(self) -> list[Metric]:
        """The metrics of all working plugins, in the order in which they were offered."""
        return [metric for plugin in self.working() for metric in plugin.metrics]

    def owner(self, metric: str) -> Plugin:
        """Return the plugin of a metric."""
        return next(plugin for plugin in self.plugins if any(m.name == metric for m in plugin.metrics))

    def _load(self, found: _Found) -> None:
        plugin = Plugin(found.name, found.origin, found.version)
        self.plugins.append(plugin)
        try:
            module = found.load()
            plugin.version = str(getattr(module, "__version__", plugin.version))
            unknown = [name for name in dir(module) if _is_hook(module, name) and name not in vars(hookspecs)]
            if unknown:
                plugin.fail(f"{unknown[0]} is no hook of kefu: see kefu.hookspecs for those there are")
            elif self._manager.register(module, found.name) is None:
                plugin.fail("it was blocked")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin may even try to exit
            plugin.fail(error)

    def _ask(self, plugin: Plugin, hook: str, context: Callable[[str], Context]) -> list[Any]:
        """Call one hook of one plugin; a failure is the plugin's."""
        answers: list[Any] = []
        try:
            for implementation in getattr(self._manager.hook, hook).get_hookimpls():
                if implementation.plugin_name == plugin.name:
                    given = {"context": context(plugin.name)} if "context" in implementation.argnames else {}
                    answers += implementation.function(*given.values()) or ()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001
            plugin.fail(error)
        return answers


def describe(error: BaseException) -> str:
    """Return an error in one line, with its kind."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def names_of(added: Addition) -> tuple[str, ...]:
    """Return the names that an addition claims."""
    return added.adds if isinstance(added, Window) else (added.name,)


def _builtins() -> Iterator[_Found]:
    import kefu_plugins  # noqa: PLC0415 - the host alone sees plugins, and only when it loads them

    ours = version("kefu")
    for module in sorted(pkgutil.iter_modules(kefu_plugins.__path__), key=lambda m: m.name):
        if not module.name.startswith("_"):
            yield _Found(module.name, "built-in", _importer(f"kefu_plugins.{module.name}"), ours)


def _installed() -> Iterator[_Found]:
    for point in sorted(entry_points(group=hookspecs.PROJECT), key=lambda p: p.name):
        yield _Found(point.name, "entry point", point.load, point.dist.version if point.dist else "–")


def _files(folder: Path) -> Iterator[_Found]:
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder: give the folder that holds the plugin files")
    for path in sorted(folder.glob("*.py")):
        if not path.name.startswith("_"):
            yield _Found(path.stem, "file", _file_importer(path), "–")


def _itself(module: object) -> object:
    return module


def _importer(name: str) -> Callable[[], ModuleType]:
    return lambda: importlib.import_module(name)


def _file_importer(path: Path) -> Callable[[], ModuleType]:
    def load() -> ModuleType:
        name = f"kefu_plugin_file_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} cannot be imported as a module")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    return load


def _is_hook(module: object, name: str) -> bool:
    return name.startswith("kefu_") and hasattr(getattr(module, name), "kefu_impl")


def _metric_problem(offered: list[Any], owners: dict[str, str], plugin: str) -> str | None:
    seen = dict(owners)
    for metric in offered:
        if not isinstance(metric, Metric):
            return f"kefu_metrics gave a {type(metric).__name__} where a Metric belongs"
        if not _NAME.match(metric.name):
            return f"metric name {metric.name!r}: use lower case letters, digits and underscores"
        if metric.name in seen:
            return f"the metric name {metric.name!r} is taken by plugin {seen[metric.name]!r}: choose another"
        unknown = sorted(_unknown_names(metric))
        if unknown:
            return f"metric {metric.name!r}: its formula reads {unknown[0]!r}, which is none of its measures"
        seen[metric.name] = plugin
    return None


def _unknown_names(metric: Metric) -> set[str]:
    known = set(metric.over or metric.measures)
    used = set(metric.value.names) | (set(metric.coverage.names) if metric.coverage else set())
    return used - known


def _addition_problem(offered: list[Any], owners: dict[str, str]) -> str | None:
    seen = dict(owners)
    for added in offered:
        if not isinstance(added, Addition):
            return f"kefu_columns gave a {type(added).__name__}, which is no addition to the facts"
        for name in names_of(added):
            if name in seen:
                return f"the column {name!r} is taken by {seen[name]!r}: choose another"
            seen[name] = "itself"
    return None
