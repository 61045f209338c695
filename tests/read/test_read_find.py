"""Which files belong to which table, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from reading import opened, read

from kefu.errors import ConfigError, InputError
from kefu.read import ReadOptions, open_tables
from kefu.read.find import find_sources, split_name

ROW = b"session_id,sent_at,role,text\ns1,2025-06-01,agent,"


def text(value: str) -> bytes:
    return ROW + value.encode() + b"\n"


FOUND: list[tuple[str, list[str], list[str]]] = [
    ("one file", ["messages.csv"], ["messages.csv"]),
    ("in capitals", ["Messages.CSV"], ["Messages.CSV"]),
    ("a folder", ["messages/a.csv", "messages/b.ndjson"], ["messages/a.csv", "messages/b.ndjson"]),
    (
        "numbers in natural order",
        [f"messages/d{n}.csv" for n in (10, 9, 1)],
        [f"messages/d{n}.csv" for n in (1, 9, 10)],
    ),
    ("folders in a folder", ["messages/2/1.csv", "messages/10/1.csv"], ["messages/2/1.csv", "messages/10/1.csv"]),
    (
        "numbered",
        ["messages-2025-06-02.csv", "messages-2025-06-01.csv"],
        ["messages-2025-06-01.csv", "messages-2025-06-02.csv"],
    ),
    ("numbered otherwise", ["messages_1.csv", "messages.2.csv"], ["messages.2.csv", "messages_1.csv"]),
    (
        "hidden files",
        ["messages/_SUCCESS", "messages/.x.csv.crc", "messages/a.csv", "messages/_tmp/a.csv"],
        ["messages/a.csv"],
    ),
    ("other names", ["messages.csv", "messages_old.csv", "messages.txt", "notes.csv"], ["messages.csv"]),
    ("other kinds in the folder", ["messages/a.csv", "messages/b.xlsx"], ["messages/a.csv", "messages/b.xlsx"]),
    ("an empty folder beside it", ["messages/.keep", "messages.csv"], []),
]


@pytest.mark.parametrize(("files", "wanted"), [case[1:] for case in FOUND[:-1]], ids=[case[0] for case in FOUND[:-1]])
def test_files_of_a_table(tmp_path: Path, files: list[str], wanted: list[str]) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert [source.shown for source in find_sources(tmp_path, {})["messages"]] == wanted


TWICE = [
    ["messages.csv", "messages.parquet"],
    ["messages.csv", "messages/1.csv"],
    ["messages.csv", "messages-1.csv"],
    ["messages.csv", "messages.csv.gz"],
    ["messages/1.csv", "messages/1.ndjson"],
]


@pytest.mark.parametrize("files", TWICE, ids=[" and ".join(files) for files in TWICE])
def test_a_table_that_stands_there_twice_is_refused(tmp_path: Path, files: list[str]) -> None:
    with pytest.raises(InputError, match=r"messages.*keep one"):
        opened(tmp_path, dict.fromkeys(files, text("x")))


TOLD = [
    ("a file", "in/chats.csv", ["in/chats.csv"]),
    ("a folder", "in", ["in/_a.ndjson", "in/chats.csv", "in/day-1.csv", "in/day-2.csv"]),
    ("a glob", "in/day-*.csv", ["in/day-1.csv", "in/day-2.csv"]),
    ("a glob over folders", "**/day-*.csv", ["in/day-1.csv", "in/day-2.csv"]),
    ("a detour", "in/../in/chats.csv", ["in/chats.csv"]),
]


@pytest.mark.parametrize(("pattern", "wanted"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD])
def test_paths_override_the_search(tmp_path: Path, pattern: str, wanted: list[str]) -> None:
    (tmp_path / "in").mkdir()
    for name in ("messages.csv", "in/chats.csv", "in/day-2.csv", "in/day-1.csv"):
        (tmp_path / name).write_bytes(b"")
    sources = find_sources(tmp_path, {"messages": pattern})["messages"]
    assert [source.shown for source in sources] == [name for name in wanted if "/_" not in name]


def test_an_absolute_path_is_allowed_where_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "elsewhere.csv").write_bytes(text("x"))
    options = ReadOptions(paths={"messages": str(tmp_path / "elsewhere.csv")})
    table = open_tables(tmp_path / "data", tmp_path / "scratch", options)["messages"]
    assert read(table)["text"].to_list() == ["x"]


@pytest.mark.parametrize("pattern", ["nothing.csv", "no*.csv", "\0", "[", "a" * 5000])
def test_a_path_that_names_nothing(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(InputError, match=r"paths\.messages"):
        open_tables(tmp_path, tmp_path / "scratch", ReadOptions(paths={"messages": pattern}))


def test_a_path_for_a_table_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="mesages"):
        open_tables(tmp_path, tmp_path / "scratch", ReadOptions(paths={"mesages": "x"}))


def test_no_folder_and_no_messages(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no folder"):
        open_tables(tmp_path / "nowhere", tmp_path / "scratch")
    with pytest.raises(InputError, match="there is no messages table"):
        open_tables(tmp_path, tmp_path / "scratch")


def test_links_pipes_and_devices(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "messages").mkdir(parents=True)
    (data / "real.csv").write_bytes(text("x"))
    (data / "messages" / "1.csv").symlink_to(data / "real.csv")
    assert read(open_tables(data, tmp_path / "s1")["messages"])["text"].to_list() == ["x"]
    refused: dict[str, Callable[[Path], None]] = {
        "leaves the data folder": lambda path: path.symlink_to(Path(__file__)),
        "pipe or device": os.mkfifo,
        "a link that leaves": lambda path: path.symlink_to("../../../" * 9 + "etc/passwd"),
        "cannot be opened": lambda path: path.symlink_to(path),
        "no plain file": lambda path: path.symlink_to("/dev/null"),
    }
    for number, (why, make) in enumerate(refused.items()):
        odd = data / "messages" / "2.csv"
        make(odd)
        with pytest.raises(InputError, match=why if number != 2 else "messages/2.csv"):
            open_tables(data, tmp_path / f"t{number}")
        odd.unlink()


def test_a_kind_that_is_not_read_is_reported(tmp_path: Path) -> None:
    table = opened(tmp_path, {"messages/a.csv": text("x"), "messages/b.xlsx": b"PK"})["messages"]
    assert table.report[1].failed == "the file is of a kind that is not read"
    assert read(table).height == 1


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("messages.parquet", ("messages", "parquet", "plain")),
        ("a.b.JSONL.zst", ("a.b", "ndjson", "zstd")),
        ("messages.parquet.gz", ("messages.parquet", None, "gzip")),
        ("messages", ("messages", None, "plain")),
        (".csv", ("", "csv", "plain")),
    ],
)
def test_names(name: str, wanted: tuple[str, str | None, str]) -> None:
    assert split_name(name) == wanted


def test_names_that_are_no_text_are_shown_as_text(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "messages"
    folder.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv")).write_bytes(text("x"))
    table = open_tables(tmp_path / "data", tmp_path / "scratch")["messages"]
    assert table.parts[0].file == "messages/\ufffd.csv"
    assert read(table).height == 1
