"""What the documents show of the program, made by the program: ``python tests/docs_blocks.py`` writes it anew.

A block stands between ``<!-- name -->`` and ``<!-- /name -->``; ``test_docs`` compares each with what it would be now.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from kefu.config import load_settings
from kefu.context import Context
from kefu.host import Host
from kefu.metric import Metric
from kefu.show.terminal import in_families
from kefu.show.words import Language, say

ROOT = Path(__file__).parents[1]
READMES: dict[str, Language] = {"README.md": "en", "README.zh-CN.md": "zh"}


def blocks(language: Language) -> dict[str, str]:
    """Return every block of a README."""
    return {"demo": demo(language), "vendor": vendor(), "metrics": metrics(language)}


def demo(language: Language) -> str:
    """Return what the demo prints."""
    command = [sys.executable, "-m", "kefu", "run", "sample_sessions", "--lang", language]
    env = {**os.environ, "COLUMNS": "118", "NO_COLOR": "1", "KEFU_STORE": "none"}
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8", env=env).stdout
    return "```text\n" + "\n".join(line.rstrip() for line in printed.strip().splitlines()) + "\n```"


def vendor() -> str:
    """Return a vendor's plugin, whole."""
    (path,) = (ROOT / "tests" / "vendor").glob("*/__init__.py") or (ROOT / "tests" / "vendor").glob("*.py")
    return f"```python\n{path.read_text(encoding='utf-8').strip()}\n```"


def metrics(language: Language) -> str:
    """Return the table of metrics."""
    host = Host(outsiders=False)
    host.offer_metrics(lambda _: Context(load_settings().thresholds))
    heads = ("name", "metric", "formula", "unit", "better")
    lines = ["| " + " | ".join(say(head, language) for head in heads) + " |", "|---|---|---|---|---|"]
    return "\n".join(lines + [_line(metric, language) for metric in in_families(host.metrics)])


def _line(metric: Metric, language: Language) -> str:
    zh = language == "zh"
    title = f"{metric.title.zh} {metric.title.en}"
    cells = (
        f"`{metric.name}`",
        title if metric.companion_of else f"**{title}**",
        metric.reads.zh if zh else metric.reads.en,
        say(metric.unit, language),
        say(metric.better, language),
    )
    return "| " + " | ".join(cells) + " |"


def with_blocks(text: str, found: dict[str, str]) -> str:
    """Return a document with its blocks replaced."""
    for name, block in found.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda match, block=block: f"{match[1]}{block}\n{match[2]}", text)
    return text


def main() -> None:
    """Write the blocks."""
    for name, language in READMES.items():
        path = ROOT / name
        path.write_text(with_blocks(path.read_text(encoding="utf-8"), blocks(language)), encoding="utf-8")


if __name__ == "__main__":
    main()
