"""The phrase book: every utterance of the grammar, expanded once and laid out in arrays.

A *line* is one utterance with choices, ``[a|b|]``, and slots, ``{name}``. A line expands to *templates*, one per
combination of choices. Lines of one occasion (ask, greet, the answers to one question) form a *group*. Messages
are chosen by arithmetic on these arrays, so that a million of them cost no Python loop.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MAX_SLOTS = 3
MAX_TEMPLATES_PER_LINE = 600
SLOTS = (
    "",
    "客服",
    "称呼",
    "订单号",
    "快递",
    "运单号",
    "商品",
    "尺码",
    "颜色",
    "金额",
    "补偿",
    "天数",
    "小时",
    "日期",
    "前日",
    "后日",
    "时间",
    "稍后",
    "城市",
    "尾号",
    "工单号",
    "人数",
    "工分",
    "体重",
    "尺寸",
    "队列",
)
_CHOICE = re.compile(r"\[([^\]]*)\]")
_SLOT = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Topic:
    """What a session is about, and the groups that hold its words."""

    name: str
    title: str
    queue: str
    weight: float
    goods: str
    order: bool  # whether it is about an order, which agents then ask for
    pairs: int


@dataclass
class PhraseBook:
    """Groups → lines → templates. Within a group, the lines of prepared scripts come first."""

    topics: list[Topic] = field(default_factory=list)
    manner: dict[str, list[str]] = field(default_factory=dict)
    scripts: list[tuple[str, str]] = field(default_factory=list)
    hotspots: list[tuple[int, str, str]] = field(default_factory=list)
    groups: dict[str, int] = field(default_factory=dict)
    group_line: list[int] = field(default_factory=list)
    group_scripts: list[int] = field(default_factory=list)
    group_plain: list[int] = field(default_factory=list)
    line_template: list[int] = field(default_factory=list)
    line_count: list[int] = field(default_factory=list)
    line_script: list[int] = field(default_factory=list)
    line_hotspot: list[int] = field(default_factory=list)
    parts: list[list[str]] = field(default_factory=list)
    kinds: list[list[int]] = field(default_factory=list)

    def add_group(self, name: str, lines: list[str], category: str) -> None:
        """Append a group; the first one of a name gives the number that all later ones count from."""
        scripts = [line[1:].strip() for line in lines if line.startswith("*")]
        plain = [line for line in lines if not line.startswith("*")]
        self.groups.setdefault(name, len(self.group_line))
        self.group_line.append(len(self.line_template))
        self.group_scripts.append(len(scripts))
        self.group_plain.append(len(plain))
        for text in scripts:
            self.scripts.append((text, category))
            self._add_line(text, script=len(self.scripts) - 1)
        for text in plain:
            self._add_line(text)

    def add_hotspots(self, topic: int, lines: list[str]) -> None:
        """Append the group of a topic's prepared answers; each line is one hotspot."""
        self.groups.setdefault("hot", len(self.group_line))
        self.group_line.append(len(self.line_template))
        self.group_scripts.append(0)
        self.group_plain.append(len(lines))
        for line in lines:
            title, answer = (part.strip() for part in line.split("=>"))
            self.hotspots.append((topic, title, answer))
            self._add_line(answer, hotspot=len(self.hotspots) - 1)

    def _add_line(self, text: str, *, script: int = -1, hotspot: int = -1) -> None:
        templates = expand(text)
        if not templates:
            raise ValueError(f"more than {MAX_SLOTS} slots in every form of {text!r}: leave one out")
        self.line_template.append(len(self.parts))
        self.line_count.append(len(templates))
        self.line_script.append(script)
        self.line_hotspot.append(hotspot)
        for template in templates:
            parts, kinds = split(template)
            self.parts.append(parts)
            self.kinds.append(kinds)


def expand(line: str) -> list[str]:
    """Return all templates of a line, in order; an evenly spaced selection where they are too many.

    >>> expand("[在吗|你好][？|]")
    ['在吗？', '在吗', '你好？', '你好']
    """
    pieces = _CHOICE.split(line)
    options = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(pieces)]
    found = list(dict.fromkeys("".join(choice) for choice in itertools.product(*options)))
    found = [text for text in found if len(_SLOT.findall(text)) <= MAX_SLOTS]
    if len(found) <= MAX_TEMPLATES_PER_LINE:
        return found
    step = len(found) / MAX_TEMPLATES_PER_LINE
    return [found[int(i * step)] for i in range(MAX_TEMPLATES_PER_LINE)]


def split(template: str) -> tuple[list[str], list[int]]:
    """Return literal parts (one more than the slots, padded) and the slot kinds between them, 0 where there is none."""
    pieces = _SLOT.split(template)
    parts, names = pieces[::2], pieces[1::2]
    kinds = [SLOTS.index(name) for name in names]
    pad = MAX_SLOTS - len(kinds)
    return parts + [""] * pad, kinds + [0] * pad


def lines_of(block: str) -> list[str]:
    """Return the non-empty lines of a block of text."""
    return [line.strip() for line in block.splitlines() if line.strip()]


def load() -> PhraseBook:
    """Read the two phrase files into one book; the order of the files decides every number."""
    general = _read("general.toml")
    topics = _read("topics.toml")["topic"]
    book = PhraseBook(manner=general["manner"])
    for name, block in general["general"].items():
        book.add_group(name, lines_of(block), category="通用")
    for topic in topics.values():
        book.topics.append(_topic(topic))
    for part in ("ask", "again", "find"):
        for topic in topics.values():
            book.add_group(part, lines_of(topic[part]), category=topic["title"])
    for number, topic in enumerate(topics.values()):
        book.add_hotspots(number, lines_of(topic["hot"]))
    for part, marks in (("pair_question", "?"), ("pair_answer", "!*")):
        for topic in topics.values():
            for block in _blocks(topic["pairs"]):
                lines = [_strip_mark(line) for line in block if line[0] in marks]
                book.add_group(part, lines, category=topic["title"])
    for line in lines_of(general["unused"]["lines"]):
        book.scripts.append((line[1:].strip(), "活动"))
    return book


def _strip_mark(line: str) -> str:
    return line if line.startswith("*") else line[1:].strip()


def _topic(raw: dict[str, Any]) -> Topic:
    return Topic(
        name=raw["title"],
        title=raw["title"],
        queue=raw["queue"],
        weight=raw["weight"],
        goods=raw["goods"],
        order=raw.get("order", True),
        pairs=len(_blocks(raw["pairs"])),
    )


def _blocks(text: str) -> list[list[str]]:
    return [lines_of(block) for block in re.split(r"\n\s*\n", text.strip())]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))
