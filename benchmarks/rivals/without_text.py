"""Run kefu with all plugins but those with text columns, and those that build on them: what the rest of a run costs.

python without_text.py DATA
"""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import kefu_plugins
from kefu.config import load_settings
from kefu.host import Host
from kefu.run.collect import Request
from kefu.run.engine import open_engine

TEXT = {
    *("customer_abuse", "hot_topics", "hotspot_use", "inferred_outcome"),
    *("opinion_alerts", "script_usage", "sensitive_words"),
}


def main() -> None:
    """Run the metrics."""
    found = {module.name for module in pkgutil.iter_modules(kefu_plugins.__path__) if module.name[0] != "_"}
    modules = {name: import_module(f"kefu_plugins.{name}") for name in sorted(found - TEXT)}
    with TemporaryDirectory() as scratch:
        host = Host(builtins=False, outsiders=False, modules=modules)
        outcome = open_engine(Path(sys.argv[1]), Path(scratch), load_settings(), host).run(Request())
    if outcome.failed:
        sys.exit(1)
    print(len(outcome.whole.values))


if __name__ == "__main__":
    main()
