"""Mutated input files for ``fuzz_input.py``: a seed makes a file, always the same."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from kefu.read.streams import zstd

ROLES = ("customer", "bot", "agent", "system")
TEXTS = (
    "您好，请问有什么可以帮您",
    "我要退款",
    "ok, thanks",
    "😀 好的",
    "他说“好”",
    "a,b",
    "",
    "多行\n文本",
    'say "hi"',
)
TIMES = ("2025-06-01T12:00:{:02d}", "2025-06-01 12:00:{:02d}.5", "2025-06-01T04:00:{:02d}Z", "2025/06/01 12:00:{:02d}")
Row = dict[str, Any]


@dataclass
class Case:
    """One mutated file.

    :param intact: ids of messages that the mutation did not touch; they must load unless the whole file fails.
    """

    name: str
    data: bytes
    how: str
    intact: frozenset[str] = frozenset()


def rows_for(rng: random.Random, count: int) -> list[Row]:
    """Return rows that are all good."""
    style = rng.choice(TIMES)
    rows: list[Row] = []
    for number in range(count):
        row: Row = {
            "session_id": f"s{number // 4}" if rng.random() < 0.9 else number // 4,
            "sent_at": style.format(number % 60),
            "role": rng.choice(ROLES),
            "text": rng.choice(TEXTS),
            "sender_id": rng.choice(["a1", None, "a2"]),
            "message_id": f"m{number}",
            "seq": rng.choice([number, None]),
            "event": rng.choice([None, None, "handoff", "Closed"]),
            "private": rng.choice([None, True, False]),
        }
        rows.append(row)
    return rows


def as_ndjson(rows: list[Row]) -> list[bytes]:
    """Return a line for each row."""
    return [json.dumps(row, ensure_ascii=False).encode() for row in rows]


def as_csv(rows: list[Row], rng: random.Random) -> list[bytes]:
    """Return the header and a record for each row; quoted where that is needed, or throughout."""
    always = rng.random() < 0.3

    def cell(value: object) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if always or any(sign in text for sign in ',"\n\r') else text

    return [",".join(rows[0]).encode(), *(",".join(cell(value) for value in row.values()).encode() for row in rows)]


LineChange = Callable[[random.Random, bytes], bytes]


def _cut(rng: random.Random, line: bytes) -> bytes:
    return line[: rng.randrange(len(line))] if line else line


def _flip(rng: random.Random, line: bytes) -> bytes:
    data = bytearray(line)
    for _ in range(rng.randint(1, 4)):
        if data:
            place = rng.randrange(len(data))
            data[place] ^= 1 << rng.randrange(8)
    return bytes(data)


def _insert(piece: bytes) -> LineChange:
    def change(rng: random.Random, line: bytes) -> bytes:
        place = rng.randrange(len(line) + 1)
        return line[:place] + piece + line[place:]

    return change


def _replace(rng: random.Random, line: bytes, old: bytes, new: bytes) -> bytes:
    del rng
    return line.replace(old, new, 1)


def _swap(old: bytes, new: bytes) -> LineChange:
    return lambda rng, line: _replace(rng, line, old, new)


def _recode(encoding: str) -> LineChange:
    return lambda _, line: line.decode(errors="replace").encode(encoding, errors="replace")


LINE_CHANGES: dict[str, LineChange] = {
    "cut line": _cut,
    "flipped bits": _flip,
    "NUL": _insert(b"\0"),
    "stray quote": _insert(b'"'),
    "stray feed": _insert(b"\n"),
    "stray return": _insert(b"\r"),
    "stray comma": _insert(b","),
    "bad byte": _insert(b"\xff"),
    "half character": _insert("好".encode()[:2]),
    "GB18030 line": _recode("gb18030"),
    "Big5 line": _recode("big5"),
    "UTF-16 line": _recode("utf-16-le"),
    "lone surrogate": _swap(b'"text": "', b'"text": "\\ud83d'),
    "low surrogate": _swap(b'"text": "', b'"text": "\\ude00'),
    "wrong role": _swap(b"customer", b"robot"),
    "wrong time": _swap(b"2025", b"20x5"),
    "wrong unit": _swap(b"2025-06-01", b"1748750400"),
    "NaN": _swap(b'"seq": ', b'"seq": NaN'),
    "huge number": _swap(b'"seq": ', b'"seq": 1e999'),
    "many digits": _swap(b'"seq": ', b'"seq": ' + b"9" * 5000),
    "list for text": _swap(b'"text": "', b'"text": [1, {"a": 2}], "x": "'),
    "key twice": _swap(b"{", b'{"session_id": "twice", '),
    "no object": lambda rng, _: rng.choice([b"5", b"null", b"[]", b'"x"', b"{", b"}", b"nan", b",,,", b'"', b"\0\0"]),
    "two objects": lambda _, line: line + line,
    "empty": lambda *_: b"",
    "blanks": lambda *_: b"   ",
    "4 MB line": lambda _, line: line + b"x" * 4_000_000,
    "4 MB text": _swap(b"role", b"role" + b"y" * 4_000_000),
    "deep": lambda rng, _: b'{"text": ' + b"[" * 100_000 + (b"]" * 100_000 if rng.random() < 0.5 else b""),
    "deep object": lambda *_: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "BOM inside": _insert(b"\xef\xbb\xbf"),
    "U+2028": _insert("\u2028".encode()),
}
HEAVY = {"4 MB line", "4 MB text", "deep", "deep object"}


def mutated_lines(rng: random.Random, form: str) -> Case:
    """Return a text file with some lines changed, or changed as a whole."""
    rows = rows_for(rng, rng.randint(1, 40))
    lines = as_ndjson(rows) if form == "ndjson" else as_csv(rows, rng)
    first = 1 if form == "csv" and rng.random() < 0.9 else 0
    touched: set[int] = set()
    hows = []
    for _ in range(rng.choice([0, 1, 1, 2, 5])):
        how = rng.choice(sorted(LINE_CHANGES))
        if how in HEAVY and rng.random() < 0.8:
            continue
        place = rng.randrange(first, len(lines)) if len(lines) > first else 0
        lines[place] = LINE_CHANGES[how](rng, lines[place])
        touched |= set(range(len(lines))) if how == "UTF-16 line" and place == first else {place}
        hows.append(how)
    intact = _intact(rows, lines, touched, form)
    ending = rng.choice([b"\n", b"\n", b"\r\n"])
    data = ending.join(lines) + rng.choice([b"", ending])
    data, how, keeps = _whole_file(rng, data)
    name = f"messages.{form if form == 'csv' else rng.choice(['ndjson', 'jsonl'])}"
    return Case(name, data, "; ".join([*hows, how]) or "none", intact if keeps else frozenset())


def _intact(rows: list[Row], lines: list[bytes], touched: set[int], form: str) -> frozenset[str]:
    """Return the ids of untouched rows; a stray quote in CSV may take the following records with it."""
    if form == "ndjson":
        return frozenset(row["message_id"] for number, row in enumerate(rows) if number not in touched)
    if any(b'"' in lines[number] or b"\n" in lines[number] for number in touched) or 0 in touched:
        return frozenset()
    return frozenset(row["message_id"] for number, row in enumerate(rows, 1) if number not in touched)


def _whole_file(rng: random.Random, data: bytes) -> tuple[bytes, str, bool]:
    """Change a file as a whole: its encoding, its beginning, its end. Also return whether good rows stay good."""
    text = data.decode(errors="surrogateescape")
    clean = text.isprintable() or not any("\udc80" <= sign <= "\udcff" for sign in text)
    kinds: dict[str, Callable[[], tuple[bytes, bool]]] = {
        "": lambda: (data, True),
        "BOM": lambda: (b"\xef\xbb\xbf" + data, True),
        "UTF-16 LE": lambda: (b"\xff\xfe" + text.encode("utf-16-le", "replace"), clean),
        "UTF-16 BE": lambda: (b"\xfe\xff" + text.encode("utf-16-be", "replace"), clean),
        "UTF-16 without mark": lambda: (text.encode("utf-16-le", "replace"), False),
        "GB18030": lambda: (text.encode("gb18030", "replace"), False),
        "Big5": lambda: (text.encode("big5", "replace"), False),
        "cut": lambda: (data[: rng.randrange(len(data) + 1)], False),
        "cut UTF-16": lambda: (
            (b"\xff\xfe" + text.encode("utf-16-le", "replace"))[: rng.randrange(len(text) + 2)],
            False,
        ),
        "returns only": lambda: (data.replace(b"\r\n", b"\n").replace(b"\n", b"\r"), False),
        "garbage": lambda: (rng.randbytes(rng.randint(0, 3000)), False),
        "zeros": lambda: (bytes(rng.randint(1, 3000)), False),
        "twice": lambda: (data + data, False),
    }
    how = rng.choice(sorted(kinds)) if rng.random() < 0.5 else ""
    changed, keeps = kinds[how]()
    return changed, how, keeps


def mutated_parquet(rng: random.Random) -> Case:
    """Return a Parquet file with changed bytes, or with columns of other types."""
    frame = pl.DataFrame(rows_for(rng, rng.randint(1, 200)), strict=False)
    retyped = _retyped(frame, rng)
    sink = io.BytesIO()
    packings: list[Literal["zstd", "snappy", "uncompressed", "lz4", "gzip"]]
    packings = ["zstd", "snappy", "uncompressed", "lz4", "gzip"]
    packing = rng.choice(packings)
    retyped.write_parquet(sink, compression=packing, row_group_size=rng.choice([7, 50, 1000]))
    data = bytearray(sink.getvalue())
    how = rng.choice(["none", "flip", "cut", "footer", "zeros", "insert", "garbage"])
    place = rng.randrange(len(data))
    if how == "flip":
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif how == "cut":
        del data[place:]
    elif how == "footer":
        size = int.from_bytes(data[-8:-4], "little")
        for _ in range(rng.randint(1, 4)):
            data[len(data) - 8 - rng.randrange(1, size + 1)] = rng.randrange(256)
    elif how == "zeros":
        data[place : place + 100] = bytes(len(data[place : place + 100]))
    elif how == "insert":
        data[place:place] = rng.randbytes(20)
    elif how == "garbage":
        data = bytearray(rng.randbytes(500))
    return Case("messages.parquet", bytes(data), f"parquet {how}")


def _retyped(frame: pl.DataFrame, rng: random.Random) -> pl.DataFrame:
    """Give some columns another type, right or wrong."""
    seconds = pl.int_range(1_748_750_400, 1_748_750_400 + frame.height, dtype=pl.Int64)
    others: dict[str, list[pl.Expr]] = {
        "sent_at": [
            seconds,
            seconds * 1000,
            seconds.cast(pl.Float64) + 0.25,
            (seconds * 1000).cast(pl.Datetime("ms")),
            (seconds * 10**9).cast(pl.Datetime("ns", "America/New_York")),
            pl.lit(None),
            pl.lit(True),
            pl.lit([1, 2]),
            pl.lit(b"\xff"),
        ],
        "session_id": [pl.int_range(pl.len()), pl.lit(1.5), pl.lit(b"\xff\xfe"), pl.struct(a=pl.lit(1)), pl.lit(None)],
        "role": [pl.col("role").cast(pl.Categorical), pl.lit(3), pl.lit("AGENT "), pl.lit("")],
        "seq": [pl.lit(2**63, dtype=pl.UInt64), pl.lit(1.5), pl.lit("7"), pl.lit(float("nan"))],
        "private": [pl.lit(1), pl.lit("是"), pl.lit("maybe"), pl.lit(2.0)],
    }
    changes = {}
    for name, choices in others.items():
        if rng.random() < 0.3:
            changes[name] = rng.choice(choices)
    changed = frame.with_columns(**changes)
    return changed.drop(rng.choice(frame.columns)) if rng.random() < 0.1 else changed


def packed(rng: random.Random) -> Case:
    """Return a packed text file, changed after packing."""
    inner = mutated_lines(rng, rng.choice(["csv", "ndjson"]))
    ending = rng.choice(["gz", "zst"])
    data = bytearray(gzip.compress(inner.data) if ending == "gz" else zstd.compress(inner.data))
    how = rng.choice(["none", "cut", "flip", "twice", "tail", "bomb"])
    if how == "cut":
        del data[rng.randrange(len(data)) :]
    elif how == "flip":
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif how == "twice":
        data *= 2
    elif how == "tail":
        data += rng.randbytes(10)
    elif how == "bomb":
        bomb = b"x" * 20_000_000
        data = bytearray(gzip.compress(bomb, 1) if ending == "gz" else zstd.compress(bomb))
    intact = inner.intact if how == "none" else frozenset[str]()
    return Case(f"{inner.name}.{ending}", bytes(data), f"{ending} {how}; {inner.how}", intact)


def case_for(seed: int) -> Case:
    """Return the file of a seed."""
    rng = random.Random(seed)
    kind = rng.random()
    if kind < 0.35:
        return mutated_lines(rng, "ndjson")
    if kind < 0.7:
        return mutated_lines(rng, "csv")
    return mutated_parquet(rng) if kind < 0.85 else packed(rng)
