"""A text without what stands between its letters, each run of a character as one; and when that shows a disguise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from kefu.text.phrases import CLAUSE_SIGNS, Span
from kefu.text.signs import is_latin

LONGEST_GAP = 3
"""So many signs between two characters are a disguise; more are a separation."""

REPEATED = 3
"""So often a character is written instead of once."""

_SOFT = frozenset("、'\"“”‘’「」『』()[]{}<>《》【】〈〉")
"""Signs with a use of their own: they are a disguise only where they stand between all the characters of a word."""

_LEAST_PARTED = 4
"""A word of so many Latin letters may be parted in one place only; a shorter one after every letter or not at all."""

_AROUND = 12
_TWICE = re.compile(r"(.)\1")
_BARRIER = "\n"


@dataclass(frozen=True, slots=True)
class Shape:
    """A word of a list, squeezed.

    :param solid: the word without blanks.
    :param runs: how often each character of its key is repeated in the word.
    :param seams: the places in the key before which the word has a blank.
    """

    word: str
    solid: str
    runs: tuple[int, ...]
    seams: frozenset[int]

    @classmethod
    def of(cls, word: str) -> Shape:
        """Squeeze a word of letters, digits and blanks."""
        solid = solid_of(word)
        runs = tuple(len(list(run)) for _, run in groupby(solid))
        seams = {
            len([0 for _ in groupby(word[:place].replace(" ", ""))]) for place, sign in enumerate(word) if sign == " "
        }
        return cls(word, solid, runs, frozenset(seams))


def solid_of(word: str) -> str:
    """Return a word without blanks."""
    return word.replace(" ", "")


def key_of(word: str) -> str | None:
    """Return a word without blanks and with each run of a character as one; None for one with signs in it."""
    solid = solid_of(word)
    if not solid.isalnum():
        return None
    return "".join(sign for sign, _ in groupby(solid)) if _TWICE.search(solid) else solid


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text, squeezed.

    :param text: one character for each run of the letters; a line feed where a clause ends.
    :param starts: where the run begins in the text as it was, ``ends`` where it ends.
    :param counts: how often the character is repeated.
    :param gaps: what stood before the run.
    :param parted: the runs with something between their characters.
    """

    text: str
    starts: list[int]
    ends: list[int]
    counts: list[int]
    gaps: list[str]
    parted: set[int]

    def wears(self, found: Span, shape: Shape) -> bool:
        """Say whether an occurrence of a word's key is that word in disguise, and not as it is in the list."""
        places = range(found.start, found.end)
        pairs = list(zip((self.counts[place] for place in places), shape.runs, strict=True))
        digits = [self.text[place].isdigit() for place in places]
        once = all(n == w or (n >= max(REPEATED, w + 1) and not d) for (n, w), d in zip(pairs, digits, strict=True))
        twice = len(pairs) > 1 and not any(digits) and all(n >= 2 * w for n, w in pairs)
        if not (once or twice):
            return False
        gaps = self._gaps(found, shape)
        if not self._may_part(found, gaps, len(shape.solid)):
            return False
        seams = (self.gaps[found.start + seam] for seam in shape.seams if found.start + seam < found.end)
        return any(n != w for n, w in pairs) or any(gaps.values()) or any(gap != " " for gap in seams)

    def _gaps(self, found: Span, shape: Shape) -> dict[int, str]:
        """Give what stands before each character of a word but the first, blanks of the word itself apart."""
        inner = {
            place: self.gaps[place] or ("-" if place in self.parted else "")
            for place in range(found.start + 1, found.end)
            if place - found.start not in shape.seams
        }
        return inner | ({found.start: "-"} if found.start in self.parted else {})

    def _may_part(self, found: Span, gaps: dict[int, str], size: int) -> bool:
        """Say whether the signs in a word are there to hide it."""
        if any(gap and not _SOFT.isdisjoint(gap) for gap in gaps.values()) and not all(gaps.values()):
            return False
        if any(gap and self.text[place].isdigit() and self.text[place - 1].isdigit() for place, gap in gaps.items()):
            return False
        latin = [gap for place, gap in gaps.items() if is_latin(self.text[place]) and is_latin(self.text[place - 1])]
        if not any(latin):
            return True
        if all(latin):
            return not self._is_spelling(found)
        return size >= _LEAST_PARTED and not any(gap.isspace() for gap in latin)

    def _is_spelling(self, found: Span) -> bool:
        """Say whether single letters go on before a word or after it: the S B of U S B."""
        low, high = found.start, found.end
        before = low > 1 and bool(self.gaps[low]) and is_latin(self.text[low - 1]) and bool(self.gaps[low - 1])
        before = before or (low == 1 and bool(self.gaps[low]) and is_latin(self.text[0]))
        return before or (
            high < len(self.text)
            and bool(self.gaps[high])
            and is_latin(self.text[high])
            and (high + 1 == len(self.text) or bool(self.gaps[high + 1]) or self.text[high + 1] == _BARRIER)
        )

    def place(self, found: Span, word: str) -> Span:
        """Give the stretch of the text as it was."""
        return Span.whole(self.starts[found.start], self.ends[found.end - 1], word)

    def before(self, place: int) -> str:
        """Give a little of the text before a place, undisguised."""
        low = max(place - _AROUND, 0)
        return self._read(range(low, place)).rpartition(_BARRIER)[2] + self._joint(place)

    def after(self, place: int) -> str:
        """Give a little of the text after a place, undisguised."""
        high = min(place + _AROUND, len(self.text))
        return (self._joint(place) + self._read(range(place, high))).partition(_BARRIER)[0]

    def _read(self, places: range) -> str:
        """Write out runs."""
        signs = (self.text[place] * (1 if self.counts[place] >= REPEATED else self.counts[place]) for place in places)
        return "".join(
            (self._joint(place) if place > places.start else "") + sign
            for place, sign in zip(places, signs, strict=True)
        )

    def _joint(self, place: int) -> str:
        """Keep two Latin words apart."""
        parted = 0 < place < len(self.text) and self.gaps[place]
        return " " if parted and is_latin(self.text[place]) and is_latin(self.text[place - 1]) else ""


def squeezed(text: str) -> Squeezed:
    """Squeeze a text in normal form."""
    found = Squeezed("", [], [], [], [], set())
    signs: list[str] = []
    gap_start = 0
    for place, sign in enumerate(text):
        if not sign.isalnum():
            continue
        gap = text[gap_start:place]
        gap_start = place + 1
        if gap and _parts_clauses(gap):
            _add(found, signs, _BARRIER, gap_start - 1 - len(gap), "")
            gap = ""
        if signs and signs[-1] == sign:
            found.ends[-1] = place + 1
            found.counts[-1] += 1
            if gap:
                found.parted.add(len(signs) - 1)
        else:
            _add(found, signs, sign, place, gap)
    return Squeezed("".join(signs), found.starts, found.ends, found.counts, found.gaps, found.parted)


def _add(found: Squeezed, signs: list[str], sign: str, place: int, gap: str) -> None:
    """Begin another run."""
    signs.append(sign)
    found.starts.append(place)
    found.ends.append(place + 1)
    found.counts.append(1)
    found.gaps.append(gap)


def _parts_clauses(gap: str) -> bool:
    """Say whether signs are no disguise: too many of them, or the end of a clause."""
    return len(gap) > LONGEST_GAP or not CLAUSE_SIGNS.isdisjoint(gap.replace(".", ""))
