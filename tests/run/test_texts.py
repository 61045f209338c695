"""Text columns ask about each text once, and what they remember is what they would be told again."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.columns import TextColumn
from kefu.run.texts import Remembered, alike

TEXTS = st.one_of(st.none(), st.sampled_from(["", "好的", "谢谢", "退款", "TNND", "a", "b"]), st.text(max_size=3))
FIELDS = pl.Struct({"size": pl.UInt32(), "last": pl.String()})


def sizes(texts: pl.Series) -> pl.Series:
    return texts.str.len_chars()


def sizes_and_ends(texts: pl.Series) -> pl.Series:
    long = texts.str.len_chars() > 1
    frame = texts.to_frame("text").select(size=texts.str.len_chars(), last=pl.col("text").str.slice(-1))
    return frame.select(pl.when(long).then(pl.struct("size", "last"))).to_series()


def told(column: TextColumn, text: str | None) -> dict[str, object]:
    """Ask about one text by itself."""
    row = column.compute(pl.Series([text], dtype=pl.String)).cast(column.dtype)
    fields = row.struct.unnest() if isinstance(column.dtype, pl.Struct) else row.to_frame(column.name)
    return {
        name: column.default if value is None or text is None else value
        for name, value in fields.row(0, named=True).items()
    }


def written(column: TextColumn, size: int, rows: np.ndarray, values: pl.DataFrame) -> list[dict[str, object]]:
    whole: list[dict[str, object]] = [dict.fromkeys(column.columns, column.default) for _ in range(size)]
    for row, value in zip(rows.tolist(), values.iter_rows(named=True), strict=True):
        whole[row] = value
    return whole


@settings(max_examples=300)
@given(st.lists(st.lists(TEXTS, max_size=12), min_size=1, max_size=6), st.integers(1, 8), st.booleans())
def test_what_is_remembered_is_what_would_be_told_again(
    batches: list[list[str | None]],
    most: int,
    distinct: bool,  # noqa: FBT001 - drawn
) -> None:
    columns = [
        TextColumn("size", pl.lit(value=True), sizes, pl.UInt32(), default=0, distinct=distinct),
        TextColumn("both", pl.lit(value=True), sizes_and_ends, FIELDS),
    ]
    remembered = Remembered(most)
    for batch in batches:
        texts = pl.Series(batch, dtype=pl.String)
        asked = remembered.of_batch(texts)
        for number, column in enumerate(columns):
            rows = np.array([row for row, text in enumerate(batch) if text is not None and (row + number) % 3])
            rows = rows.astype(np.int64)
            expected = [
                told(column, text) if row in rows.tolist() else dict.fromkeys(column.columns, column.default)
                for row, text in enumerate(batch)
            ]
            assert written(column, len(batch), *asked.ask(column, rows)) == expected


def test_a_text_is_asked_about_once_in_a_run_until_too_many_are_known() -> None:
    seen: list[str] = []

    def noted(texts: pl.Series) -> pl.Series:
        seen.extend(texts.to_list())
        return texts.str.len_chars()

    column = TextColumn("size", pl.lit(value=True), noted, pl.UInt32(), default=0)
    remembered = Remembered(most=3)
    for batch in (["甲", "乙", "甲"], ["乙", "丙"], ["甲", "丙"]):
        remembered.of_batch(pl.Series(batch)).ask(column, np.arange(len(batch)))
    assert sorted(seen) == ["丙", "乙", "甲"]
    remembered.of_batch(pl.Series(["丁"])).ask(column, np.arange(1))
    remembered.of_batch(pl.Series(["甲"])).ask(column, np.arange(1))
    assert sorted(seen) == sorted(["甲", "乙", "丙", "丁", "甲"])


def test_more_values_than_sixteen_bits_can_count() -> None:
    column = TextColumn("end", pl.lit(value=True), lambda texts: texts.str.to_uppercase(), pl.String())
    remembered = Remembered()
    for low in range(0, 80_000, 20_000):
        batch = pl.Series([f"a{number}" for number in range(low, low + 30_000)])
        rows, values = remembered.of_batch(batch).ask(column, np.arange(len(batch)))
        assert rows.tolist() == list(range(30_000))
        assert values["end"].equals(batch.str.to_uppercase())


@given(st.lists(st.sampled_from([0, 1, 1 << 20, 1 << 31, 1 << 44, 1 << 63, 3 << 20, (1 << 64) - 1, 7])))
def test_keys_that_share_bits_are_told_apart(keys: list[int]) -> None:
    found = alike(np.array(keys, dtype=np.uint64)).tolist()
    assert [keys[row] for row in found] == keys
    assert len(set(found)) == len(set(keys))
