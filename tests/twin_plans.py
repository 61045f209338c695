"""The metrics of docs/classic.md on people, money and plans, for the twin."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from functools import partial
from math import sqrt
from statistics import variance
from zoneinfo import ZoneInfo

from twin import Z_95, time_groups
from twin_facts import UNKNOWN
from twin_ground import DATES, NO_DATA, OF_AGENTS, SECOND, Family, Ground, Told, Values, Where, exact, ratio, share

Times = list[int]


class PlanTwin(Ground):
    """People, money, plans."""

    def plan_families(self) -> list[Family]:
        """Give each family of metrics, with what it can be grouped by."""
        return [
            (self._attrition, DATES | {"team"}),
            (self._cost, DATES | {"queue"}),
            (self._agent_days, DATES | OF_AGENTS),
            (self._forecast, DATES | {"queue"}),
            (self._staffing, DATES | {"team"}),
            (self._assistance, DATES | {"queue"}),
        ]

    def _attrition(self, where: Where) -> Values:
        if "agents" not in self.tables:
            return {"attrition_rate": NO_DATA}
        days = self.days(where)
        team = {name: value for name, value in where.items() if name == "team"}
        spans = [
            (local(row["hired_at"], self.zone), local(row["left_at"], self.zone))
            for row in self.agents.values()
            if team.items() <= self.of_agent(row["agent_id"]).items()
        ]
        left = sum(until in days for _, until in spans)
        present = [span for span in spans if span[1] in days or any(map(partial(there, span), days))]
        coverage = share((since is not None for since, _ in present), present)
        heads = sum(there(span, day) for span in spans for day in days)
        return {"attrition_rate": Told(ratio(left * len(days), heads), coverage)}

    def _cost(self, where: Where) -> Values:
        if "costs" not in self.tables:
            return {"cost_per_session": NO_DATA}
        rows = self.dated("costs", where, "queue")
        amount = sum((exact(row["amount"]) for row in rows), Fraction(0))
        paid = {row["date"] for row in rows}
        sessions = [part.session for part in self.parts(where)]
        days = {session.date for session in sessions}
        humans = sum(session.human and session.date in paid for session in sessions)
        return {"cost_per_session": Told(ratio(amount, humans), ratio(len(days & paid), len(days)))}

    def _agent_days(self, where: Where) -> Values:
        services = Counter(
            (service.agent_id, session.date)
            for session in self.sessions
            for service in session.services
            if where.items() <= (self.of_session(session) | self.of_agent(service.agent_id)).items()
        )
        humans = sum(part.session.human for part in self.parts(where))
        return {
            "daily_output": Told(ratio(humans, len(services)), 1.0),
            "load_balance": Told(balance(sorted(services.values())), 1.0),
        }

    def _forecast(self, where: Where) -> Values:
        if "forecasts" not in self.tables:
            return {"forecast_accuracy": NO_DATA}
        dates = [session.date for session in self.everyone.values()]
        rows = [row for row in self.dated("forecasts", {}, "queue") if min(dates) <= row["date"] <= max(dates)]
        named = {row["date"] for row in rows if row.get("queue")}
        last = {(row["date"], row.get("queue") or UNKNOWN): exact(row["sessions"]) for row in rows}
        about = [
            (session.date, self.of_session(session)["queue"] if session.date in named else UNKNOWN)
            for session in self.sessions
            if any(session.date == row["date"] for row in rows)
        ]
        pairs = [(about.count(key), forecast) for key, forecast in last.items() if of_pair(where, *key)]
        actual = sum(came for came, _ in pairs)
        off = sum((abs(came - forecast) for came, forecast in pairs), Fraction(0))
        coverage = ratio(actual, sum(of_pair(where, *key) for key in about))
        return {"forecast_accuracy": Told(ratio(actual - off, actual), coverage)}

    def _staffing(self, where: Where) -> Values:
        if "staffing" not in self.tables:
            return {"staffing_rate": NO_DATA}
        rows = self.dated("staffing", where, "team")
        return {"staffing_rate": Told(ratio(sum(r["hired"] for r in rows), sum(r["requested"] for r in rows)), 1.0)}

    # --- assistance -----------------------------------------------------------------------------

    def _assistance(self, where: Where) -> Values:
        kinds: dict[tuple[str, str | None], tuple[Times, Times]] = defaultdict(lambda: ([], []))
        for one in self.parts(where):
            assisted = one.told("ai_assisted")
            if one.session.human and assisted is not None:
                stratum = (self.of_session(one.session)["queue"], one.told("topic"))
                kinds[stratum][not assisted].append(one.handle_ms)
        strata = [(aided, alone) for aided, alone in kinds.values() if aided and sum(alone)]
        weight = sum(len(aided) for aided, _ in strata)
        coverage = ratio(weight, sum(len(aided) for aided, _ in kinds.values()))
        if not weight:
            return {"ai_assist_gain": Told(None, coverage)}
        gain = sum(len(aided) * (1 - mean(aided) / mean(alone)) for aided, alone in strata) / weight
        error = standard_error(strata, weight)
        ends = None if error is None else (float(gain) - Z_95 * error, float(gain) + Z_95 * error)
        return {"ai_assist_gain": Told(float(gain), coverage, ends)}


def of_pair(where: Where, day: date, queue: str) -> bool:
    """Whether a date and queue are in a group."""
    return where.items() <= (time_groups(day) | {"queue": queue}).items()


def there(span: tuple[date | None, date | None], day: date) -> bool:
    """Whether an agent who was hired and left on these days was there on a day."""
    since, until = span
    return (since is None or since <= day) and (until is None or until >= day)


def mean(times: Times) -> Fraction:
    """Give the mean."""
    return Fraction(sum(times), len(times))


def whole_seconds(times: Times) -> list[Fraction]:
    """Give milliseconds as whole seconds, the nearest."""
    return [Fraction((time + SECOND // 2) // SECOND) for time in times]


def pooled(samples: Sequence[Times]) -> Fraction | None:
    """Give the variance within samples, pooled over those of two and more; ``None`` where there is none."""
    large = [sample for sample in samples if len(sample) > 1]
    within = sum(((len(sample) - 1) * variance(whole_seconds(sample)) for sample in large), Fraction(0))
    return within / sum(len(sample) - 1 for sample in large) if large else None


def standard_error(strata: Sequence[tuple[Times, Times]], weight: int) -> float | None:
    """Give the standard error of the weighted gain by the delta method; ``None`` where it cannot be told."""
    total = 0.0
    shared = [pooled([stratum[kind] for stratum in strata]) for kind in (0, 1)]
    for aided, alone in strata:
        spread = [pooled([sample]) if len(sample) > 1 else shared[kind] for kind, sample in enumerate((aided, alone))]
        if spread[0] is None or spread[1] is None:
            return None
        top, bottom = mean(aided) / SECOND, mean(alone) / SECOND
        of_ratio = spread[0] / len(aided) / bottom**2 + spread[1] / len(alone) * top**2 / bottom**4
        total += float(Fraction(len(aided), weight) ** 2 * of_ratio)
    return sqrt(total)


def local(moment: datetime | None, zone: ZoneInfo) -> date | None:
    """Give the local day of a time."""
    return moment.astimezone(zone).date() if moment else None


def balance(numbers: Sequence[int]) -> float | None:
    """Give 1 − Gini of numbers in ascending order."""
    if not numbers:
        return None
    n = len(numbers)
    skew = sum((2 * place - n - 1) * number for place, number in enumerate(numbers, 1))
    return float(1 - Fraction(skew, n * sum(numbers)))
