"""Whether a word is meant as it is said: not quoted, not negated, not asked about, and with a cue if it is weak.

The cues are words of the lists (see ``docs/lexicons.md``); only how far they reach is fixed here. A Latin letter or
blank counts a quarter of a Chinese character, so that a few words are as far in English as in Chinese.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise

from kefu.text.lexicon import Entry
from kefu.text.phrases import Phrases, Span
from kefu.text.signs import POLITE, familiar

REACH = {
    "negation": 5,
    "negation_after": 6,
    "question": 4,
    "question_after": 12,
    "quotation": 14,
    "quotation_after": 3,
    "threat": 6,
    "insist": 12,
}
"""How many Chinese characters may stand between a cue and the word that it bears on."""

_CLAUSE = frozenset(",.!?;:。~\n")
_MARKS = {"“": "”", "‘": "'", "「": "」", "『": "』", "《": "》", "〈": "〉", '"': '"'}
_LONGEST_QUOTATION = 30
_FARTHEST = 60
_LATIN = 4

Whole = Callable[[Span], bool]


class Stances:
    """Decides which occurrences count.

    :param cues: entries whose category says what kind of cue they are.
    """

    def __init__(self, cues: Iterable[Entry]) -> None:
        """Sort the cues by kind."""
        self._kinds: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for cue in cues:
            self._kinds.setdefault(cue.word, []).append((cue.category, cue.of))
        self._phrases = Phrases(self._kinds)

    def reading(self, text: str, whole: Whole) -> Reading:
        """Read a text, to say what in it counts.

        :param text: in normal form.
        :param whole: says whether a span is a word of its own.
        """
        return Reading(text, self._cues(text, whole))

    def _cues(self, text: str, whole: Whole) -> dict[str, list[tuple[Span, frozenset[str]]]]:
        """Find the cues of a text by kind."""
        found: dict[str, list[tuple[Span, frozenset[str]]]] = {}
        forms = (text, familiar(text)) if POLITE in text else (text,)
        for span in sorted({span for form in forms for span in self._phrases.spans(form)}):
            if whole(span) and not _is_half_a_question(span, text):
                for kind, categories in self._kinds[span.word]:
                    found.setdefault(kind, []).append((span, categories))
        return found


class Reading:
    """A text and its cues."""

    def __init__(self, text: str, cues: dict[str, list[tuple[Span, frozenset[str]]]]) -> None:
        """Sort the cues by where they begin and where they end."""
        self._text = text
        self._cues = cues
        self._by_end = {kind: sorted(found, key=lambda cue: cue[0].end) for kind, found in cues.items()}
        self._ends = {kind: [cue.end for cue, _ in found] for kind, found in self._by_end.items()}
        self._starts = {kind: [cue.start for cue, _ in found] for kind, found in cues.items()}

    def takes(self, span: Span, entry: Entry) -> bool:
        """Say whether an occurrence counts."""
        if "quoted" in entry.unless and self._is_quoted(span, entry):
            return False
        if "negated" in entry.unless and self._is_negated(span, entry):
            return False
        if "asked" in entry.unless and self._is_asked(span, entry):
            return False
        return not entry.weak or self._has_cue(span, entry)

    def _is_quoted(self, span: Span, entry: Entry) -> bool:
        """Say whether a word is named in quotation marks, or somebody else's words are repeated.

        What the speaker insists on is no quotation: 你就是“骗子”.
        """
        marked = self._marked(span)
        if marked and not any(self._before(kind, marked, entry, reach=0) for kind in ("insist", "threat")):
            return True
        return self._before("quotation", span, entry) or self._after("quotation_after", span, entry)

    def _is_negated(self, span: Span, entry: Entry) -> bool:
        """Say whether the word is denied; 不是…吗 is no denial."""
        denied = (
            self._before("negation", span, entry)
            or self._within("negation", span, entry)
            or self._after("negation_after", span, entry)
        )
        return denied and not self._text[span.end : self._clause_end(span.end)].rstrip(" ").endswith(("吗", "么"))

    def _is_asked(self, span: Span, entry: Entry) -> bool:
        """Say whether somebody asks for information; 信不信我… is no question."""
        asked = self._before("question", span, entry) or self._after("question_after", span, entry)
        return asked and not self._before("insist", span, entry)

    def _has_cue(self, span: Span, entry: Entry) -> bool:
        """Say whether a weak word is a threat or stands in a complaint."""
        if self._before("threat", span, entry):
            return True
        return any(
            _is_for(categories, entry) and (cue.end <= span.start or cue.start >= span.end)
            for cue, categories in self._cues.get("cue", ())
        )

    def _before(self, kind: str, span: Span, entry: Entry, reach: int | None = None) -> bool:
        """Say whether a cue stands before a span, near enough and with nothing between them that ends its reach."""
        places = self._ends.get(kind, [])
        far = REACH[kind] if reach is None else reach
        low = bisect_left(places, span.start - _FARTHEST)
        for cue, categories in self._by_end.get(kind, [])[low : bisect_left(places, span.end)]:
            if cue.start < span.start and _is_for(categories, entry) and self._reaches(cue.end, span.start, far):
                return True
        return False

    def _after(self, kind: str, span: Span, entry: Entry) -> bool:
        """Say whether a cue stands after a span."""
        places = self._starts.get(kind, [])
        low = bisect_left(places, span.end)
        for cue, categories in self._cues.get(kind, [])[low : bisect_right(places, span.end + _FARTHEST)]:
            if _is_for(categories, entry) and self._reaches(span.end, cue.start, REACH[kind]):
                return True
        return False

    def _within(self, kind: str, span: Span, entry: Entry) -> bool:
        """Say whether a cue stands in a gap of a span."""
        gaps = [(left[1], right[0]) for left, right in pairwise(span.parts)]
        return any(
            low <= cue.start and cue.end <= high and _is_for(categories, entry)
            for cue, categories in (self._cues.get(kind, []) if gaps else [])
            for low, high in gaps
        )

    def _reaches(self, low: int, high: int, reach: int) -> bool:
        """Say whether two places are near each other, with no end of a clause and no turn between them."""
        between = self._text[low:high]
        if (
            not _CLAUSE.isdisjoint(between)
            or sum(_LATIN if sign > "\u2e80" else 1 for sign in between) > reach * _LATIN
        ):
            return False
        turns = self._starts.get("turn", [])
        return bisect_left(turns, low) == bisect_left(turns, high)

    def _marked(self, span: Span) -> Span | None:
        """Give the stretch between the quotation marks around a span, with them."""
        text, low = self._text, max(span.start - _LONGEST_QUOTATION, 0)
        high = min(span.end + _LONGEST_QUOTATION, len(text))
        start = max(map(text[low : span.start].rfind, _MARKS)) + low
        if start < low or text[start : span.start].find(_MARKS[text[start]], 1) >= 0:
            return None
        end = text.find(_MARKS[text[start]], span.end, high)
        return Span.whole(start, end + 1, span.word) if end >= 0 else None

    def _clause_end(self, place: int) -> int:
        """Give the end of the clause."""
        ends = (p for p in range(place, min(place + _FARTHEST, len(self._text))) if self._text[p] in _CLAUSE)
        return next(ends, min(place + _FARTHEST, len(self._text)))


def _is_half_a_question(cue: Span, text: str) -> bool:
    """Say whether a cue is the second half of 要不要, 会不会, 有没有: that asks, and denies nothing."""
    return text[cue.start] in "不没" and text[cue.start - 1 : cue.start] == text[cue.start + 1 : cue.start + 2] != ""


def _is_for(categories: frozenset[str], entry: Entry) -> bool:
    """Say whether a cue bears on a word."""
    return not categories or entry.category in categories
