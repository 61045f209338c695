"""The metrics of docs/classic.md, as a slow oracle for the tests.

``ClassicTwin(tables).values({"queue": "q1"})`` gives every metric of one group, ``values({})`` of the whole, each with
its coverage. Written from the contract and docs/classic.md alone. Each value goes through the rows of its group
again: nothing is merged, so that no mistake in merging can be repeated here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from twin_ground import Family, Told, Values, Where
from twin_plans import PlanTwin
from twin_sessions import SessionTwin
from twin_time import TimeTwin


class ClassicTwin(SessionTwin, TimeTwin, PlanTwin):
    """Every metric of the pack, in any group."""

    def values(self, where: Where) -> Values:
        """Give every metric of one group; one that does not apply to it is nothing at all."""
        told: Values = {}
        for (family, groups), whole in zip(self._families, self._whole, strict=True):
            told |= family(where) if where.keys() <= groups else dict.fromkeys(whole, Told())
        return told

    @property
    def _families(self) -> list[Family]:
        return [*self.session_families(), *self.time_families(), *self.plan_families()]

    @cached_property
    def _whole(self) -> list[Values]:
        """Every family's values of the whole."""
        return [family({}) for family, _ in self._families]

    def groups(self, by: Sequence[str]) -> set[tuple[str, ...]]:
        """Give every group that holds a session or a service."""
        sessions = [self.of_session(session) for session in self.sessions]
        services = [
            self.of_session(session) | self.of_agent(service.agent_id)
            for session in self.sessions
            for service in session.services
        ]
        rows = [*sessions, *services]
        return {tuple(row[name] for name in by) for row in rows if set(by) <= row.keys()}
