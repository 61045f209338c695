"""Colours are for terminals that want them; the same input gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import READING, in_terminal, process


def colours(text: str) -> list[str]:
    codes = [code for part in text.split("\x1b[")[1:] for code in part.partition("m")[0].split(";")]
    return [code for code in codes if code.isdigit() and (30 <= int(code) <= 49 or 90 <= int(code) <= 107)]


def test_colours_are_for_terminals_that_want_them(shop: Path) -> None:
    assert colours(in_terminal("run", shop))
    assert not colours(in_terminal("run", shop, NO_COLOR="1"))
    assert "\x1b" not in in_terminal("run", shop, "--format", "json")


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_without_a_terminal_there_are_no_escape_codes(command: list[str], shop: Path) -> None:
    done = process(*command, shop, env={"TERM": "xterm-256color"})
    assert done.code == 0
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize(
    "command",
    [
        ["run", "--by", "agent_id", "--by", "date", "--format", "json"],
        ["run", "--by", "team"],
        ["explain", "reply_interval", "--format", "json"],
        ["explain", "hotspot_repair_rate", "--format", "csv"],
        ["check", "--format", "json"],
    ],
    ids=" ".join,
)
def test_the_same_input_gives_the_same_bytes(command: list[str], shop: Path) -> None:
    arguments = (
        [command[0], *command[1:2], shop, *command[2:]] if command[0] == "explain" else [command[0], shop, *command[1:]]
    )
    outs = {
        process(*arguments, env={"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": seed}).out
        for threads, seed in (("1", "1"), ("2", "2"))
    }
    assert len(outs) == 1
    assert outs != {""}
