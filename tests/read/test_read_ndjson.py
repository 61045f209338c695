"""NDJSON: what good files give, what one broken line costs, and that both ways of reading agree."""

from __future__ import annotations

import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import SMALL, messages, ndjson_bytes, opened, outcome, read, reasons

from kefu.read import Limits

AT = "2025-06-01 12:00:00"
GOOD: dict[str, Any] = {"session_id": "s1", "sent_at": AT, "role": "agent", "text": "hi"}


def line(**changes: Any) -> bytes:  # noqa: ANN401 -- passed on
    return json.dumps(GOOD | changes, ensure_ascii=False).encode()


def raw(text: str) -> bytes:
    return line(text="HERE").replace(b'"HERE"', text.encode())


VALUES: list[tuple[str, bytes, str | None]] = [
    ("text", raw('"好 \\u597d \\n"'), "好 好 \n"),
    ("an empty text", raw('""'), None),
    ("null", raw("null"), None),
    ("a number", raw("5"), "5"),
    ("a decimal", raw("1.50"), "1.5"),
    ("true", raw("true"), "true"),
    ("a list", raw("[1]"), "[1]"),
    ("an object", raw('{"a":1}'), '{"a": 1}'),
    ("NUL", raw('"a\\u0000b"'), "a\0b"),
    ("a pair of surrogates", raw('"\\ud83d\\ude00"'), "😀"),
    ("a lone high surrogate", raw('"a\\ud83db"'), "a\ufffdb"),
    ("a lone low surrogate", raw('"a\\ude00b"'), "a\ufffdb"),
    ("a backslash before u", raw('"\\\\ud83d"'), "\\ud83d"),
    ("a key twice: the first", b'{"text":"hi",' + line(text="late")[1:], "hi"),
    ("blanks around", b"  " + line() + b" \t", "hi"),
    ("U+2028", raw('"a\u2028b"'), "a\u2028b"),
    ("a brace in text", raw('"}{["'), "}{["),
]


@pytest.mark.parametrize(("content", "text"), [case[1:] for case in VALUES], ids=[case[0] for case in VALUES])
def test_a_value(tmp_path: Path, content: bytes, text: str | None) -> None:
    table = messages(tmp_path, "messages.ndjson", line() + b"\n" + content + b"\n")
    assert read(table)["text"].to_list() == ["hi", text]


BROKEN: list[tuple[str, bytes, str]] = [
    ("no JSON", b"hello", "the line is not JSON: Expecting value at character 1"),
    ("cut off", line()[:-5], "the line is not JSON: "),
    ("two objects", line() + line(), "the line is not JSON: Extra data"),
    ("a comma after it", line() + b",", "the line is not JSON: Extra data"),
    ("a number", b"5", "the line is not a JSON object"),
    ("a list", b"[1]", "the line is not a JSON object"),
    ("null", b"null", "the line is not a JSON object"),
    ("NaN", raw("NaN"), "NaN is not a JSON value"),
    ("a number beyond floats", raw("1e999"), "the number 1e999 is too large"),
    ("a number of 5000 digits", raw("9" * 5000), "a number of 5000 digits is too large"),
    ("too deep", raw("[" * 100_000 + "]" * 100_000), "the JSON is nested too deeply"),
    ("deep and open", raw("[" * 100_000), "the JSON is nested too deeply"),
    ("a NUL byte", line().replace(b"hi", b"h\0i"), "the line is not JSON: Invalid control character at"),
    ("a bad byte", line().replace(b"hi", b"h\xffi"), "the line is not text in utf-8"),
    ("too long", line(text="x" * 1_100_000), "the line is longer than 1,048,576 bytes"),
    ("much too long", line(text="x" * 9_000_000), "the line is longer than 1,048,576 bytes"),
    ("nothing in it", b"{}", "session_id is missing"),
    ("a session of null", line(session_id=None), "session_id is missing"),
    ("a session without name", line(session_id=""), "session_id is missing"),
    ("a bad time", line(sent_at="soon"), "sent_at 'soon' is not a time"),
    ("a bad flag", line(private="perhaps"), "private 'perhaps' is not true or false"),
    ("a bad number", line(seq="1.5"), "seq '1.5' is not a whole number"),
]


@pytest.mark.parametrize("block", [8 * 1024 * 1024, 60])
@pytest.mark.parametrize(("content", "why"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_one_bad_line_costs_one_line(tmp_path: Path, content: bytes, why: str, block: int) -> None:
    whole = b"\n".join([line(), b"", content, line(), b""])
    table = messages(tmp_path, "messages.jsonl", whole, limits=Limits(block_bytes=block))
    assert read(table)["text"].to_list() == ["hi", "hi"]
    found = reasons(table)
    assert [row for row, _, _ in found] == [2]
    assert found[0][2].startswith(why)


FILES = [
    ("nothing", b"", 0),
    ("blank lines", b"\n\n  \n", 0),
    ("a mark", b"\xef\xbb\xbf" + line() + b"\n", 1),
    ("no line feed at the end", line() + b"\n" + line(), 2),
    ("Windows line ends", line() + b"\r\n" + line() + b"\r\n", 2),
    ("old Mac line ends", line() + b"\r" + line() + b"\r", 2),
]


@pytest.mark.parametrize(("content", "rows"), [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_a_file(tmp_path: Path, content: bytes, rows: int) -> None:
    table = messages(tmp_path, "messages.ndjson", content)
    assert read(table).height == table.rows == rows
    assert table.report[0].failed is None


def test_a_key_that_comes_late_and_unlisted_keys(tmp_path: Path) -> None:
    late = line(private=True, mood="glad", meta={"a": [1]})
    table = messages(tmp_path, "messages.ndjson", (line() + b"\n") * 20 + late + b"\n", limits=SMALL)
    assert read(table)["private"].to_list() == [None] * 20 + [True]
    early = messages(tmp_path / "2", "messages.ndjson", late + b"\n" + line() + b"\n")
    assert read(early, ["mood", "meta"]).rows() == [("glad", '{"a": [1]}'), (None, None)]
    assert table.present == {"session_id", "sent_at", "role", "text", "private"}


def test_a_file_without_a_required_key_fails_as_a_whole(tmp_path: Path) -> None:
    bad = ndjson_bytes([{"sessionId": 1, "sent_at": AT, "role": "agent"}] * 3)
    table = opened(tmp_path, {"messages/1.ndjson": bad, "messages/2.ndjson": line()})["messages"]
    assert "the column session_id is not there; the columns are" in (table.report[0].failed or "")
    assert "sessionId" in (table.report[0].failed or "")


flat = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.text(max_size=8))


@settings(deadline=None)
@given(
    st.lists(st.fixed_dictionaries({"text": flat, "sender_id": flat, "message_id": flat}), max_size=12), st.booleans()
)
def test_what_pythons_writer_writes_is_read_back(rows: list[dict[str, Any]], escaped: bool) -> None:  # noqa: FBT001 -- drawn
    content = "".join(json.dumps(GOOD | row, ensure_ascii=escaped) + "\n" for row in rows).encode(errors="replace")
    with TemporaryDirectory() as folder:
        frame = read(messages(Path(folder), "messages.ndjson", content), ["text", "sender_id", "message_id"])
    wanted = [[_text(json.loads(one)[name]) for name in frame.columns] for one in content.decode().split("\n")[:-1]]
    assert [list(row) for row in frame.rows()] == wanted


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = None if value is None else str(value)
    return "".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in text) if text else None


def broken_ndjson(seed: int) -> bytes:
    """Return objects with all kinds of values, and some bytes put in, taken out or changed."""
    rng = random.Random(seed)
    values = ["好", 5, 1.5, None, True, "\\", '"', "{", [1], {"a": "b"}, "\ud83d", "😀", 2**70, -0.0, 1e300]
    rows = [GOOD | {"text": rng.choice(values), "sender_id": rng.choice(values)} for _ in range(rng.randint(1, 8))]
    data = bytearray(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    for _ in range(rng.randint(0, 4)):
        place = rng.randrange(len(data))
        data[place : place + rng.randint(0, 2)] = rng.choice(
            [
                b"",
                b'"',
                b"\\",
                b"{",
                b"}",
                b"[",
                b",",
                b":",
                b"\n",
                b"\r",
                b"\xff",
                b"\0",
                b"0",
                b"e",
                b"-",
                b" ",
                b"\\u",
                b".",
            ]
        )
    return bytes(data)


@pytest.mark.parametrize("start", range(0, 1500, 250))
def test_the_quick_way_and_the_careful_way_agree(tmp_path: Path, start: int) -> None:
    for seed in range(start, start + 250):
        content = broken_ndjson(seed)
        quick = outcome(tmp_path / f"{seed}q", "messages.ndjson", content)
        with patch("kefu.read.ndjson.longer", return_value=True):
            careful = outcome(tmp_path / f"{seed}c", "messages.ndjson", content)
        assert quick == careful, f"seed {seed}"
        for one in content.split(b"\n"):
            _agree_on(one, seed)


def _agree_on(one: bytes, seed: int) -> None:
    """Make sure that polars and the careful way think the same of a line."""
    from kefu.read.ndjson import _fault_in, _has_half_pair

    if not one.strip() or _has_half_pair(one):
        return
    try:
        quick = pl.scan_ndjson(one + b"\n", schema={"session_id": pl.String()}).collect().height == 1
    except pl.exceptions.PolarsError:
        quick = False
    try:
        one.decode()
        careful = _fault_in(one) is None
    except UnicodeDecodeError:
        careful = False
    assert quick == careful, f"seed {seed}: {one!r}"
