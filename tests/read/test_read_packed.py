"""Packed files: read, or refused as a whole where they are cut, damaged or grow too large."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from reading import messages, opened, read

from kefu.read import Limits
from kefu.read.streams import from_returns, zstd

HEAD = b"session_id,sent_at,role,text\n"
LINE = b"s1,2025-06-01,agent,%d\n"
GOOD = HEAD + b"".join(LINE % number for number in range(2000))


def pack(data: bytes, ending: str) -> bytes:
    checked = {int(zstd.CompressionParameter.checksum_flag): 1}
    return gzip.compress(data) if ending == "gz" else zstd.compress(data, options=checked)


@pytest.mark.parametrize("ending", ["gz", "zst"])
@pytest.mark.parametrize("block", [8 * 1024 * 1024, 1000])
def test_a_packed_file_is_read(tmp_path: Path, ending: str, block: int) -> None:
    twice = pack(GOOD, ending) + pack(LINE % 7, ending)
    for number, data in enumerate([pack(GOOD, ending), twice]):
        table = messages(tmp_path / str(number), f"messages.csv.{ending}", data, limits=Limits(block_bytes=block))
        assert read(table).height == 2000 + number


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[:-20],
    "cut at the start": lambda data: data[:5],
    "nothing": lambda _: b"",
    "changed": lambda data: data[:100] + bytes([data[100] ^ 0xFF]) + data[101:],
    "garbage after it": lambda data: data + b"garbage",
    "not packed": lambda _: GOOD,
}


@pytest.mark.parametrize("ending", ["gz", "zst"])
@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_packed_file_is_not_believed(tmp_path: Path, ending: str, how: str) -> None:
    files = {f"messages/1.csv.{ending}": DAMAGE[how](pack(GOOD, ending)), "messages/2.csv": HEAD + LINE % 1}
    table = opened(tmp_path, files, limits=Limits(block_bytes=1000))["messages"]
    assert read(table).height == 1
    if how == "nothing":
        assert table.report[0].rows == 0
    else:
        assert "the packed file is cut or damaged" in (table.report[0].failed or ""), table.report[0]


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_a_bomb_is_refused_before_it_grows(tmp_path: Path, ending: str) -> None:
    bomb = pack(HEAD + b"s1,2025-06-01,agent,x\n" * 2_000_000, ending)
    tracemalloc.start()
    table = opened(tmp_path, {f"messages/1.csv.{ending}": bomb, "messages/2.csv": GOOD})["messages"]
    assert tracemalloc.get_traced_memory()[1] < 80_000_000
    tracemalloc.stop()
    assert "grows from" in (table.report[0].failed or "")
    raised = opened(tmp_path / "2", {f"messages.csv.{ending}": bomb}, limits=Limits(ratio=100_000))["messages"]
    assert read(raised, ["text"]).height == 2_000_000


def test_one_line_without_end_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "data" / "messages.ndjson"
    path.parent.mkdir()
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b'{"session_id": "' + b"x" * 1_000_000)
    tracemalloc.start()
    table = opened(tmp_path, {})["messages"]
    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()
    assert (table.report[0].rows, table.report[0].rejected) == (1, 1)
    assert "longer than 1,048,576 bytes" in table.quarantine["reason"][0]


@pytest.mark.parametrize("data", [b"a\rb\r\nc\n\r", b"", b"\r", b"x" * 300_000 + b"\r\n" + b"y"])
def test_returns_become_feeds(data: bytes) -> None:
    wanted = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert from_returns(io.BytesIO(data)).read() == wanted
