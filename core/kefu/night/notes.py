"""What became of a night's dates, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from kefu.night.nightly import Night

Language = Literal["zh", "en"]
MOST = 5
"""So many dates or files are named; of the others it is said how many they are."""


def nothing_new(language: Language) -> str:
    """Say that there was nothing to do."""
    return "没有新的输入，数值取自存储" if language == "zh" else "nothing new: the values are those of the store"


def notes_of(night: Night, language: Language) -> list[str]:
    """Say which dates were written, left alone or not asked for."""
    zh = language == "zh"
    changed = [one for one in night.written if one.changed]
    again = [one.date for one in changed if one.revision > 1]
    first = [one.date for one in changed if one.revision == 1]
    same = [one.date for one in night.written if not one.changed]
    notes = []
    if first:
        notes.append(f"已写入：{dates_text(first)}" if zh else f"written: {dates_text(first)}")
    if again:
        notes.append(
            f"已重算（保留原值）：{dates_text(again)}" if zh else f"restated, the old values kept: {dates_text(again)}"
        )
    if same:
        notes.append(f"没有变化：{dates_text(same)}" if zh else f"unchanged: {dates_text(same)}")
    together: dict[tuple[str, ...], list[dt.date]] = {}
    for date, files in night.kept.items():
        together.setdefault(tuple(files), []).append(date)
    for gone, dates in together.items():
        told = ", ".join(gone[:MOST]) + (f" … +{len(gone) - MOST}" if len(gone) > MOST else "")
        notes.append(
            f"{dates_text(dates)} 未改写：缺少曾提供数据的文件 {told}（--replace 仍要改写）"
            if zh
            else f"{dates_text(dates)} left as it is: files that it was made from are gone: {told} "
            "(--replace writes it anyway)"
        )
    if night.outside:
        count, others = sum(night.outside.values()), dates_text(night.outside)
        notes.append(
            f"另有 {count} 个会话属于其他日期，未写入：{others}（用 --from 和 --to 重算）"
            if zh
            else f"{count} sessions of other dates were not written: {others} (--from and --to compute them)"
        )
    return notes


def dates_text(dates: Iterable[dt.date]) -> str:
    """Write dates, runs of them as a period."""
    found: list[list[dt.date]] = []
    for date in sorted(dates):
        if found and date - found[-1][-1] == dt.timedelta(days=1):
            found[-1].append(date)
        else:
            found.append([date])
    told = [f"{run[0]}" if len(run) == 1 else f"{run[0]} – {run[-1]}" for run in found]
    more = f" … +{len(told) - MOST}" if len(told) > MOST else ""
    return ", ".join(told[:MOST]) + more
