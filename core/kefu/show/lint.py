"""What is odd in word lists, as a table, JSON (``kefu.lexicon/1``) or CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields

import polars as pl
from rich.text import Text

from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.terminal import console, grid
from kefu.show.words import Language, say
from kefu.text.lint import Finding

COLUMNS = tuple(field.name for field in fields(Finding))


def write_findings(
    findings: Sequence[Finding], words: int, sample: pl.DataFrame | None, form: str, language: Language
) -> None:
    """Write findings; JSON says what they are in both languages, the others in the one that was chosen.

    :param words: how many words there are.
    :param sample: the messages that they were held against.
    """
    messages = 0 if sample is None else int(sample["count"].sum())
    rows = [asdict(one) for one in findings]
    if form == "json":
        write_json({"schema": "kefu.lexicon/1", "words": words, "messages": messages, "findings": rows})
    elif form == "csv":
        write_csv(
            COLUMNS,
            ([*(row | {"what": _what(one, language)}).values()] for one, row in zip(findings, rows, strict=True)),
        )
    else:
        out = console()
        out.print(Text(say("linted", language, words=f"{words:,}", messages=f"{messages:,}"), style="dim"))
        if not findings:
            out.print(Text(say("no_findings", language), style="green"))
            return
        table = grid(language, ("word", "finding", "place", "example"))
        for one in findings:
            cells = (one.word, f"{one.kind}: {_what(one, language)}", one.place, one.example or "")
            table.add_row(*(Text(safe(cell)) for cell in cells))
        out.print(table)


def _what(finding: Finding, language: Language) -> str:
    return finding.what.zh if language == "zh" else finding.what.en
