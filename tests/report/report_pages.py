"""A report as a browser reads it: its tags, its words, its tables and figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

HTML = frozenset(
    [
        *("html", "head", "meta", "title", "style", "body", "header", "main", "nav", "section", "article", "footer"),
        *("div", "span", "p", "a", "h1", "h2", "h3", "ul", "li", "strong", "mark", "details", "summary"),
        *("figure", "figcaption", "table", "caption", "thead", "tbody", "tr", "th", "td"),
    ]
)
DRAWN = frozenset(["svg", "g", "path", "line", "rect", "text", "circle"])
"""Every tag of a report; none of them can run or load anything."""


@dataclass
class Told:
    """A table: its caption, and its rows with the heading first."""

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)


class Report(HTMLParser):
    """A report: its tags with what they say, its words, its tables, and the value below each heading of a figure."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.tables: list[Told] = []
        self.figures: list[tuple[str, str]] = []
        self.sections: list[str] = []
        self._into: list[str] | None = None
        self._cell = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.append((tag, told))
        if tag == "section":
            self.sections.append(told["id"])
        elif tag == "table":
            self.tables.append(Told())
        elif tag == "tr":
            self.tables[-1].rows.append([])
        if tag in ("td", "th", "caption", "h3") or (tag, told.get("class")) == ("p", "value"):
            self._cell = ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        self._cell += data

    def handle_endtag(self, tag: str) -> None:
        told = self._cell.strip()
        if tag in ("td", "th"):
            self.tables[-1].rows[-1].append(told)
        elif tag == "caption":
            self.tables[-1].caption = told
        elif tag == "h3":
            self.figures.append((told, ""))
        elif tag == "p" and self.figures and not self.figures[-1][1]:
            self.figures[-1] = (self.figures[-1][0], told)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    @property
    def text(self) -> str:
        return "".join(self.words)

    def table(self, caption: str) -> Told:
        """Return the first table of that caption."""
        return next(table for table in self.tables if table.caption == caption)


def check_inert(text: str) -> Report:
    """Return a report, once it is sure that it holds nothing but our own tags, and points nowhere but into itself."""
    page = Report(text)
    for tag, attrs in page.tags:
        assert tag in HTML | DRAWN, tag
        for name, value in attrs.items():
            assert not name.startswith("on"), name
            assert name not in ("style", "src", "srcset", "action", "formaction", "xlink:href", "srcdoc", "ping"), name
            assert name != "href" or value.startswith("#"), value
            assert name not in ("fill", "stroke", "clip-path") or not value.startswith("url(h"), value
    (style,) = (tag for tag, _ in page.tags if tag == "style")
    assert style
    return page
