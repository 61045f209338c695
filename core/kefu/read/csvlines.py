"""CSV taken apart line by line, so that one broken line costs one line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from kefu.read.lines import fault_of, shown_line

State = Literal["whole", "open", "broken"]
BAD_QUOTE = "a quote inside a quoted field is not doubled"
NOT_CLOSED = "a quoted field is not closed"
BLANK = (b"", b"\r")
AFTER_ALL, BROKEN = sys.maxsize, -1
ADVICE = "put the field in quotes and double the quotes inside it"


class Record:
    """One record that may go over several lines."""

    def __init__(self, separator: str) -> None:
        """Expect the first line."""
        self.fields: list[str] = []
        self._separator = separator
        self._inside: list[str] | None = None

    def feed(self, line: str) -> State:
        """Take the next line, and say how the record stands after it."""
        size = len(line) - line.endswith("\r")
        place = 0
        if self._inside is not None:
            self._inside.append("\n")
            place = self._quoted(line, 0, size)
        while 0 <= place <= size:
            if line.startswith('"', place):
                self._inside = []
                place = self._quoted(line, place + 1, size)
                continue
            end = line.find(self._separator, place, size)
            self.fields.append(line[place:size] if end < 0 else line[place:end].removesuffix("\r"))
            end = size if end < 0 else end
            place = end + 1
        if place == BROKEN:
            return "broken"
        return "whole" if self._inside is None else "open"

    def _quoted(self, line: str, place: int, size: int) -> int:
        """Read on inside quotes, and return where the next field begins."""
        inside = self._inside if self._inside is not None else []
        while True:
            end = line.find('"', place)
            if end < 0:
                inside.append(line[place:])
                return AFTER_ALL
            inside.append(line[place:end])
            if not line.startswith('"', end + 1):
                break
            inside.append('"')
            place = end + 2
        self.fields.append("".join(inside))
        self._inside = None
        if end + 1 >= size or line.startswith(self._separator, end + 1):
            return end + 2
        return BROKEN


@dataclass(slots=True)
class Taken:
    """What a run of lines became.

    :param numbers: the numbers of the good records in the file; ``broken`` has those of the others.
    :param used: how many of the lines were used; the others belong to a record that goes on after them.
    """

    fields: list[Sequence[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    broken: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    used: int = 0


@dataclass(frozen=True, slots=True)
class LineReader:
    """How the lines of one file are taken apart.

    :param width: how many fields a record has.
    :param limit: the longest record, in bytes.
    """

    separator: str
    width: int
    limit: int
    encoding: str

    def take(self, lines: Sequence[bytes], row: int, *, last: bool) -> Taken:
        """Take lines apart; ``last`` says that no more will come. Blank lines are no records."""
        taken = Taken()
        while taken.used < len(lines):
            if lines[taken.used] in BLANK:
                taken.used += 1
                continue
            count, fields, fault = self._record(lines, taken.used)
            if count == 0 and not last:
                return taken
            number = row + len(taken.numbers) + len(taken.broken)
            if fault is None and count:
                taken.fields.append(fields)
                taken.numbers.append(number)
            else:
                reason, advice = fault or (NOT_CLOSED, ADVICE)
                taken.broken[number] = (reason, advice, shown_line(lines[taken.used]))
            taken.used += max(count, 1)
        return taken

    def _record(self, lines: Sequence[bytes], start: int) -> tuple[int, Sequence[str], tuple[str, str] | None]:
        """Return how many lines the record has (0: it is not closed yet), its fields, and what is wrong with it."""
        fault = fault_of(lines[start], self.limit, self.encoding)
        record = Record(self.separator)
        state = record.feed(_text(lines[start]))
        if state != "open":
            wrong = (BAD_QUOTE, ADVICE) if state == "broken" else self._fit(record.fields)
            return 1, record.fields, fault or wrong
        size = len(lines[start])
        for place in range(start + 1, len(lines)):
            line = lines[place]
            size += len(line) + 1
            if size > self.limit:
                break
            fault = fault or fault_of(line, self.limit, self.encoding)
            state = record.feed(_text(line))
            if state == "whole" and self._fit(record.fields) is None:
                return place - start + 1, record.fields, fault
            if state != "open":
                break
        else:
            return 0, [], None
        return 1, [], (NOT_CLOSED, ADVICE)

    def _fit(self, fields: list[str]) -> tuple[str, str] | None:
        """Make a record exactly as wide as the header, or say why it cannot be."""
        have = len(fields)
        while len(fields) > self.width and not fields[-1]:
            fields.pop()
        if len(fields) == self.width:
            return None
        return f"the record has {have} fields, the header {self.width}", "write every field, and quote separators"


def _text(line: bytes) -> str:
    return line.decode(errors="replace")
