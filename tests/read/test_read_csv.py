"""CSV: what good files give, what one broken line costs, and that both ways of reading agree."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import SMALL, csv_bytes, messages, opened, outcome, read, reasons

from kefu.read import Limits
from kefu.read.csvcut import layout
from kefu.read.csvlines import LineReader

HEAD = "session_id,sent_at,role,text"
GOOD = "s1,2025-06-01 12:00:00,agent,hi"
AT = "2025-06-01 12:00:00"


def lines(*given: str, end: str = "\n", last: str | None = None) -> bytes:
    return (end.join(given) + (end if last is None else last)).encode()


BROKEN: list[tuple[str, bytes, list[str | None], list[tuple[int | None, str | None, str]]]] = [
    ("all good", lines(HEAD, GOOD, GOOD), ["hi", "hi"], []),
    ("no line feed at the end", lines(HEAD, GOOD, GOOD, last=""), ["hi", "hi"], []),
    ("Windows line ends", lines(HEAD, GOOD, GOOD, end="\r\n"), ["hi", "hi"], []),
    ("old Mac line ends", lines(HEAD, GOOD, GOOD, end="\r"), ["hi", "hi"], []),
    ("blank lines are no rows", lines("", HEAD, "", GOOD, "", "", GOOD, ""), ["hi", "hi"], []),
    ("blank Windows lines", lines(HEAD, "", GOOD, "", GOOD, end="\r\n"), ["hi", "hi"], []),
    ("a byte order mark", b"\xef\xbb\xbf" + lines(HEAD, GOOD), ["hi"], []),
    ("blanks around names", lines(" session_id , sent_at,role ,text", GOOD), ["hi"], []),
    ("a quoted header", lines('"session_id","sent_at","role","text"', GOOD), ["hi"], []),
    ("semicolons", lines(HEAD.replace(",", ";"), GOOD.replace(",", ";")), ["hi"], []),
    ("tabs", lines(HEAD.replace(",", "\t"), GOOD.replace(",", "\t")), ["hi"], []),
    ("bars", lines(HEAD.replace(",", "|"), GOOD.replace(",", "|")), ["hi"], []),
    ("only a header", lines(HEAD), [], []),
    ("an empty text", lines(HEAD, f"s1,{AT},agent,", f's1,{AT},agent,""'), [None, None], []),
    ("a comma in quotes", lines(HEAD, f's1,{AT},agent,"a,b"'), ["a,b"], []),
    ("a quote in quotes", lines(HEAD, f's1,{AT},agent,"a ""b"" c"'), ['a "b" c'], []),
    ("lines in quotes", lines(HEAD, f's1,{AT},agent,"a\nb\n\nc"', GOOD), ["a\nb\n\nc", "hi"], []),
    ("a quote in a bare field", lines(HEAD, f's1,{AT},agent,5" tall', GOOD), ['5" tall', "hi"], []),
    ("a return in a bare field", lines(HEAD, f"s1,{AT},agent,a\rb", GOOD), ["a\rb", "hi"], []),
    ("empty fields after the last", lines(HEAD, GOOD + ",,", GOOD), ["hi", "hi"], []),
    (
        "a short record",
        lines(HEAD, GOOD, "s1,oops", GOOD),
        ["hi", "hi"],
        [(2, None, "the record has 2 fields, the header 4")],
    ),
    (
        "a short and a long record",
        lines(HEAD, f"s1,{AT},agent", GOOD + ",more", GOOD),
        ["hi"],
        [(1, None, "the record has 3 fields, the header 4"), (2, None, "the record has 5 fields, the header 4")],
    ),
    (
        "a quote that is not closed costs one line",
        lines(HEAD, GOOD, f's1,{AT},agent,"oops', GOOD, GOOD),
        ["hi", "hi", "hi"],
        [(2, None, "a quoted field is not closed")],
    ),
    (
        "nor more where others are quoted",
        lines(HEAD, f's1,{AT},agent,"oops', f's1,{AT},agent,"a,b"', GOOD),
        ["a,b", "hi"],
        [(1, None, "a quoted field is not closed")],
    ),
    (
        "a quote that is not doubled",
        lines(HEAD, f's1,{AT},agent,"he said "hi""', GOOD),
        ["hi"],
        [(1, None, "a quote inside a quoted field is not doubled")],
    ),
    (
        "a line in another encoding",
        lines(HEAD, GOOD) + f"s1,{AT},agent,".encode() + b"\xff" + b"\n" + lines(GOOD),
        ["hi", "hi"],
        [(2, None, "the line is not text in utf-8")],
    ),
    (
        "values that are wrong",
        lines(HEAD, f",{AT},agent,x", "s1,soon,agent,x", f"s1,{AT},robot,x", f"s1,{AT},,x", f"s1,{AT}, AGENT ,x"),
        ["x"],
        [
            (1, "session_id", "session_id is missing"),
            (2, "sent_at", "sent_at 'soon' is not a time"),
            (3, "role", "role 'robot' is none of customer, bot, agent, system"),
            (4, "role", "role is missing"),
        ],
    ),
    (
        "two faults are one row, by the first of them",
        lines(HEAD, "s1,soon,robot,x"),
        [],
        [(1, "sent_at", "sent_at 'soon' is not a time")],
    ),
]


@pytest.mark.parametrize("block", [8 * 1024 * 1024, 60, 7])
@pytest.mark.parametrize(("content", "texts", "wrong"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_csv_file(
    tmp_path: Path, content: bytes, texts: list[str], wrong: list[tuple[int, str, str]], block: int
) -> None:
    table = messages(tmp_path, "messages.csv", content, limits=Limits(block_bytes=block), part_rows=2)
    assert read(table)["text"].to_list() == texts
    assert reasons(table) == wrong
    assert table.report[0].rows == len(texts) + len(wrong)


HEADERS = [
    ("no header", b"s1,2025-06-01,agent,hi\n", "the column session_id is not there; the columns are s1, 2025-06-01"),
    (
        "a column is missing",
        b"session_id,role\ns1,agent\n",
        "the column sent_at is not there; the columns are session_id",
    ),
    ("a listed name twice", b"session_id,sent_at,role,role\n", "names the column role twice"),
    ("too many columns", b"session_id,sent_at,role" + b",x" * 6000 + b"\n", "has 6,003 columns"),
]


@pytest.mark.parametrize(("content", "why"), [case[1:] for case in HEADERS], ids=[case[0] for case in HEADERS])
def test_a_header_that_cannot_be_used_fails_the_file(tmp_path: Path, content: bytes, why: str) -> None:
    good = lines(HEAD, GOOD)
    tables = opened(tmp_path, {"messages/1.csv": content, "messages/2.csv": good})
    report = tables["messages"].report
    assert why in (report[0].failed or "")
    assert (report[0].rows, report[1].loaded) == (0, 1)
    assert tables["messages"].quarantine.select("file", "row").rows() == [("messages/1.csv", None)]


def test_unlisted_columns_come_as_they_are(tmp_path: Path) -> None:
    table = messages(tmp_path, "messages.csv", lines(HEAD + ",mood,mood_7,mood,", GOOD + ",glad,so,sad,x"))
    assert read(table, ["mood", "mood_7", "mood_7_7", "column_8", "nowhere"]).rows() == [
        ("glad", "so", "sad", "x", None)
    ]
    assert table.present == {"session_id", "sent_at", "role", "text"}


cells = st.text(st.sampled_from('ab好😀,;"\n\r \t'), max_size=6)
records = st.lists(st.tuples(st.sampled_from(["s1", "s2"]), cells, cells), max_size=12)


@settings(deadline=None)
@given(records, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_pythons_writer_writes_is_read_back(
    rows: list[tuple[str, str, str]],
    quoting: int,
    end: str,
    small: bool,  # noqa: FBT001 -- drawn
) -> None:
    head = ("session_id", "sent_at", "role", "text", "sender_id")
    if quoting == csv.QUOTE_MINIMAL:
        rows = [tuple(cell.replace("\r", "") for cell in row) for row in rows]  # type: ignore[misc]
    table = [head, *((one, AT, "agent", text, sender) for one, text, sender in rows)]
    content = csv_bytes(table, quoting=quoting, lineterminator=end)
    with TemporaryDirectory() as folder:
        got = messages(Path(folder), "messages.csv", content, limits=SMALL if small else Limits())
        frame = read(got, ["session_id", "text", "sender_id"])
    assert frame.rows() == [(one, text or None, sender or None) for one, text, sender in rows]


def broken_csv(seed: int) -> bytes:
    """Return records with quotes and feeds in them, and some bytes put in, taken out or changed."""
    rng = random.Random(seed)
    words = ["a", "好", "a,b", "x\ny", 'q"q', "", "\r", " "]
    rows = [("s1", AT, "agent", rng.choice(words), rng.choice(words)) for _ in range(rng.randint(1, 12))]
    quoting: Any = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    head = b"session_id,sent_at,role,text,sender_id\n"
    data = bytearray(csv_bytes(rows, quoting=quoting))
    for _ in range(rng.randint(0, 3)):
        place = rng.randrange(len(data))
        odd = bytes([rng.choice(b'",\n\r\xff a')])
        data[place : place + rng.randint(0, 1)] = rng.choice([odd, odd, b""])
        if not data:
            break
    return head + bytes(data)


@pytest.mark.parametrize("start", range(0, 600, 100))
def test_the_quick_way_and_the_careful_way_agree(tmp_path: Path, start: int) -> None:
    for seed in range(start, start + 100):
        content = broken_csv(seed)
        quick = outcome(tmp_path / f"{seed}q", "messages.csv", content)
        with patch("kefu.read.csvread._Reader._by_polars", return_value=None), patch("kefu.read.csvread.PIECE", 16):
            careful = outcome(tmp_path / f"{seed}c", "messages.csv", content)
        small = outcome(tmp_path / f"{seed}s", "messages.csv", content, limits=Limits(block_bytes=11))
        assert quick == careful == small, f"seed {seed}"


@pytest.mark.parametrize("start", range(0, 600, 200))
def test_the_layout_counts_what_pythons_reader_counts(start: int) -> None:
    for seed in range(start, start + 200):
        content = broken_csv(seed).replace(b"\r", b"").replace(b"\xff", b"") + b"\n"
        found = layout(content, ord(","))
        if found.records is None or b"\n\n" in content:
            continue
        whole = content[: found.end].decode()
        rows = list(csv.reader(io.StringIO(whole, newline=""), strict=True))
        assert (found.records, found.separators) == (len(rows), sum(len(row) - 1 for row in rows)), f"seed {seed}"


def test_many_broken_quotes_take_no_longer_than_their_lines() -> None:
    reader = LineReader(",", 2, 1_000_000, "utf-8")
    taken = reader.take([b'a,"b' if number % 2 else b"a,b" for number in range(100_000)], 1, last=True)
    assert len(taken.broken) == 50_000
    assert len(taken.fields) == 50_000
