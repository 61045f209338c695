"""What a run found, for people and programs to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kefu.metric import Metric
from kefu.read import Table
from kefu.run.values import GroupValues


@dataclass(frozen=True, slots=True)
class Failure:
    """A plugin or a file that is missing from the values."""

    plugin: str
    version: str
    error: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found.

    :param first: the first local date of the period (days since 1970), ``None`` where there are no sessions.
    :param whole: the values of the whole.
    :param groups: those of each group that was asked for.
    :param input: how many rows each table had and what became of them, where the tables themselves are not there.
    """

    first: int | None
    last: int | None
    metrics: Sequence[Metric]
    whole: GroupValues
    groups: Sequence[GroupValues]
    tables: Mapping[str, Table]
    failures: Sequence[Failure]
    owners: Mapping[str, str]
    input: Mapping[str, Mapping[str, int]] | None = None

    @property
    def failed(self) -> bool:
        """Whether a plugin or a file is missing from the values."""
        return bool(self.failures) or any(f.failed for table in self.tables.values() for f in table.report)
