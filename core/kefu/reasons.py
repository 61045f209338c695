"""Why something needs repair, as data: what a plugin can add to the repair queue.

This module imports no other module of kefu but ``metric`` and ``columns``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from kefu.columns import Period
from kefu.metric import Title

FOUND = {
    "subject": pl.String(),
    "subject_id": pl.String(),
    "title": pl.String(),
    "sessions": pl.Int64(),
    "gap": pl.Float64(),
}
"""The columns of what a reason finds; every further one is evidence."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reason looks at: what the store knows at the end of a night.

    :param period: the night's date.
    :param tables: small input tables, and ``repair_record``; one that is not there is ``None``.
    :param counts: day counts that plugins offered, of all dates up to the night.
    :param gathered: the counted rows of listings that are kept, by the listing's name, of its own last days.
    :param listed: what each of these listings was built as.
    """

    period: Period
    tables: Mapping[str, pl.DataFrame | None]
    counts: Mapping[str, pl.DataFrame]
    gathered: Mapping[str, pl.DataFrame]
    listed: Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that puts hotspots or topics into the repair queue.

    :param name: its id, in lower case with underscores; no other plugin may use it.
    :param title: its name in both languages.
    :param reads: the rule in words.
    :param find: what it looks at in; a row for each hotspot (``subject`` is ``hotspot``) or topic (``topic``) that
        it holds for out, with the columns of :data:`FOUND`: ``sessions`` is how many it affects in the window, ``gap``
        how far it is from the target, from 0 to 1. Further columns are shown as evidence.
    """

    name: str
    title: Title
    reads: Title
    find: Callable[[Seen], pl.DataFrame]
