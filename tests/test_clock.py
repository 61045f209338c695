"""Local days where clocks change, midnights are skipped and offsets are odd."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.clock import UNIX, LocalDays, date_of

ZONES = ["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "America/Sao_Paulo", "UTC"]


@given(st.sampled_from(ZONES), st.lists(st.datetimes(dt.datetime(1985, 1, 1), dt.datetime(2035, 1, 1)), min_size=1))
def test_the_local_day_is_that_of_the_standard_library(zone: str, moments: list[dt.datetime]) -> None:
    aware = [moment.replace(tzinfo=dt.UTC) for moment in moments]
    micros = np.array([(moment - UNIX) // dt.timedelta(microseconds=1) for moment in aware])
    ours = [date_of(int(day)) for day in LocalDays(zone).of(micros)]
    assert ours == [moment.astimezone(ZoneInfo(zone)).date() for moment in aware]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", dt.date(2026, 3, 8), 23),
        ("America/New_York", dt.date(2026, 11, 1), 25),
        ("Asia/Shanghai", dt.date(1986, 5, 4), 23),
        ("America/Sao_Paulo", dt.date(2018, 11, 4), 23),  # midnight itself is skipped
        ("Asia/Shanghai", dt.date(2025, 6, 2), 24),
    ],
)
def test_days_are_as_long_as_they_were(zone: str, day: dt.date, hours: int) -> None:
    number = (day - dt.date(1970, 1, 1)).days
    start, end = LocalDays(zone).starts(number, number)
    assert (end - start) / 3_600_000_000 == hours


def test_nothing_has_no_day() -> None:
    assert len(LocalDays("UTC").of(np.zeros(0, dtype=np.int64))) == 0
