"""The metrics of docs/classic.md that sessions and reviews tell, for the twin."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from twin_facts import UNKNOWN, Row, Session, explicit_handoff
from twin_ground import (
    NO_DATA,
    OF_AGENTS,
    OF_SESSIONS,
    SECOND,
    Family,
    Ground,
    Part,
    Told,
    Values,
    Where,
    exact,
    ratio,
    share,
    whole_ms,
)

RETURN = timedelta(days=7)
RESOLVED = timedelta(hours=24)
ANSWER = timedelta(seconds=20)


class SessionTwin(Ground):
    """What a session tells, and what reviews say of it."""

    def session_families(self) -> list[Family]:
        """Give each family of metrics, with what it can be grouped by."""
        anyhow = OF_SESSIONS | OF_AGENTS
        return [
            (self._csat, anyhow),
            (self._nps, anyhow),
            (self._conversion, anyhow),
            (self._contacts, anyhow),
            (self._handling, anyhow),
            (self._transfers, anyhow),
            (self._answers, OF_SESSIONS),
            (self._reviews, anyhow),
        ]

    def _rating(self, part: Part) -> tuple[Fraction, Fraction] | None:
        if part.told("csat") is None:
            return None
        rating, most = exact(part.told("csat")), exact(5 if part.told("csat_max") is None else part.told("csat_max"))
        return (rating, most) if most > 0 and rating <= most else None

    def _csat(self, where: Where) -> Values:
        parts = self.parts(where)
        rated = [rating for rating in map(self._rating, parts) if rating]
        coverage = ratio(len(rated), len(parts))
        mean = ratio(sum((rating / most for rating, most in rated), Fraction(0)), len(rated))
        satisfied = share((rating >= Fraction(8, 10) * most for rating, most in rated), rated)
        return {"csat": Told(mean, coverage), "csat_satisfied_share": Told(satisfied, coverage)}

    def _nps(self, where: Where) -> Values:
        parts = self.parts(where)
        ratings = [part.told("nps") for part in parts if part.told("nps") is not None]
        balance = sum(rating >= 9 for rating in ratings) - sum(rating <= 6 for rating in ratings)
        return {"nps": Told(ratio(100 * balance, len(ratings)), ratio(len(ratings), len(parts)))}

    def _conversion(self, where: Where) -> Values:
        contacts = [part for part in self.parts(where) if part.contact]
        known = [part.told("converted") for part in contacts if part.told("converted") is not None]
        return {"conversion_rate": Told(share(known, known), ratio(len(known), len(contacts)))}

    def contacted_again(self, session: Session) -> bool:
        """Whether the customer has another contact within 7 days after, on the same topic where both tell one."""
        for other in self.everyone.values():
            same = other.row.get("customer_id") == session.row["customer_id"] and bool(other.by("customer"))
            topics = {session.row.get("topic"), other.row.get("topic")} - {None}
            later = timedelta(0) < other.opened_at - session.opened_at <= RETURN
            if same and later and len(topics) < 2:
                return True
        return False

    def _contacts(self, where: Where) -> Values:
        contacts = [part for part in self.parts(where) if part.contact]
        known = [part for part in contacts if part.told("customer_id")]
        again = [self.contacted_again(part.session) for part in known]
        once = [
            not back and len(part.session.services) < 2 and part.told("resolved") is not False
            for part, back in zip(known, again, strict=True)
        ]
        soon = [
            p.told("resolved") is not False and p.session.ended_at - p.session.opened_at <= RESOLVED for p in contacts
        ]
        coverage = ratio(len(known), len(contacts))
        rated = share((part.told("resolved") is not None for part in contacts), contacts)
        return {
            "first_contact_resolution": Told(share(once, known), coverage),
            "repeat_contact_rate": Told(share(again, known), coverage),
            "resolved_within_24h": Told(share(soon, contacts), rated),
        }

    def _handling(self, where: Where) -> Values:
        humans = [part for part in self.parts(where) if part.session.human]
        handled = ratio(sum(part.handle_ms for part in humans), SECOND * len(humans))
        wrapped = share((part.told("wrap_up_seconds") is not None for part in humans), humans)
        held = [part for part in humans if part.ends_here and part.told("hold_seconds") is not None]
        holding = ratio(sum(whole_ms(part.told("hold_seconds")) for part in held), SECOND * len(held))
        return {
            "handle_time": Told(handled, wrapped),
            "hold_time": Told(holding, ratio(len(held), len(humans))),
        }

    def _transfers(self, where: Where) -> Values:
        humans = [part for part in self.parts(where) if part.session.human]
        return {"transfer_rate": Told(share((len(part.session.services) > 1 for part in humans), humans), 1.0)}

    def _answers(self, where: Where) -> Values:
        handed_off = [part.session for part in self.parts(where) if part.session.handed_off]
        humans = [session for session in handed_off if session.human]
        waits = {s.session_id: explicit_handoff(s.row, s.messages) for s in handed_off}
        explicit = [(session, since) for session in handed_off if (since := waits[session.session_id])]
        served = [session.by("agent")[0].sent_at - since for session, since in explicit if session.human]
        speeds = [max(wait // timedelta(milliseconds=1), 0) for wait in served]
        level = ratio(sum(wait <= ANSWER for wait in served), len(explicit))
        return {
            "service_level": Told(level, ratio(len(explicit), len(handed_off))),
            "speed_of_answer": Told(ratio(sum(speeds), SECOND * len(speeds)), ratio(len(speeds), len(humans))),
            "abandonment_rate": Told(ratio(len(handed_off) - len(humans), len(handed_off)), 1.0),
            "connection_rate": Told(ratio(len(humans), len(handed_off)), 1.0),
        }

    def _reviewed(self, review: Row) -> Where | None:
        """Give the groups of a review, ``None`` where its session is not there."""
        session = self.everyone.get(review["session_id"])
        if session is None or session.date not in self.period:
            return None
        only = session.services[0].agent_id if len(session.services) == 1 else UNKNOWN
        return self.of_session(session) | self.of_agent(review.get("agent_id") or only)

    def _reviews(self, where: Where) -> Values:
        names = ("qa_score", "fatal_error_rate", "nonfatal_error_rate")
        if "reviews" not in self.tables:
            return dict.fromkeys(names, NO_DATA)
        reviews = [row for row in self.tables["reviews"] if where.items() <= (self._reviewed(row) or {"": ""}).items()]
        reviews = [row for row in reviews if self._reviewed(row)]
        scores = [exact(row["score"]) for row in reviews if row.get("score") is not None]
        told = {"qa_score": Told(ratio(sum(scores, Fraction(0)), len(scores)), ratio(len(scores), len(reviews)))}
        for name in ("fatal_error", "nonfatal_error"):
            known = [row[f"{name}s"] for row in reviews if row.get(f"{name}s") is not None]
            rate = ratio(sum(errors >= 1 for errors in known), len(reviews)) if known else None
            told[f"{name}_rate"] = Told(rate, ratio(len(known), len(reviews)))
        return told
