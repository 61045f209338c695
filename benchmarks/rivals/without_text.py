"""Run kefu with the plugins that read no text: what the rest of a run costs.

python without_text.py DATA
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from kefu.config import load_settings
from kefu.host import Host
from kefu.run.collect import Request
from kefu.run.engine import open_engine

PLUGINS = (
    *("agent_closed", "concurrency", "hotspot_adoption", "hotspot_repair", "interactions", "reply_interval"),
    "robot_interception",
)


def main() -> None:
    """Run the metrics."""
    modules = {name: import_module(f"kefu_plugins.{name}") for name in PLUGINS}
    with TemporaryDirectory() as scratch:
        host = Host(builtins=False, outsiders=False, modules=modules)
        outcome = open_engine(Path(sys.argv[1]), Path(scratch), load_settings(), host).run(Request())
    print(len(outcome.whole.values))


if __name__ == "__main__":
    main()
