"""A page as a browser reads it: its words, and what could act in it."""

from __future__ import annotations

from html.parser import HTMLParser

FRAME = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "link",
        "body",
        "header",
        "main",
        "nav",
        "section",
        "article",
        "div",
        "span",
        "figure",
    ]
)
WORDS = frozenset(
    [
        "a",
        "h1",
        "h2",
        "h3",
        "p",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "strong",
        "mark",
        "i",
        "time",
        "details",
        "summary",
        "meter",
        "code",
        "figcaption",
    ]
)
TABLES = frozenset(["table", "caption", "thead", "tbody", "tr", "th", "td"])
FORMS = frozenset(["form", "label", "input", "select", "option", "button", "textarea"])
DRAWN = frozenset(["svg", "polyline", "circle", "rect", "line", "g", "path", "text", "tspan", "defs", "clippath"])
TAGS = FRAME | WORDS | TABLES | FORMS | DRAWN
"""Every tag of our own pages; none of them can run anything."""
ADDRESSES = ("href", "action", "src", "formaction", "xlink:href")


class Page(HTMLParser):
    """A page: its text, and its tags with what they say."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    @property
    def text(self) -> str:
        return "".join(self.words)

    def values(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs in self.tags if name in attrs]


def check_inert(text: str) -> Page:
    """Return a page, once it is sure that it holds nothing but our own tags and addresses."""
    page = Page(text)
    for tag, attrs in page.tags:
        assert tag in TAGS, tag
        for name, value in attrs.items():
            assert not name.startswith("on"), name
            assert name not in ("style", "srcdoc", "xmlns"), name
            if name in ADDRESSES:
                assert value.startswith(("/", "#", "?")), value
                assert not value.startswith("//"), value
    return page


class Rows(HTMLParser):
    """The rows of the tables of a page, as lists of cells."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._in_cell = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as it is called
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data


def section_of(text: str, name: str) -> str:
    """Return the part of a page that is headed by an id."""
    _, _, rest = text.partition(f'aria-labelledby="{name}"')
    assert rest, name
    return rest.partition("</section>")[0]
