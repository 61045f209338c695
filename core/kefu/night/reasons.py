"""Why a date says something else than before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from kefu.night.files import covers, missing
from kefu.store.days import Day, DayRow
from kefu.store.runs import InputFile


class Reasons:
    """Compares the files of a run with those that the store knows."""

    def __init__(self, known: Sequence[InputFile], told: Sequence[InputFile]) -> None:
        """Find the files that are new and those whose content is another than when they were last read."""
        self._known, self._told = known, told
        self._latest = {file.path: file for file in known}
        self._new = [file for file in told if file.path not in self._latest]
        self._corrected = [
            file for file in told if file.path in self._latest and self._latest[file.path].digest != file.digest
        ]

    def of(self, day: Day, before: DayRow | None) -> list[dict[str, Any]]:
        """Return the reasons; of files those that have to do with the date, or all where none has.

        A date can change with the files of another one, because metrics look at what the customer did next. Where no
        file is new, an earlier run that was about other dates has read what changed it.
        """
        if before is None:
            return [{"why": "first"}]
        reasons: list[dict[str, Any]] = []
        if before.layout.get("plugins") != day.layout.get("plugins"):
            reasons.append({"why": "new plugin version"})
        if before.layout.get("definitions") != day.layout.get("definitions"):
            reasons.append({"why": "new configuration"})
        files = self._files(day.date, before)
        near = [(why, path) for why, path, concerned in files if concerned] or [(why, path) for why, path, _ in files]
        reasons += [{"why": why, "file": path} for why, path in near]
        return reasons or [{"why": "late rows"}]

    def _files(self, date: dt.date, before: DayRow) -> list[tuple[str, str, bool]]:
        """Return of each file that is another one why it is, its path, and whether it has to do with a date."""
        gone = [("file gone", path, True) for path in missing(self._known, self._told, before)]
        corrected = [
            ("corrected file", file.path, covers(file, date) or covers(self._latest[file.path], date))
            for file in self._corrected
        ]
        return [*corrected, *(("late rows", file.path, covers(file, date)) for file in self._new), *gone]
