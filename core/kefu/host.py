"""The plugin host: finds plugins, loads and calls them one by one, so that one failure stays one.

Built-in plugins are the modules of ``kefu_plugins``; vendors' come from the entry-point group ``kefu`` or as a
single file in a folder of plugins. All go through the same door.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeVar

import pluggy
import polars as pl

from kefu import hookspecs
from kefu.columns import Addition
from kefu.context import Context, Report
from kefu.errors import ConfigError
from kefu.listings import Listing
from kefu.metric import Metric
from kefu.offers import (
    PluginError,
    check_addition,
    check_free,
    check_hooks,
    check_listing,
    check_metric,
    check_reason,
    check_section,
    listed,
    names_of,
)
from kefu.reasons import Reason
from kefu.sections import Section
from kefu.tables import TABLES

Origin = Literal["built-in", "entry point", "file"]
NO_VERSION = "–"
FACT_TABLES = (*TABLES, "services", "turns", "agent_days")
"""The tables, whose names plugins cannot take."""
_VERSION = re.compile(r"""^__version__\s*=\s*["']([^"']+)["']""", re.MULTILINE)
T = TypeVar("T")


@dataclass(slots=True)
class Plugin:
    """One plugin, loaded or failed.

    :param error: why its metrics are missing; ``None`` while it works.
    """

    name: str
    origin: Origin
    version: str = NO_VERSION
    metrics: list[Metric] = field(default_factory=list)
    additions: list[Addition] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    error: str | None = None

    def fail(self, error: BaseException) -> None:
        """Mark as failed; the first reason stays."""
        if self.error is None:
            self.error = describe(error)

    def call(self, ask: Callable[[], T], otherwise: T) -> T:
        """Let the plugin do something; if it raises, it has failed, and then and ever after it is ``otherwise``."""
        if self.error is not None:
            return otherwise
        try:
            with apart():
                return ask()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin may even try to exit, and polars can panic
            self.fail(error)
            return otherwise


@dataclass(frozen=True, slots=True)
class _Found:
    """A plugin that can be loaded."""

    name: str
    origin: Origin
    load: Callable[[], object]
    version: str


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a hook asks plugins for.

    :param kept_as: the field of a plugin that holds it.
    :param check: raises where one is not what it should be.
    :param names: those that one claims.
    """

    hook: str
    kind: str
    kept_as: str
    check: Callable[[object], None]
    names: Callable[[Any], tuple[str, ...]]


def _own_name(offered: Metric | Listing | Reason | Section) -> tuple[str, ...]:
    return (offered.name,)


_METRICS = _Offer("kefu_metrics", "metric", "metrics", check_metric, _own_name)
_COLUMNS = _Offer("kefu_columns", "column", "additions", check_addition, names_of)
_LISTINGS = _Offer("kefu_listings", "listing", "listings", check_listing, _own_name)
_REASONS = _Offer("kefu_reasons", "reason", "reasons", check_reason, _own_name)
_SECTIONS = _Offer("kefu_sections", "section", "sections", check_section, _own_name)


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

        :param plugins_dir: a folder with single-file plugins.
        :param builtins: load our own; a check of the input needs none.
        :param outsiders: load vendors' plugins too; tests turn them off.
        :param modules: plugins that are loaded already, by name.
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
        self._load_all(
            _Found(name, "file", partial(_itself, module), NO_VERSION) for name, module in (modules or {}).items()
        )

    def _load_all(self, found: Iterable[_Found]) -> None:
        for plugin in found:
            self._load(plugin)

    def offer_metrics(self, context: Callable[[str], Context]) -> None:
        """Ask every plugin for its metrics; a second owner of a name fails.

        :param context: what to hand to the plugin of that name.
        """
        self._offer(_METRICS, context, {})

    def offer_columns(self, context: Callable[[str], Context], taken: Iterable[str]) -> None:
        """Ask every plugin for its columns and tables; a second owner of a name fails.

        :param taken: the names of the facts' own columns.
        """
        self._offer(_COLUMNS, context, dict.fromkeys((*taken, *FACT_TABLES), "kefu"))

    def offer_listings(self, context: Callable[[str], Context]) -> None:
        """Ask every plugin for its listings; a second owner of a name fails."""
        self._offer(_LISTINGS, context, {})

    def offer_reasons(self, context: Callable[[str], Context]) -> None:
        """Ask every plugin for its reasons to repair; a second owner of a name fails."""
        self._offer(_REASONS, context, {})

    def offer_sections(self, context: Callable[[str], Context]) -> None:
        """Ask every plugin for its sections of the report; a second owner of a name fails."""
        self._offer(_SECTIONS, context, {})

    def _offer(self, what: _Offer, context: Callable[[str], Context], owners: dict[str, str]) -> None:
        for plugin in self.working():
            offered: list[Any] = plugin.call(partial(self._offered, what, plugin, context, owners), [])
            setattr(plugin, what.kept_as, offered)
            owners |= {name: plugin.name for one in offered for name in what.names(one)}

    def _offered(
        self, what: _Offer, plugin: Plugin, context: Callable[[str], Context], owners: Mapping[str, str]
    ) -> list[Any]:
        offered = self._ask(plugin, what.hook, context)
        for one in offered:
            what.check(one)
        check_free(what.kind, [name for one in offered for name in what.names(one)], owners)
        return offered

    def notify(
        self, context: Callable[[str], Context], report: Report, within: Callable[[Callable[[], None]], None]
    ) -> dict[str, str]:
        """Hand a report to every plugin that tells somebody; return what failed now, by plugin.

        :param within: does something, and raises where it takes too long.
        """
        asked = self.working()
        for plugin in asked:
            plugin.call(partial(within, partial(self._notify, plugin, context, report)), None)
        return {plugin.name: plugin.error for plugin in asked if plugin.error is not None}

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
        plugin.call(partial(self._register, plugin, found.load), None)

    def _register(self, plugin: Plugin, load: Callable[[], object]) -> None:
        if self._manager.has_plugin(plugin.name):
            raise PluginError(f"the plugin name {plugin.name!r} is taken: choose another")
        module = load()
        plugin.version = _printable(getattr(module, "__version__", plugin.version))
        check_hooks(module)
        if self._manager.register(module, plugin.name) is None:
            raise PluginError("it was blocked")

    def _notify(self, plugin: Plugin, context: Callable[[str], Context], report: Report) -> None:
        for implementation in self._implementations(plugin, "kefu_notify"):
            known = {"context": _own(context(plugin.name)), "report": report}
            implementation.function(*(known[name] for name in implementation.argnames))

    def _ask(self, plugin: Plugin, hook: str, context: Callable[[str], Context]) -> list[Any]:
        """Call one hook of one plugin."""
        answers: list[Any] = []
        for implementation in self._implementations(plugin, hook):
            given = (_own(context(plugin.name)),) if "context" in implementation.argnames else ()
            answers += listed(hook, implementation.function(*given))
        return answers

    def _implementations(self, plugin: Plugin, hook: str) -> list[pluggy.HookImpl]:
        found = getattr(self._manager.hook, hook).get_hookimpls()
        return [implementation for implementation in found if implementation.plugin_name == plugin.name]


def describe(error: BaseException) -> str:
    """Return an error in one line, with its kind unless it is one of ours."""
    try:
        text = " ".join(str(error).partition("\n\n")[0].split())
    except Exception:  # noqa: BLE001 - the error is a plugin's too
        text = ""
    if isinstance(error, PluginError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@contextmanager
def apart() -> Iterator[None]:
    """Keep what a plugin does to the process from the host.

    What it prints goes to stderr, by whatever way, since stdout is for the result. The working folder and the filters
    of warnings are put back.
    """
    with redirect_stdout(sys.stderr), _past_python(), chdir("."), warnings.catch_warnings():
        yield


@contextmanager
def _past_python() -> Iterator[None]:
    """Send to stderr what is written past ``sys.stdout``, as other programs do that a plugin starts."""
    _flush()  # what was printed before is the host's
    kept = None
    with suppress(OSError):  # a process need not have both
        kept = os.dup(1)
        os.dup2(2, 1)
    try:
        yield
    finally:
        _flush()
        if kept is not None:
            os.dup2(kept, 1)
            os.close(kept)


def _flush() -> None:
    with suppress(OSError):  # a reader that is gone is no fault of a plugin
        if sys.__stdout__ is not None:
            sys.__stdout__.flush()


def _own(context: Context) -> Context:
    """Return a context whose tables a plugin can change without anybody noticing."""

    def table(name: str) -> pl.DataFrame | None:
        rows = context.table(name)
        return None if rows is None else rows.clone()

    return replace(context, table=table)


def _builtins() -> Iterator[_Found]:
    import kefu_plugins

    ours = version("kefu")
    for module in sorted(pkgutil.iter_modules(kefu_plugins.__path__), key=lambda m: m.name):
        if not module.name.startswith("_"):
            yield _Found(module.name, "built-in", _importer(f"kefu_plugins.{module.name}"), ours)


def _installed() -> Iterator[_Found]:
    for point in sorted(entry_points(group=hookspecs.PROJECT), key=lambda p: p.name):
        yield _Found(point.name, "entry point", point.load, _version_of(point))


def _files(folder: Path) -> Iterator[_Found]:
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder: give the folder that holds the plugin files")
    for path in sorted(folder.glob("*.py")):
        if not path.name.startswith("_"):
            yield _Found(path.stem, "file", _file_importer(path), _written_version(path))


def _version_of(point: EntryPoint) -> str:
    with suppress(Exception):  # metadata can be cut or lack its version
        return _printable(point.dist.version) if point.dist and point.dist.version else NO_VERSION
    return NO_VERSION


def _written_version(path: Path) -> str:
    """Return the version that a file names, without running it: it may not run."""
    with suppress(OSError):
        found = _VERSION.search(path.read_text(encoding="utf-8", errors="replace"))
        return _printable(found[1]) if found else NO_VERSION
    return NO_VERSION


def _printable(version: object) -> str:
    return "".join(character for character in str(version) if character.isprintable())[:40] or NO_VERSION


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
