"""Progress by step on stderr, where that is a terminal and the input is long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kefu.show.words import Language, say


@contextmanager
def progress_on_stderr(language: Language) -> Iterator[Callable[[str, int, int], None] | None]:
    """Give what an engine calls with a step, how much is done and how much there is."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def update(step: str, done: int, total: int) -> None:
            if total <= 1:
                return  # short enough to wait for
            if step not in tasks:
                tasks[step] = bars.add_task(say(step, language), total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield update
