"""Values as people read them."""

from __future__ import annotations

from kefu.metric import Unit

MISSING = "–"
_MINUTE, _HOUR = 60, 3600


def value_text(value: float | None, unit: Unit) -> str:
    """Return a value with its unit: 45.3 %, 1 min 49 s, 2.57.

    >>> value_text(0.4534, "ratio"), value_text(109.4, "seconds"), value_text(None, "count")
    ('45.3%', '1m 49s', '–')
    """
    if value is None:
        return MISSING
    match unit:
        case "ratio":
            return f"{value:.1%}"
        case "seconds":
            return _seconds(value)
        case "days":
            return f"{value:.1f}d"
        case _:
            return f"{value:.2f}"


def interval_text(interval: tuple[float, float] | None, unit: Unit) -> str:
    """Return what to say after a formula of the interval around its value; nothing without one."""
    if interval is None:
        return ""
    return f" · 95%: {value_text(interval[0], unit)} … {value_text(interval[1], unit)}"


def coverage_text(coverage: float | None) -> str:
    """Return a coverage in whole per cent; never 100 % while anything is missing."""
    if coverage is None:
        return MISSING
    return "100%" if coverage >= 1 else f"{min(coverage, 0.99):.0%}"


def _seconds(value: float) -> str:
    if value < _MINUTE:
        return f"{value:.1f}s"
    whole = round(value)
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02}s"
    return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02}m"
