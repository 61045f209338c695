"""What a terminal shows, as a picture: lines with ANSI colours in, SVG out. It names fonts, and loads none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

CELL, LINE, MARGIN, BAR, SIZE, WIDE_SIZE = 8.4, 20, 18, 36, 14, 15.5
"""A letter's width, a line's height, what is around them, the bar on top, and the sizes of letters: all in pixels."""
FONTS = (
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "PingFang SC", "Microsoft YaHei", '
    '"Noto Sans CJK SC", monospace'
)
INK, PAPER, EDGE, QUIET = "#dbe4e0", "#15191a", "#3a4442", "#93a09c"
DARK = [(21, 25, 26), (240, 141, 128), (128, 207, 160), (226, 189, 105)]
DARK += [(126, 172, 235), (200, 160, 230), (108, 200, 214), (219, 228, 224)]
THEME = TerminalTheme((21, 25, 26), (219, 228, 224), DARK)


def picture(lines: Sequence[str], columns: int, title: str) -> str:
    """Return lines as they look in a terminal of so many columns; the title is also what a screen reader says."""
    width, height = round(columns * CELL + 2 * MARGIN), round(BAR + len(lines) * LINE + MARGIN)
    size = {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img", "aria-label": title})
    style = ET.SubElement(root, "style")
    _frame(root, width, height, title)
    classes: dict[str, str] = {}
    for number, line in enumerate(lines):
        for column, text, look in _runs(line):
            named = classes.setdefault(look, f"s{len(classes)}")
            _write(root, text, column, BAR + (number + 0.75) * LINE, named)
    rules = [
        f"text {{ font: {SIZE}px {FONTS}; }}",
        f".wide {{ font-size: {WIDE_SIZE}px; }}",
        f".title {{ fill: {QUIET}; }}",
    ]
    style.text = "\n".join([*rules, *(f".{name} {{ {look} }}" for look, name in classes.items())])
    ET.indent(root, space="")
    return ET.tostring(root, encoding="unicode") + "\n"


def _frame(root: ET.Element, width: int, height: int, title: str) -> None:
    edge = {"x": "0.5", "y": "0.5", "width": str(width - 1), "height": str(height - 1), "rx": "8"}
    ET.SubElement(root, "rect", {**edge, "fill": PAPER, "stroke": EDGE})
    for number in range(3):
        ET.SubElement(root, "circle", {"cx": str(MARGIN + 4 + 18 * number), "cy": "17", "r": "5", "fill": EDGE})
    middle = {"x": str(width // 2), "y": "22", "text-anchor": "middle", "class": "title"}
    ET.SubElement(root, "text", middle).text = title


def _runs(line: str) -> Iterator[tuple[int, str, str]]:
    """Yield the column, the text and the look of each stretch of letters that are equally wide."""
    column = 0
    for segment in Text.from_ansi(line).render(Console()):
        for wide, letters in groupby(segment.text, key=lambda letter: cell_len(letter) > 1):
            stretch = "".join(letters)
            for found in re.finditer(r"\S+" if wide else r"\S+(?: \S+)*", stretch):
                yield column + cell_len(stretch[: found.start()]), found[0], _look(segment.style or Style())
            column += cell_len(stretch)


def _look(style: Style) -> str:
    fill = QUIET if style.dim else (style.color or Color.default()).get_truecolor(THEME).hex
    return f"fill: {fill};" + (" font-weight: bold;" if style.bold else "")


def _write(root: ET.Element, text: str, column: int, y: float, named: str) -> None:
    """Write a text that takes exactly its cells, in whatever font there is."""
    cells, left = cell_len(text), MARGIN + column * CELL
    if set(text) == {"─"}:
        ends = {"x1": f"{left:g}", "x2": f"{left + cells * CELL:g}", "y1": f"{y - 5:g}", "y2": f"{y - 5:g}"}
        ET.SubElement(root, "line", {**ends, "stroke": EDGE})
    elif cells > len(text):
        each = " ".join(f"{left + 2 * CELL * number:g}" for number in range(len(text)))
        ET.SubElement(root, "text", {"x": each, "y": f"{y:g}", "class": f"{named} wide"}).text = text
    else:
        room = {"textLength": f"{cells * CELL:g}"} if cells > 1 else {}
        ET.SubElement(root, "text", {"x": f"{left:g}", "y": f"{y:g}", **room, "class": named}).text = text
