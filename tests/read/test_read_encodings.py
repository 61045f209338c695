"""Encodings: the right text, or a refusal; never other characters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reading import messages, read, reasons

from kefu.errors import ConfigError, InputError
from kefu.read import Limits

HEAD = "session_id,sent_at,role,text\n"
TEXTS = ["您好，请问有什么可以帮您？", "我的订单还没有收到", "好的，谢谢", "😀 表情", "ok"]
CSV = HEAD + "".join(f"s1,2025-06-01 12:00:00,agent,{text}\n" for text in TEXTS)
NDJSON = "".join(
    json.dumps({"session_id": "s1", "sent_at": "2025-06-01", "role": "agent", "text": text}, ensure_ascii=False) + "\n"
    for text in TEXTS
)
BOM = "\ufeff"

FOUND = [
    ("UTF-8", CSV.encode()),
    ("UTF-8 with a mark", (BOM + CSV).encode()),
    ("UTF-16 LE with a mark", (BOM + CSV).encode("utf-16-le")),
    ("UTF-16 BE with a mark", (BOM + CSV).encode("utf-16-be")),
    ("UTF-16 LE", CSV.encode("utf-16-le")),
    ("UTF-16 BE", CSV.encode("utf-16-be")),
    ("UTF-32 LE with a mark", (BOM + CSV).encode("utf-32-le")),
    ("GB18030", CSV.encode("gb18030")),
    ("UTF-16 with Windows line ends", (BOM + CSV.replace("\n", "\r\n")).encode("utf-16-le")),
    ("UTF-16 with old Mac line ends", (BOM + CSV.replace("\n", "\r")).encode("utf-16-le")),
    ("GB18030 with old Mac line ends", CSV.replace("\n", "\r").encode("gb18030")),
    ("UTF-16 with tabs, as spreadsheets save it", (BOM + CSV.replace(",", "\t")).encode("utf-16-le")),
]


@pytest.mark.parametrize("block", [8 * 1024 * 1024, 17])
@pytest.mark.parametrize("content", [case[1] for case in FOUND], ids=[case[0] for case in FOUND])
def test_an_encoding_is_found(tmp_path: Path, content: bytes, block: int) -> None:
    table = messages(tmp_path, "messages.csv", content, limits=Limits(block_bytes=block))
    assert read(table)["text"].to_list() == TEXTS
    assert reasons(table) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "gb18030"])
def test_an_encoding_is_found_in_ndjson(tmp_path: Path, encoding: str) -> None:
    assert read(messages(tmp_path, "messages.ndjson", NDJSON.encode(encoding)))["text"].to_list() == TEXTS


TOLD = [
    ("gb18030", "gb18030", "好"),
    ("gbk", "gbk", "好"),
    ("GB2312", "gb2312", "好"),
    ("big5", "big5", "訂單還沒收到"),
    ("cp1252", "cp1252", "café"),
    ("utf-16", "utf-16-le", "好"),
    ("shift_jis", "shift_jis", "ありがとう"),
]


@pytest.mark.parametrize(("told", "encoding", "text"), TOLD)
def test_an_encoding_is_told(tmp_path: Path, told: str, encoding: str, text: str) -> None:
    content = (HEAD + f"s1,2025-06-01,agent,{text}\n" * 3).encode(encoding)
    assert read(messages(tmp_path, "messages.csv", content, encoding=told))["text"].to_list() == [text] * 3


@pytest.mark.parametrize("told", ["klingon", "hz", "cp037", "base64"])
def test_an_encoding_that_cannot_be_used(tmp_path: Path, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        messages(tmp_path, "messages.csv", CSV.encode(), encoding=told)


REFUSED = [
    ("Big5", "訂單還沒收到，請幫我查詢一下物流，謝謝您的協助", "big5"),
    ("Shift JIS", "ありがとうございます。注文はまだ届いていません", "shift_jis"),
    ("KOI8", "Здравствуйте, мой заказ ещё не пришёл", "koi8-r"),
    ("traditional characters in GBK", "訂單還沒收到，請幫我查詢一下物流，謝謝您的協助", "gbk"),
]


@pytest.mark.parametrize(("text", "encoding"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_cannot_be_known_is_refused(tmp_path: Path, text: str, encoding: str) -> None:
    content = (HEAD + f"s1,2025-06-01,agent,{text}\n" * 9).encode(encoding)
    with pytest.raises(InputError, match="neither UTF-8, UTF-16 nor everyday Chinese"):
        messages(tmp_path, "messages.csv", content)


MIXED: list[tuple[str, str, bytes, Any]] = [
    ("a GB18030 line in UTF-8", "utf-8", TEXTS[0].encode("gb18030"), "the line is not text in utf-8"),
    ("a Big5 line in UTF-8", "utf-8", "訂單".encode("big5"), "the line is not text in utf-8"),
    ("a UTF-8 line in GB18030", "gb18030", TEXTS[0].encode(), "the line is not text in gb18030"),
    ("a bad byte in GB18030", "gb18030", b"\x81", "the line is not text in gb18030"),
    ("a bad byte in UTF-8", "utf-8", b"\xc0\x80", "the line is not text in utf-8"),
    ("a surrogate in UTF-8", "utf-8", b"\xed\xa0\x80", "the line is not text in utf-8"),
    ("a lone surrogate in UTF-16", "utf-16-le", b"\x00\xd8", "the line is not text in utf-16-le"),
]


@pytest.mark.parametrize(("encoding", "odd", "why"), [case[1:] for case in MIXED], ids=[case[0] for case in MIXED])
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_line_in_another_encoding_is_rejected(tmp_path: Path, encoding: str, odd: bytes, why: str, form: str) -> None:
    whole = CSV if form == "csv" else NDJSON
    content = whole.encode(encoding).replace(TEXTS[2].encode(encoding), odd)
    table = messages(tmp_path, f"messages.{form}", content)
    assert read(table)["text"].to_list() == [*TEXTS[:2], *TEXTS[3:]]
    assert reasons(table) == [(3, None, why)]


def test_a_cut_utf_16_file_loses_its_last_line(tmp_path: Path) -> None:
    content = (BOM + CSV).encode("utf-16-le")[:-5]
    table = messages(tmp_path, "messages.csv", content)
    assert read(table)["text"].to_list() == TEXTS[:-1]
    assert reasons(table) == [(5, None, "the line is not text in utf-16-le")]


def test_ascii_for_long_and_then_gb18030(tmp_path: Path) -> None:
    content = (HEAD + "s1,2025-06-01,agent,ok\n" * 20_000).encode() + CSV.removeprefix(HEAD).encode("gb18030") * 100
    table = messages(tmp_path, "messages.csv", content)
    assert set(read(table)["text"]) == {"ok", *TEXTS}
