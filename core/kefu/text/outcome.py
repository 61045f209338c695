"""How a session that nobody rated ended, from what the customer said: solved, unsolved, or not to be known.

:mod:`.remarks` reads each text by itself; here it counts who said what after what. Silence says nothing, and the last
decisive word counts. ``docs/outcome.md`` tells the rules and how well they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from kefu.text.remarks import Remark, Reply, remarks, replies
from kefu.text.repeats import asked_again

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.integer]
    Bools = NDArray[np.bool_]

SOLVED = (Remark.THANKS, Remark.PRAISE, Remark.NO_MORE, Remark.WORKS)
UNSOLVED = (Remark.NO_USE, Remark.STILL, Remark.ASKED_AGAIN, Remark.ASKED_PERSON, Remark.COMPLAINT)
WHYS = {remark: remark.name.lower() for remark in (*SOLVED, *UNSOLVED)}
"""How each decisive word is called in ``inferred_why``."""
OUTCOME = {"inferred_outcome": pl.String(), "inferred_why": pl.String(), "inferred_nth": pl.Int64()}
"""What is inferred of a session; ``inferred_nth`` is the customer's message that decided it, from 1."""

_ASKS = (Remark.OTHER, Remark.DENIAL, Remark.QUESTION, Remark.LATER, *UNSOLVED[:3], Remark.COMPLAINT)
"""What can be a question, or a matter, that an answer is due to."""
_CODES = 1 + max(*Remark, *Reply)
_NO_ANSWER = (Reply.WAIT, Reply.ASK, Reply.LOST)


class Course:
    """The messages of whole sessions, in order, as arrays of one length."""

    def __init__(self, messages: pl.DataFrame) -> None:
        """Take what :func:`inferred_outcomes` takes."""
        import numpy as np

        session = messages["session"].to_numpy()
        self.row = np.arange(len(session), dtype=np.int32)
        new = np.append(True, session[1:] != session[:-1])
        self.starts = self.row[new]
        self.ends = np.append(self.starts[1:], len(session)) - 1
        self.start = np.repeat(self.starts, np.diff(np.append(self.starts, len(session))))
        self.session = session[self.starts]
        self.customer = (messages["role"] == "customer").fill_null(value=False).to_numpy()
        self.agent = (messages["role"] == "agent").fill_null(value=False).to_numpy()
        self.remark = np.where(self.customer, messages["outcome_remark"].fill_null(0).to_numpy(), Remark.NOTED)
        self.reply = np.where(self.customer, Reply.ANSWER, messages["outcome_reply"].fill_null(0).to_numpy())

    def last(self, which: Bools) -> Ints:
        """Return, for each row, the last row so far in its session that fulfils a condition; -1 for none."""
        import numpy as np

        found = np.maximum.accumulate(np.where(which, self.row, -1))
        return np.where(found >= self.start, found, -1)

    def before(self, last: Ints) -> Ints:
        """Return what ``last`` gave, a row earlier in the same session."""
        import numpy as np

        earlier = np.append(-1, last[:-1])
        return np.where(earlier >= self.start, earlier, -1)

    def is_remark(self, *wanted: Remark) -> Bools:
        """Tell the messages of the customer that say one of these."""
        return self.customer & is_one_of(self.remark, wanted)

    def is_reply(self, *wanted: Reply) -> Bools:
        """Tell the messages of the other side that are one of these."""
        return ~self.customer & is_one_of(self.reply, wanted)


def is_one_of(codes: Ints, wanted: Sequence[int]) -> Bools:
    """Tell which codes are one of some, by a table."""
    import numpy as np

    table = np.zeros(_CODES, dtype=bool)
    table[list(wanted)] = True
    return table[codes]


class OutcomeReader:
    """Everything that a plugin needs to infer outcomes: what a text says, then what a session comes to."""

    COLUMNS = OUTCOME

    @staticmethod
    def codes(*names: str) -> tuple[int, ...]:
        """Return the codes of ``outcome_remark`` by their names, such as ``thanks``."""
        return tuple(int(Remark[name.upper()]) for name in names)

    @staticmethod
    def remarks(texts: pl.Series) -> pl.Series:
        """Return what each text of a customer says of the outcome, as ``outcome_remark`` (u8)."""
        return remarks(texts)

    @staticmethod
    def replies(texts: pl.Series) -> pl.Series:
        """Return what kind of reply each text of a bot or agent is, as ``outcome_reply`` (u8)."""
        return replies(texts)

    @staticmethod
    def infer(messages: pl.DataFrame) -> pl.DataFrame:
        """Return a row for each session whose outcome is known; see :func:`inferred_outcomes`."""
        return inferred_outcomes(messages)


def inferred_outcomes(messages: pl.DataFrame) -> pl.DataFrame:
    """Infer the outcome of each session.

    :param messages: of customers, bots and agents, whole sessions together and in order: ``session``, ``role``,
        ``text``, ``outcome_remark`` (of customers only) and ``outcome_reply`` (of the others).
    :return: a row for each session whose outcome is known: ``session`` and :data:`OUTCOME`.
    """
    import numpy as np

    if messages.is_empty():
        return pl.DataFrame(schema={"session": messages["session"].dtype, **OUTCOME})
    course = Course(messages)
    remark = _decisive(course, messages["text"])
    won, lost = is_one_of(remark, SOLVED), is_one_of(remark, UNSOLVED)
    solved, unsolved = course.last(won)[course.ends], course.last(lost)[course.ends]
    later = course.last(course.is_remark(Remark.LATER))[course.ends]
    more = course.last(course.is_remark(Remark.QUESTION) & ~lost)[course.ends]
    decided = np.maximum(solved, unsolved)
    known = (decided > later) & ((unsolved > solved) | (solved > more)) & ~_still_open(course, remark)
    at = decided[known]
    nth = np.cumsum(course.customer)
    before = nth[course.start[at]] - course.customer[course.start[at]]
    names = [WHYS.get(code, "") for code in Remark]
    return pl.DataFrame(
        {
            "session": pl.Series(course.session[known], dtype=messages["session"].dtype),
            "inferred_outcome": np.where(won[at], "solved", "unsolved"),
            "inferred_why": pl.Series(names).gather(remark[at]),
            "inferred_nth": nth[at] - before,
        },
        schema_overrides=OUTCOME,
    )


def _decisive(course: Course, texts: pl.Series) -> Ints:
    """Return the decisive remark of each message, in its place; NOTED where it decides nothing."""
    import numpy as np

    says = course.is_remark
    asked = course.last(says(*_ASKS))
    reply = ~course.customer & ~course.is_reply(Reply.GREETING) & (asked >= 0)
    replied = course.last(reply)
    answered = course.last(reply & ~course.is_reply(Reply.WAIT))
    latest = course.last(~course.customer)
    kind = np.where(latest >= 0, course.reply[latest], Reply.GREETING)
    wanted = course.last(says(Remark.QUESTION, Remark.LATER))
    heard = (answered > wanted) & ~is_one_of(kind, _NO_ANSWER)
    remark = course.remark.astype(np.int64)
    no = says(Remark.NO)
    remark[(says(Remark.NOTHING) | no) & (kind == Reply.ANYTHING_ELSE)] = Remark.NO_MORE
    remark[no & (kind == Reply.CHECK)] = Remark.NO_USE
    trouble = course.last(says(*UNSOLVED, Remark.DENIAL))
    goes_on = (course.before(trouble) >= 0) & (kind == Reply.ANSWER) & (latest == course.row - 1)
    remark[says(Remark.DENIAL) & goes_on] = Remark.STILL
    remark[_repeats(course, texts, reply)] = Remark.ASKED_AGAIN
    counts = is_one_of(remark, (Remark.ASKED_AGAIN, Remark.COMPLAINT, Remark.WORKS)) & (replied >= 0)
    counts |= is_one_of(remark, (Remark.ASKED_PERSON, Remark.NO_MORE)) & (answered >= 0)
    counts |= is_one_of(remark, (Remark.THANKS, Remark.PRAISE)) & heard
    tells = is_one_of(kind, (Reply.ASK, Reply.GREETING))
    counts |= is_one_of(remark, (Remark.NO_USE, Remark.STILL)) & (replied >= 0) & ~tells
    return np.where(course.customer & counts, remark, Remark.NOTED)


def _repeats(course: Course, texts: pl.Series, reply: Bools) -> Bools:
    """Tell the last question of each session where it is that before it, in spite of a reply between them."""
    import numpy as np

    asks = course.is_remark(Remark.OTHER, Remark.DENIAL, Remark.QUESTION)
    asked, replied = course.last(asks), course.last(reply)
    second = asked[course.ends]
    second = second[second > course.start[np.maximum(second, 0)]]
    first = asked[second - 1]
    pair = (first >= 0) & (replied[second] > first)
    first, second = first[pair], second[pair]
    found: Bools = np.zeros(len(texts), dtype=bool)
    found[second] = asked_again(texts.gather(first), texts.gather(second))
    return found


def _still_open(course: Course, remark: Ints) -> Bools:
    """Tell the sessions where more came after the last word: a person who was called for, or "I will look into it"."""
    import numpy as np

    last = course.last(is_one_of(remark, (*SOLVED, *UNSOLVED)))[course.ends]
    word = np.where(last >= 0, remark[last], Remark.NOTED)
    served = course.agent & course.is_reply(Reply.ANSWER, Reply.ANYTHING_ELSE, Reply.CHECK)
    came = (word == Remark.ASKED_PERSON) & (course.last(served)[course.ends] > last)
    waits = (word == Remark.THANKS) & (course.last(course.is_reply(Reply.WAIT))[course.ends] > last)
    both: Bools = came | waits
    return both
