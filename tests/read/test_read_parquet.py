"""Parquet: stored types, damage, parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from reading import messages, opened, parquet_bytes, read, reasons

from kefu.errors import InputError
from kefu.read import Limits
from kefu.read.footer import FooterError, declared
from kefu.read.streams import TooLargeError

AT = datetime(2025, 6, 1, 4, tzinfo=UTC)


def frame(rows: int = 4, **columns: Any) -> pl.DataFrame:  # noqa: ANN401 -- passed on
    base = pl.DataFrame({"session_id": [f"s{n}" for n in range(rows)]}).with_columns(
        sent_at=pl.lit(AT).cast(pl.Datetime("us", "UTC")), role=pl.lit("agent"), text=pl.col("session_id")
    )
    return base.with_columns(**columns)


def one(column: str, values: Sequence[Any], dtype: pl.DataType | type[pl.DataType] | None = None) -> pl.Series:
    return pl.Series(column, values, dtype=dtype, strict=False)


STORED: list[tuple[pl.Series, Any]] = [
    (one("session_id", [7]), "7"),
    (one("session_id", [2**64 - 1], pl.UInt64), "18446744073709551615"),
    (one("session_id", [7.0]), "7"),
    (one("session_id", [7.5]), "7.5"),
    (one("session_id", [True]), "true"),
    (one("session_id", [b"s\xe5\xa5\xbd"]), "s好"),
    (one("session_id", ["s1"], pl.Categorical), "s1"),
    (one("session_id", [{"a": 1}]), '{"a":1}'),
    (one("session_id", [Decimal("1.50")]), "1.50"),
    (one("session_id", [date(2025, 6, 1)]), "2025-06-01"),
    (one("role", ["AGENT"]), "agent"),
    (one("role", [" Bot\t"]), "bot"),
    (one("role", ["agent"], pl.Categorical), "agent"),
    (one("role", ["agent"], pl.Enum(["x", "agent"])), "agent"),
    (one("event", ["Closed"]), "closed"),
    (one("event", [""]), None),
    (one("event", [" "]), None),
    (one("text", [""]), None),
    (one("seq", [7], pl.UInt8), 7),
    (one("seq", [7.0]), 7),
    (one("seq", ["7"]), 7),
    (one("seq", [" 7.0 "]), 7),
    (one("seq", ["7."]), 7),
    (one("seq", [None], pl.Null), None),
    (one("private", [1]), True),
    (one("private", [0.0]), False),
    (one("private", ["是"]), True),
    (one("private", ["NO"]), False),
    (one("private", [" Yes "]), True),
    (one("private", ["1.0"]), True),
    (one("private", [""]), None),
]


@pytest.mark.parametrize(("column", "wanted"), STORED, ids=[f"{c.name} {c.dtype} {c[0]!r}" for c, _ in STORED])
def test_a_stored_type_is_read(tmp_path: Path, column: pl.Series, wanted: object) -> None:
    table = messages(tmp_path, "messages.parquet", parquet_bytes(frame(1).with_columns(column)))
    assert reasons(table) == []
    assert read(table)[column.name].to_list() == [wanted]


REFUSED: list[tuple[pl.Series, str]] = [
    (one("session_id", [None], pl.String), "session_id is missing"),
    (one("session_id", [""]), "session_id is missing"),
    (one("session_id", [b"\xff"]), "session_id \"b'\\\\xff'\" is not text"),
    (one("session_id", [float("nan")]), "session_id 'NaN' is not text"),
    (one("role", [3]), "role '3' is none of customer, bot, agent, system"),
    (one("role", ["客服"]), "role '客服' is none of customer, bot, agent, system"),
    (one("seq", [7.5]), "seq '7.5' is not a whole number"),
    (one("seq", [2**63], pl.UInt64), "seq '9223372036854775808' is not a whole number"),
    (one("seq", ["1e3"]), "seq '1e3' is not a whole number"),
    (one("seq", [True]), "seq 'true' is not a whole number"),
    (one("private", [2]), "private '2' is not true or false"),
    (one("private", ["maybe"]), "private 'maybe' is not true or false"),
    (one("sent_at", [True]), "sent_at 'true' is not a time"),
    (
        one("sent_at", [datetime(1960, 1, 1, tzinfo=UTC)]),
        "sent_at '1960-01-01 00:00:00.000000+00:00' is outside 1970-01-02 to 2199-12-31",
    ),
    (one("sent_at", [[1]]), "sent_at '[1]' is not a time"),
]


@pytest.mark.parametrize(("column", "why"), REFUSED, ids=[f"{c.name} {c.dtype} {c[0]!r}" for c, _ in REFUSED])
def test_a_stored_value_is_refused(tmp_path: Path, column: pl.Series, why: str) -> None:
    table = messages(tmp_path, "messages.parquet", parquet_bytes(frame(1).with_columns(column)))
    assert reasons(table) == [(1, column.name, why)]


NUMBERS: list[tuple[pl.Series, Any]] = [
    (one("csat", ["4.5"]), 4.5),
    (one("csat", [5]), 5.0),
    (one("csat", [Decimal("4.50")]), 4.5),
    (one("csat", [-1]), "csat '-1' is not at least 0"),
    (one("csat", [float("nan")]), "csat 'NaN' is not a number"),
    (one("csat", ["inf"]), "csat 'inf' is not a number"),
    (one("csat", ["good"]), "csat 'good' is not a number"),
    (one("nps", [10]), 10),
    (one("nps", [11]), "nps '11' is not from 0 to 10"),
]


@pytest.mark.parametrize(("column", "wanted"), NUMBERS, ids=[f"{c.name} {c.dtype} {c[0]!r}" for c, _ in NUMBERS])
def test_numbers_have_limits(tmp_path: Path, column: pl.Series, wanted: object) -> None:
    session = parquet_bytes(pl.DataFrame({"session_id": ["s1"]}).with_columns(column))
    table = opened(tmp_path, {"messages.parquet": parquet_bytes(frame()), "sessions.parquet": session})["sessions"]
    got = read(table)[column.name].to_list()
    assert (got or [table.quarantine["reason"][0]]) == [wanted]


def test_the_verdict_does_not_depend_on_the_columns_that_are_asked_for(tmp_path: Path) -> None:
    bad = frame(
        6,
        role=pl.Series(["agent", "x", "bot", "agent", None, "bot"]),
        seq=pl.Series([1, 2, "y", 4, 5, 6], strict=False, dtype=pl.String),
    )
    content = parquet_bytes(bad)
    wanted = ["s0", "s3", "s5"]
    for number, columns in enumerate([["session_id"], ["text", "session_id"], ["nope", "session_id"]]):
        table = messages(tmp_path / str(number), "messages.parquet", content, part_rows=2)
        frames = pl.concat([part.read(columns) for part in table.parts])
        assert frames.columns == columns
        assert frames["session_id"].to_list() == wanted
        assert pl.concat([part.read(["session_id"]) for part in table.parts])["session_id"].to_list() == wanted
        assert reasons(table) == [
            (2, "role", "role 'x' is none of customer, bot, agent, system"),
            (3, "seq", "seq 'y' is not a whole number"),
            (5, "role", "role is missing"),
        ]


def test_columns_that_are_not_listed_or_not_there(tmp_path: Path) -> None:
    table = messages(tmp_path, "messages.parquet", parquet_bytes(frame(2, tags=pl.Series([[1], [2, 3]]))))
    got = read(table, ["hotspot_id", "tags", "nowhere", "private"])
    assert got.rows() == [(None, [1], None, None), (None, [2, 3], None, None)]
    assert got.schema["private"] == pl.Boolean
    assert read(table, ["hotspot_id"]).height == 2
    assert table.present == {"session_id", "sent_at", "role", "text"}


def test_keys_are_those_of_all_rows(tmp_path: Path) -> None:
    table = messages(
        tmp_path, "messages.parquet", parquet_bytes(frame(3, session_id=pl.Series([1, 2, 3]), role=pl.lit("x")))
    )
    assert table.parts[0].keys().rows() == [("1",), ("2",), ("3",)]
    assert table.report[0].rejected == 0
    assert read(table).height == 0


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_parts_are_in_order_and_of_the_size_that_was_told(tmp_path: Path, size: int) -> None:
    content = parquet_bytes(frame(20), row_group_size=6)
    table = messages(tmp_path, "messages.parquet", content, part_rows=size)
    assert [part.rows for part in table.parts] == [min(size, 20 - start) for start in range(0, 20, size)]
    assert [part.index for part in table.parts] == list(range(len(table.parts)))
    assert read(table)["session_id"].to_list() == [f"s{n}" for n in range(20)]


def test_parts_are_smaller_where_rows_are_large(tmp_path: Path) -> None:
    large = frame(5000, text=pl.concat_str(pl.int_range(5000).hash(seed).cast(pl.String) for seed in range(100)))
    table = messages(tmp_path, "messages.parquet", parquet_bytes(large), limits=Limits(part_bytes=4_000_000))
    assert table.parts[0].rows < 3000
    assert read(table).height == 5000


def test_the_unit_of_epochs_is_that_of_the_whole_file(tmp_path: Path) -> None:
    seconds = [1748750400] * 3 + [1748750400000] * 7
    for number, stored in enumerate([pl.Int64, pl.String, pl.Float64]):
        column = pl.Series("sent_at", seconds).cast(stored)
        content = parquet_bytes(frame(10).with_columns(column))
        for rows in (2, 100):
            table = messages(tmp_path / f"{number} {rows}", "messages.parquet", content, part_rows=rows)
            assert [row for row, _, _ in reasons(table)] == [1, 2, 3]
            assert set(table.quarantine["reason"].str.extract("(looks like .*)")) == {
                "looks like seconds in a column of milliseconds"
            }


def damaged() -> list[tuple[str, bytes]]:
    whole = parquet_bytes(frame(500, text=pl.int_range(500).hash().cast(pl.String)), compression="zstd")
    footer = int.from_bytes(whole[-8:-4], "little")
    return [
        ("empty", b""),
        ("not Parquet", b"session_id,sent_at\n"),
        ("cut", whole[: len(whole) // 2]),
        ("cut by one", whole[:-1]),
        ("a part is missing", whole[:500] + whole[700:]),
        ("no footer", whole[:-footer] + whole[-8:]),
        ("a huge footer", whole[:-8] + b"\xff\xff\xff\x7fPAR1"),
        ("only magic", b"PAR1PAR1"),
        ("only magic and length", b"PAR1\0\0\0\0PAR1"),
        ("zeros in the data", whole[:300] + bytes(200) + whole[500:]),
        ("zeros in the footer", whole[: -footer // 2] + bytes(20) + whole[-footer // 2 + 20 :]),
    ]


@pytest.mark.parametrize("content", [case[1] for case in damaged()], ids=[case[0] for case in damaged()])
@pytest.mark.parametrize("rows", [100, 1000])
def test_a_damaged_file_is_not_believed(tmp_path: Path, content: bytes, rows: int) -> None:
    files = {"messages/1.parquet": content, "messages/2.parquet": parquet_bytes(frame(2))}
    table = opened(tmp_path, files, part_rows=rows)["messages"]
    assert read(table)["session_id"].to_list() == ["s0", "s1"]
    first = table.report[0]
    assert first.failed
    assert first.loaded == 0
    assert table.quarantine.filter(pl.col("row").is_null())["file"].to_list() == ["messages/1.parquet"]


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    table = messages(tmp_path, "messages.parquet", parquet_bytes(frame(3)))
    (tmp_path / "data" / "messages.parquet").write_bytes(parquet_bytes(frame(5)))
    assert read(table).height == 0
    assert "changed while it was read" in (table.report[0].failed or "")
    assert table.report[0].rejected == table.report[0].rows == 3


def test_damage_that_a_later_reading_finds_takes_the_rows_back(tmp_path: Path) -> None:
    table = messages(tmp_path, "messages.parquet", parquet_bytes(frame(3, role=pl.Series(["agent", "x", "bot"]))))
    assert read(table, ["session_id"]).height == 2
    (tmp_path / "data" / "messages.parquet").write_bytes(b"")
    assert table.parts[0].read(["text"]).height == 0
    assert (table.report[0].rejected, table.report[0].loaded) == (3, 0)
    assert table.parts[0].read(["text"]).height == 0


def test_only_damaged_files_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file of messages can be used: messages\.parquet the file"):
        messages(tmp_path, "messages.parquet", b"PAR1")


def test_a_missing_column_names_file_column_and_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"messages.parquet the column role is not there; the columns are session_id, sent_at"
    ):
        messages(tmp_path, "messages.parquet", parquet_bytes(frame().drop("role")))


def test_a_footer_that_declares_too_much(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    frame(1, text=pl.lit("x" * 30_000_000)).write_parquet(path, compression="zstd")
    with pytest.raises(TooLargeError, match="grows from"):
        declared(path, Limits())
    assert declared(path, Limits(ratio=100_000)).rows == 1
    path.write_bytes(b"PAR1" + b"\x19" * 100 + (100).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(FooterError):
        declared(path, Limits())
