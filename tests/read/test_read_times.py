"""Times, in every way that they are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.errors import ConfigError
from kefu.read.times import Clock, Units, number_times, text_times, unit_votes
from kefu.read.values import convert
from kefu.read.zones import Zone
from kefu.tables import MESSAGES, Column

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2025, 6, 1, 4, tzinfo=UTC)
"""Noon of the first of June in Shanghai."""

WRITTEN = [
    ("2025-06-01T12:00:00", NOON),
    ("2025-06-01 12:00:00", NOON),
    ("2025-06-01t12:00:00", NOON),
    ("2025-06-01 12:00", NOON),
    ("2025/06/01 12:00:00", NOON),
    ("2025/6/1 12:00", NOON),
    ("2025.06.01 12:00:00", NOON),
    ("2025年6月1日 12:00:00", NOON),
    ("2025年06月01日12:00", None),
    ("2025-06-01T04:00:00Z", NOON),
    ("2025-06-01 04:00:00 UTC", NOON),
    ("2025-06-01T12:00:00+08:00", NOON),
    ("2025-06-01T12:00:00+0800", NOON),
    ("2025-06-01T12:00:00 +08", NOON),
    ("2025-05-31T22:30:00-05:30", NOON),
    ("2025-06-01T12:00:00.5", NOON + timedelta(seconds=0.5)),
    ("2025-06-01 12:00:00,123", NOON + timedelta(milliseconds=123)),
    ("2025-06-01T04:00:00.123456789Z", NOON + timedelta(microseconds=123456)),
    ("2025-06-01T12:00:60", NOON + timedelta(minutes=1)),
    ("  2025-06-01T12:00:00\t", NOON),
    ("2025-06-01", NOON - timedelta(hours=12)),
    ("20250601", NOON - timedelta(hours=12)),
    ("20250601120000", NOON),
    ("1748750400", NOON),
    (" 1748750400 ", NOON),
    ("20251301", None),
    ("1748750400.25", NOON + timedelta(seconds=0.25)),
    ("1970-01-02T00:00:00Z", datetime(1970, 1, 2, tzinfo=UTC)),
    ("2199-12-31T23:59:59Z", datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ("2024-02-29 12:00:00", datetime(2024, 2, 29, 4, tzinfo=UTC)),
    ("2025-02-29 12:00:00", None),
    ("2025-04-31", None),
    ("2025-13-01", None),
    ("2025-00-10", None),
    ("2025-06-00", None),
    ("2025-06-01T24:00:00", None),
    ("2025-06-01T12:60:00", None),
    ("2025-06-01T12:00:61", None),
    ("2025-06-01T12:00:00+15:00", None),
    ("2025-06-01T12", None),
    ("25-06-01", None),
    ("01/06/2025", None),
    ("２０２５-06-01", None),
    ("yesterday", None),
    ("nan", None),
    ("inf", None),
    ("1e9", None),
    ("0", None),
    ("-5", None),
    ("99999999999999999999999", None),
    ("1969-12-31T00:00:00Z", None),
    ("1970-01-01T12:00:00Z", None),
    ("2200-01-01T00:00:00Z", None),
    ("9999-12-31", None),
    ("0000-01-01", None),
]


def clock(zone: str = "Asia/Shanghai", **told: int) -> Clock:
    return Clock(Zone(zone), Units(dict(told)))


def as_times(micros: pl.Series) -> list[datetime | None]:
    return micros.cast(pl.Datetime("us", "UTC")).to_list()


@pytest.mark.parametrize(("text", "wanted"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_a_written_time(text: str, wanted: datetime | None) -> None:
    values, codes = text_times(pl.Series("t", [text]), clock())
    assert as_times(values) == [wanted]
    assert (codes[0] == 1) == (wanted is not None)


def test_all_of_them_in_one_column_give_the_same() -> None:
    texts = [text for text, _ in WRITTEN for _ in range(3)] + [None, "", "  "]
    wanted = [time for _, time in WRITTEN for _ in range(3)] + [None] * 3
    values, codes = text_times(pl.Series("t", texts), clock())
    assert as_times(values) == wanted
    assert codes[-3:].tolist() == [0, 0, 0], "a blank is no fault"


ZONES = [
    ("a gap: the instant of the skip", "America/New_York", "2026-03-08 02:30", datetime(2026, 3, 8, 7)),
    ("before a gap", "America/New_York", "2026-03-08 01:59", datetime(2026, 3, 8, 6, 59)),
    ("after a gap", "America/New_York", "2026-03-08 03:00", datetime(2026, 3, 8, 7)),
    ("a fold: the first", "America/New_York", "2026-11-01 01:30", datetime(2026, 11, 1, 5, 30)),
    ("after a fold", "America/New_York", "2026-11-01 02:00", datetime(2026, 11, 1, 7)),
    ("Shanghai's summer of 1986", "Asia/Shanghai", "1986-07-01 12:00", datetime(1986, 7, 1, 3)),
    ("a quarter hour", "Asia/Kathmandu", "2025-06-01 12:00", datetime(2025, 6, 1, 6, 15)),
    ("fourteen hours", "Pacific/Kiritimati", "2025-06-01 12:00", datetime(2025, 5, 31, 22)),
    ("half an hour of summer time", "Australia/Lord_Howe", "2025-10-05 02:15", datetime(2025, 10, 4, 15, 30)),
    ("a day that never was", "Pacific/Apia", "2011-12-30 12:00", datetime(2011, 12, 30, 10)),
]


@pytest.mark.parametrize(("zone", "text", "wanted"), [case[1:] for case in ZONES], ids=[case[0] for case in ZONES])
def test_the_business_zone(zone: str, text: str, wanted: datetime) -> None:
    values, _ = text_times(pl.Series("t", [text]), clock(zone))
    assert as_times(values) == [wanted.replace(tzinfo=UTC)]


moments = st.datetimes(datetime(1970, 1, 3), datetime(2199, 12, 30)).map(lambda time: time.replace(fold=0))
zones = st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC"])


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), moments), max_size=30), zones)
def test_wall_to_utc_agrees_with_the_standard_library(times: list[datetime | None], name: str) -> None:
    zone = ZoneInfo(name)
    got = as_times(Zone(name).to_utc(pl.Series("t", times, dtype=pl.Datetime("us")).to_physical()))
    for time, utc in zip(times, got, strict=True):
        if time is None:
            assert utc is None
            continue
        assert utc is not None
        first = time.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if first.astimezone(zone).replace(tzinfo=None) == time:
            assert utc == first
        else:
            late = utc - timedelta(microseconds=1)
            assert utc.astimezone(zone).utcoffset() != late.astimezone(zone).utcoffset(), "the instant of the skip"


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), moments), max_size=30), zones)
def test_utc_to_wall_agrees_with_the_standard_library(times: list[datetime | None], name: str) -> None:
    got = Zone(name).to_wall(pl.Series("t", times, dtype=pl.Datetime("us")).to_physical()).cast(pl.Datetime("us"))
    zone = ZoneInfo(name)
    wanted = [time and time.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) for time in times]
    assert got.to_list() == wanted


@st.composite
def written(draw: st.DrawFn) -> tuple[str, datetime]:
    """Draw a time in some style, and what it means in Shanghai; put together by the standard library."""
    time = draw(moments)
    sign = draw(st.sampled_from("-/."))
    text = time.strftime(f"%Y{sign}%m{sign}%d{draw(st.sampled_from(['T', ' ']))}%H:%M:%S").rjust(19, "0")
    digits = draw(st.integers(0, 6))
    time = time.replace(microsecond=time.microsecond // 10 ** (6 - digits) * 10 ** (6 - digits))
    if digits:
        text += f".{time.microsecond:06d}"[: digits + 1]
    offset = draw(st.sampled_from(["", "Z", "+08:00", "-0330", " +05"]))
    text += offset
    if offset:
        return text, datetime.fromisoformat(f"{time.isoformat()}{offset.strip() if offset != 'Z' else '+00:00'}")
    return text, time.replace(tzinfo=SHANGHAI)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(written(), st.none()), max_size=40))
def test_styles_in_any_mixture_agree_with_the_standard_library(cases: list[tuple[str, datetime] | None]) -> None:
    texts = pl.Series("t", [case and case[0] for case in cases], dtype=pl.String)
    values, _ = text_times(texts, clock())
    assert as_times(values) == [case and case[1].astimezone(UTC) for case in cases]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(st.sampled_from("0123456789-/T: .+Z年月日Zx\t"), max_size=22), max_size=40))
def test_what_becomes_of_a_value_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    together, codes = text_times(pl.Series("t", texts, dtype=pl.String), clock(t=0))
    alone = [text_times(pl.Series("t", [text]), clock(t=0)) for text in texts]
    assert together.to_list() == [values[0] for values, _ in alone]
    assert codes.tolist() == [int(kinds[0]) for _, kinds in alone]


SECOND = 1748750400
EPOCHS = [
    ("seconds", [SECOND, SECOND + 1], [0, 1]),
    ("milliseconds", [SECOND * 1000, SECOND * 1000 + 500], [0, 0.5]),
    ("microseconds", [SECOND * 10**6, SECOND * 10**6 + 1], [0, 0.000001]),
    ("nanoseconds", [SECOND * 10**9, SECOND * 10**9 + 1999], [0, 0.000001]),
    ("seconds with a fraction", [SECOND + 0.25, float(SECOND)], [0.25, 0]),
    ("milliseconds with a fraction", [SECOND * 1000 + 0.5], [0.0005]),
]


@pytest.mark.parametrize(("numbers", "after"), [case[1:] for case in EPOCHS], ids=[case[0] for case in EPOCHS])
@pytest.mark.parametrize("as_digits", [False, True])
def test_epochs(numbers: list[float], after: list[float], as_digits: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    column = pl.Series("t", numbers)
    if as_digits:
        values, _ = text_times(pl.Series("t", [repr(number) for number in numbers]), clock())
    else:
        values, _ = number_times(column, clock())
    assert as_times(values) == [NOON + timedelta(seconds=seconds) for seconds in after]


def test_the_unit_is_that_of_most_values_and_another_is_not_believed() -> None:
    column = pl.Series("sent_at", [SECOND * 1000] * 3 + [SECOND] * 2 + [SECOND * 10**6, 0, None])
    values, why = convert(column, MESSAGES["sent_at"], clock())
    assert values.to_list() == [NOON] * 3 + [None] * 5
    assert why is not None
    assert why.to_list()[3:] == [
        "looks like seconds in a column of milliseconds",
        "looks like seconds in a column of milliseconds",
        "looks like microseconds in a column of milliseconds",
        "is outside 1970-01-02 to 2199-12-31",
        None,
    ]


def test_digits_with_a_fraction_and_without_vote_together() -> None:
    texts = [f"{SECOND}", *[f"{SECOND}000.5"] * 2]
    values, codes = text_times(pl.Series("t", texts), clock())
    assert as_times(values) == [None, *[NOON + timedelta(milliseconds=0.5)] * 2]
    assert codes.tolist() == [4, 1, 1]


def test_many_shapes_and_much_garbage_take_no_longer_than_their_rows() -> None:
    texts = [f"{word}{number}" for number in range(20_000) for word in ("x", "", "2025-06-01T00:00:00.")]
    started = process_time()
    values, _ = text_times(pl.Series("t", texts), clock())
    assert process_time() - started < 2
    assert len(values) - values.null_count() >= 20_000


def test_a_column_that_began_with_another_unit_is_told() -> None:
    ours = clock()
    number_times(pl.Series("t", [SECOND]), ours)
    assert ours.units.wrong() == {}
    number_times(pl.Series("t", [SECOND * 1000] * 2), ours)
    assert ours.units.wrong() == {"t": 1}


@settings(deadline=None)
@given(st.lists(st.integers(-(10**18), 10**18), max_size=20))
def test_votes_by_query_agree_with_votes_by_column(numbers: list[int]) -> None:
    ours = clock()
    column = pl.Series("t", numbers, dtype=pl.Int64)
    number_times(column, ours)
    counted = ours.units.votes["t"].tolist()
    assert list(
        column.to_frame().select(*[v.alias(str(i)) for i, v in enumerate(unit_votes("t", pl.Int64()))]).row(0)
    ) == (counted)


STORED = [
    (pl.Series([datetime(2025, 6, 1, 12)], dtype=pl.Datetime("ms")), NOON),
    (pl.Series([datetime(2025, 6, 1, 12)], dtype=pl.Datetime("ns")), NOON),
    (pl.Series([NOON], dtype=pl.Datetime("us", "UTC")), NOON),
    (pl.Series([NOON], dtype=pl.Datetime("ns", "America/New_York")), NOON),
    (pl.Series([datetime(2025, 6, 1)]).cast(pl.Date), NOON - timedelta(hours=12)),
    (pl.Series([datetime(1969, 6, 1)], dtype=pl.Datetime("us")), None),
    (pl.Series([datetime(2300, 6, 1, tzinfo=UTC)], dtype=pl.Datetime("us", "UTC")), None),
    (pl.Series([datetime(9999, 12, 31)]).cast(pl.Date), None),
    (pl.Series([SECOND], dtype=pl.UInt32), NOON),
    (pl.Series([2**64 - 1], dtype=pl.UInt64), None),
    (pl.Series([float("nan")]), None),
    (pl.Series([float("-inf")]), None),
    (pl.Series([True]), None),
    (pl.Series([timedelta(1)]), None),
    (pl.Series([None], dtype=pl.Datetime("us")), None),
]


@pytest.mark.parametrize(("column", "wanted"), STORED, ids=[f"{case[0].dtype} {case[1]}" for case in STORED])
def test_stored_types(column: pl.Series, wanted: datetime | None) -> None:
    values, _ = convert(column.alias("sent_at"), MESSAGES["sent_at"], clock())
    assert values.dtype == pl.Datetime("us", "UTC")
    assert values.to_list() == [wanted]


DATES = [
    ("2025-06-01", "2025-06-01"),
    ("2025/6/1", "2025-06-01"),
    ("20250601", "2025-06-01"),
    ("2025-06-01T23:30:00", "2025-06-01"),
    ("2025-06-01T23:30:00Z", "2025-06-02"),
    ("June", None),
]


@pytest.mark.parametrize(("text", "wanted"), DATES)
def test_dates_are_days_of_the_business_zone(text: str, wanted: str | None) -> None:
    values, _ = convert(pl.Series("date", [text]), Column("date", "date", ""), clock())
    assert values.cast(pl.String).to_list() == [wanted]


def test_a_zone_that_does_not_exist_is_an_error_of_configuration() -> None:
    with pytest.raises(ConfigError, match="Asia/Atlantis"):
        Zone("Asia/Atlantis")
