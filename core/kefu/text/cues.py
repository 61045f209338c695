"""Lists of cues, as data: how people say one thing, in patterns over a clause; a file a cue.

A line is a pattern in the syntax of polars, over a clause in normal form, with two signs of our own: ``…`` is up to
:data:`WIDEST` characters, ``#`` a number in digits or Chinese. Lines under ``[cue]`` count unless a line under
``[except]`` is found in the same clause as well; those under ``[sure]`` count always.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kefu.errors import ConfigError
from kefu.text.normalise import normal_forms

WIDEST = 6
LONGEST = 400
"""Of a longer text, so many characters at its end are read."""
SECTIONS = ("sure", "cue", "except")

_AT_ONCE = 16
_NUMBER = "[0-9一二三四五六七八九十两几半百千万]+"
_ENDING = "[啊呀哦噢喔哈呐哟诶欸耶亲~嗷哒哇呵.!☺😊😂😭🙏👍❤🌹😄😁😃🥰🎉💪💐 ]*"
"""What may stand after the last word of a clause and changes nothing."""


@dataclass(frozen=True)
class CueList:
    """How one thing is said: patterns that count always, those that count, and those that make the latter innocent."""

    sure: tuple[str, ...]
    cue: tuple[str, ...]
    innocent: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> CueList:
        """Read a list.

        :raises ConfigError: a line stands outside the sections, or a section is not known.
        """
        lines: dict[str, list[str]] = {name: [] for name in SECTIONS}
        section = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line or line.startswith("# "):
                continue
            if line[0] == "[" and line[1:-1] in SECTIONS:
                section = line[1:-1]
            elif not section:
                raise ConfigError(f"{path.name}, line {number}: '{line}' stands above the sections: write [cue] first")
            else:
                lines[section].append(line)
        return cls(*(_joined(lines[name]) for name in SECTIONS))

    def said(self, clauses: pl.Series) -> pl.Series:
        """Tell the clauses, none null, in which it is said."""
        told = _found(clauses, self.cue)
        places = told.arg_true()
        told = told.scatter(places, ~_found(clauses.gather(places), self.innocent))
        return told | _found(clauses, self.sure)


def _found(clauses: pl.Series, patterns: tuple[str, ...]) -> pl.Series:
    found = pl.repeat(value=False, n=len(clauses), dtype=pl.Boolean, eager=True)
    for pattern in patterns:
        found |= clauses.str.contains(pattern)
    return found


def _joined(lines: list[str]) -> tuple[str, ...]:
    """Join lines, not too many at once: the automaton of a long alternation with gaps does not fit its cache."""
    return tuple("|".join(map(_pattern, lines[at : at + _AT_ONCE])) for at in range(0, len(lines), _AT_ONCE))


def _pattern(line: str) -> str:
    """Write a line out; one of letters alone begins where a word does."""
    body = line.replace("…", f".{{0,{WIDEST}}}").replace("#", _NUMBER)
    body = re.sub(r"(?<!\\)\$", f"{_ENDING}$", body)
    edge = r"(?-u:\b)" if line.isascii() and line[0] != "^" else ""
    return f"{edge}(?:{body})"


def clauses(texts: pl.Series) -> pl.DataFrame:
    """Cut texts into clauses: ``text`` (index), ``at`` (place in the text) and ``clause``, in normal form.

    A question keeps its mark. Texts without a letter or sign have no row.

    >>> clauses(pl.Series(["好的，谢谢！ 还有吗？"]))["clause"].to_list()
    ['好的', '谢谢', '还有吗?']
    """
    plain = normal_forms(texts.fill_null("").str.slice(-LONGEST)).str.replace_all("’", "'", literal=True)
    cut = plain.str.replace_all(r"\?+", "?\n").str.replace_all(r"[,!;。、~…\n\r\t]+|\.(?:\s|$)|(?:\.{2,})", "\n")
    spaced = cut.str.contains(" ", literal=True).arg_true()
    parted = cut.gather(spaced).str.replace_all(r"([\p{Han}\p{So}]) +", "${1}\n")
    cut = cut.scatter(spaced, parted.str.replace_all(r" +([\p{Han}\p{So}])", "\n${1}"))
    frame = pl.DataFrame({"text": pl.int_range(len(texts), dtype=pl.UInt32, eager=True), "clause": cut.str.split("\n")})
    rows = frame.explode("clause", empty_as_null=True).with_columns(pl.col("clause").str.strip_chars())
    rows = rows.filter(pl.col("clause").str.len_bytes() > 0)
    return rows.with_columns(at=pl.int_range(1, pl.len() + 1, dtype=pl.Int32))
