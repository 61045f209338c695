"""What the documents show of the program, made by the program: ``python tests/docs_blocks.py`` writes it anew.

A block stands between ``<!-- name -->`` and ``<!-- /name -->``; ``test_docs`` compares each with what it would be now.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import get_args

from rich.text import Text

from kefu.config import load_settings
from kefu.context import Context
from kefu.host import Host
from kefu.metric import Group, Metric
from kefu.show.terminal import in_families
from kefu.show.words import Language, say
from kefu_plugins._sources import TEN_METRICS

ROOT = Path(__file__).parents[1]
READMES: dict[str, Language] = {"README.md": "en", "README.zh-CN.md": "zh"}
COLUMNS = 118
"""Of the terminal that the demo is shown in."""


def blocks(language: Language) -> dict[str, str]:
    """Return every block of a README."""
    tables = {"metrics": metrics(language), "others": others(language)}
    return {"demo": demo(language), "vendor": vendor(), **tables}


@cache
def printed(language: Language) -> tuple[str, ...]:
    """Return the lines that the demo prints, with their colours."""
    command = [sys.executable, "-m", "kefu", "run", "sample_sessions", "--lang", language]
    terminal = {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    env = {**os.environ, **terminal, "KEFU_STORE": "none"}
    env.pop("NO_COLOR", None)
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8", env=env)
    return tuple(done.stdout.strip().splitlines())


def plain(line: str) -> str:
    """Return a line without its colours."""
    return Text.from_ansi(line).plain.rstrip()


def demo(language: Language) -> str:
    """Return what the demo prints down to the end of the first group of metrics."""
    lines = [plain(line) for line in printed(language)]
    table = lines.index("") + 1
    shown = [*lines[:table], *takewhile(bool, lines[table:]), " …"]
    return "```text\n" + "\n".join(shown) + "\n```"


def vendor() -> str:
    """Return a vendor's plugin, whole."""
    (path,) = (ROOT / "tests" / "vendor").glob("*/__init__.py") or (ROOT / "tests" / "vendor").glob("*.py")
    return f"```python\n{path.read_text(encoding='utf-8').strip()}\n```"


def metrics(language: Language) -> str:
    """Return the table of the ten metrics and what stands beside them."""
    heads = ("name", "metric", "formula", "unit", "better")
    ten = {metric.name for metric in offered() if is_of_the_ten(metric)}
    lines = ["| " + " | ".join(say(head, language) for head in heads) + " |", "|---|---|---|---|---|"]
    return "\n".join(lines + [_line(one, language) for one in offered() if {one.name, one.companion_of} & ten])


def others(language: Language) -> str:
    """Return a line a group with the metrics that are not of the ten."""
    rest = [one for one in offered() if one.companion_of is None and not is_of_the_ten(one)]
    lines = []
    for group in get_args(Group):
        named = [f"`{one.name}` {getattr(one.title, language)}" for one in rest if one.group == group]
        if named:
            lines.append(f"- **{say(group, language)}** " + " · ".join(named))
    return "\n".join(lines)


def is_of_the_ten(metric: Metric) -> bool:
    """Whether a metric is one of the ten, and stands beside no other."""
    return metric.companion_of is None and metric.source == TEN_METRICS


@cache
def offered() -> tuple[Metric, ...]:
    """Return the metrics of the product, each with those beside it."""
    host = Host(outsiders=False)
    host.offer_metrics(lambda _: Context(load_settings().thresholds))
    return tuple(in_families(host.metrics))


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
