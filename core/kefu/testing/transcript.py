"""Transcripts that a person can read, as rows of ``messages``."""

from __future__ import annotations

import re
from typing import Any

from kefu.tables import EVENTS, MESSAGES, ROLES

DAY = "2025-06-02"
"""The day of a time that does not tell its own."""
_LINE = re.compile(
    r"(?P<session>\S+)\s+"
    r"(?P<at>(?:\d{4}-)?(?:\d{2}-\d{2}[T ])?\d{2}:\d{2}:\d{2}(?:\.\d+)?)\s+"
    r"(?P<role>[a-z_]+)(?::(?P<sender>\S+))?"
    r"(?:\s+\{(?P<extra>[^}]*)\})?"
    r"(?:\s+(?P<text>.*))?\Z"
)


def transcript(text: str) -> list[dict[str, Any]]:
    """Return a row a line, with ``seq`` and ``message_id`` by line, so that any order of the rows means the same.

    A line is ``session time role text``: the role is one of the contract's, with ``:id`` for the sender, or the name
    of an event. More columns stand in braces: ``agent:a1 {script_id=k1, automatic} 您好``; one without a value is
    true. A time is ``10:00:00``, ``06-03 10:00:00`` or ``2025-06-03 10:00:00``.

    :raises ValueError: a line cannot be read; it names the line.
    """
    rows = []
    for number, line in enumerate(text.strip().splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.match(line.strip())
        if match is None:
            raise ValueError(f"line {number} of the transcript is not 'session time role text': {line!r}")
        rows.append({"message_id": f"m{number}", "seq": number, **_row(match, number)})
    return rows


def _row(match: re.Match[str], number: int) -> dict[str, Any]:
    who = match["role"]
    if who not in ROLES and who not in EVENTS:
        raise ValueError(f"line {number} of the transcript: {who!r} is neither a role nor an event")
    row: dict[str, Any] = {
        "session_id": match["session"],
        "sent_at": _time(match["at"]),
        "role": who if who in ROLES else "system",
        "event": who if who in EVENTS else None,
        "sender_id": match["sender"],
        "text": match["text"],
    }
    return row | dict(_extra(part, number) for part in (match["extra"] or "").split(",") if part.strip())


def _time(text: str) -> str:
    day, _, clock = text.replace("T", " ").rpartition(" ")
    whole = DAY if not day else day if day.count("-") == 2 else f"{DAY[:5]}{day}"  # noqa: PLR2004 - year, month, day
    return f"{whole} {clock}"


def _extra(part: str, number: int) -> tuple[str, Any]:
    name, equals, value = (piece.strip() for piece in part.partition("="))
    if name not in MESSAGES.names:
        raise ValueError(f"line {number} of the transcript: messages have no column {name!r}")
    return name, value if equals else True
