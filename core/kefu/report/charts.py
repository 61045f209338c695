"""From a Vega-Lite specification to a drawing inside the page: text that stays text, the page's own colours and fonts.

What vl-convert draws is taken apart and put together again from a short list of elements and attributes, so that
nothing that a specification holds can act, load or link, and the same specification gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from markupsafe import Markup

from kefu.drawing import EDGE, QUIET, SIZE
from kefu.offers import PluginError
from kefu.show.safe import safe

CONFIG: dict[str, Any] = {
    "aria": False,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": QUIET,
        "labelFontSize": SIZE,
        "titleColor": QUIET,
        "titleFontSize": SIZE,
        "titleFontWeight": "normal",
        "gridColor": EDGE,
        "domainColor": QUIET,
        "tickColor": QUIET,
        "labelPadding": 6,
    },
    "legend": {"labelColor": QUIET, "titleColor": QUIET, "labelFontSize": SIZE, "titleFontSize": SIZE},
    "title": {"color": QUIET, "fontSize": SIZE + 1, "fontWeight": "normal"},
}
"""How charts look, unless their specification says otherwise."""
ELEMENTS = frozenset(
    ["svg", "g", "path", "line", "rect", "circle", "text", "tspan", "defs", "clipPath", "linearGradient", "stop"]
)
PAINT = frozenset(["fill", "stroke", "stop-color"])
ATTRIBUTES = PAINT | frozenset(
    [
        *(
            "viewBox",
            "d",
            "transform",
            "x",
            "y",
            "x1",
            "x2",
            "y1",
            "y2",
            "dx",
            "dy",
            "width",
            "height",
            "r",
            "cx",
            "cy",
        ),
        *("stroke-width", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin"),
        *("fill-opacity", "stroke-opacity", "opacity", "text-anchor", "font-size", "font-weight", "font-style"),
        *("id", "clip-path", "offset", "gradientUnits"),
    ]
)
NEEDLESS = {"opacity": "1", "font-weight": "normal", "font-style": "normal", "stroke-dashoffset": "0"}
_LONG = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_COLOUR = re.compile(r"[a-zA-Z]+|#[0-9a-fA-F]{3,8}|(?:rgba?|hsla?)\([\d.,% ]+\)|var\(--[a-z-]+\)")
_LOCAL = re.compile(r"url\(['\"]?#([\w-]+)['\"]?\)")
_NO_XML = re.compile("[\ufffe\uffff]")


def drawn(spec: Mapping[str, object], says: str, name: str) -> Markup:
    """Return a chart as an SVG element.

    :param says: what it shows, for those who do not see it.
    :param name: what the ids in it begin with; another one for each chart of a page.
    :raises PluginError: it wants to load its data from somewhere.
    """
    import vl_convert

    if _loads(spec):
        raise PluginError("a chart loads nothing: give its data as values")
    whole: dict[str, Any] = _visible(spec)
    own = whole.get("config") or {}
    text = vl_convert.vegalite_to_svg(whole | {"config": _over(CONFIG, own)}, allowed_base_urls=[])
    root = ET.fromstring(text)  # noqa: S314 - see above
    made = next(_cleaned(root, {}, name), ET.Element("svg"))
    for size in ("width", "height"):
        made.attrib.pop(size, None)
    made.set("role", "img")
    made.set("aria-label", says)
    return Markup(ET.tostring(made, encoding="unicode"))  # noqa: S704 - ElementTree escapes what it writes


def _loads(value: object) -> bool:
    """Return whether a specification names a place to load data from."""
    if isinstance(value, Mapping):
        data = value.get("data")
        return (isinstance(data, Mapping) and "url" in data) or any(map(_loads, value.values()))
    return isinstance(value, list | tuple) and any(map(_loads, value))


def _visible(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return a specification in whose texts nothing is invisible: XML has no control characters."""
    if isinstance(value, str):
        return _NO_XML.sub("\ufffd", safe(value))
    if isinstance(value, Mapping):
        return {_visible(key): _visible(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_visible(one) for one in value]
    return value


def _over(ours: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return our configuration with what a specification says over it."""
    both = {
        name: {**one, **own[name]}
        for name, one in ours.items()
        if isinstance(one, dict) and isinstance(own.get(name), dict)
    }
    return {**ours, **own, **both}


def _cleaned(element: ET.Element, names: dict[str, str], prefix: str) -> Iterator[ET.Element]:
    """Give an element as it may stand in the page: itself, what is inside it, or nothing."""
    tag = element.tag.rpartition("}")[2]
    if (tag not in ELEMENTS and tag != "a") or _unseen(element):
        return
    children = [kept for child in element for kept in _cleaned(child, names, prefix)]
    if tag == "a":  # what it holds stays, and leads nowhere
        yield from children
        return
    made = ET.Element(tag, dict(_attributes(element, names, prefix)))
    made.text = element.text if tag in ("text", "tspan") else None
    made.extend(children)
    if tag == "g" and (not children or not made.attrib):
        yield from children
    elif tag != "rect" or made.get("fill") != "white":
        yield made


def _unseen(element: ET.Element) -> bool:
    hidden = element.get("display") == "none" or element.get("opacity") == "0"
    empty = element.get("d") in ("", "M0,0h0v0h0Z")
    frame = (
        element.get("class") in ("background", "foreground")
        and element.get("fill") is None
        and element.get("stroke") is None
    )
    return hidden or empty or frame


def _attributes(element: ET.Element, names: dict[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        if name not in ATTRIBUTES or NEEDLESS.get(name) == value:
            continue
        if name == "id":
            yield name, names.setdefault(value, f"{prefix}-{len(names)}")
        elif name in PAINT or name == "clip-path":
            found = _LOCAL.fullmatch(value)
            if found:
                yield name, f"url(#{names.setdefault(found[1], f'{prefix}-{len(names)}')})"
            elif _COLOUR.fullmatch(value) and name in PAINT:
                yield name, value
        else:
            yield name, _LONG.sub(_short, value)


def _short(number: re.Match[str]) -> str:
    return (
        f"{float(number[0]):.1f}".removesuffix(".0").replace("-0", "0")
        if number[0].startswith("-0.0")
        else f"{float(number[0]):.1f}".removesuffix(".0")
    )
