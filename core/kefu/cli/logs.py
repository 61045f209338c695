"""What a run says on stderr beside its result: sentences for people, or JSON, an object a line, for programs."""

from __future__ import annotations

import datetime as dt
import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import rich_click as click

from kefu.cli.exits import exit_code
from kefu.errors import KefuError
from kefu.show.safe import safe

Level = Literal["info", "warn", "error"]
Form = Literal["text", "json"]


class Log:
    """Says things on stderr in one form."""

    def __init__(self, form: Form) -> None:
        """Take the form."""
        self.form = form

    def say(self, level: Level, event: str, text: str, **fields: object) -> None:
        """Say something: as text the sentence alone, as JSON the sentence (``message``) and the fields."""
        if self.form == "json":
            self.note(event, level=level, message=text, **fields)
        else:
            print(safe(text), file=sys.stderr)  # noqa: T201

    def note(self, event: str, *, level: Level = "info", **fields: object) -> None:
        """Say something that only programs want to know."""
        if self.form == "json":
            time = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            line = {"time": time, "level": level, "event": event, **fields}
            print(json.dumps(line, default=str), file=sys.stderr, flush=True)  # noqa: T201

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Say as JSON what stops a run, and exit; as text it passes, to be said by who called."""
        try:
            yield
        except click.ClickException:
            raise
        except Exception as error:
            if self.form == "text":
                raise
            code = exit_code(error)
            about = {} if isinstance(error, KefuError) else {"traceback": traceback.format_exc().splitlines()}
            self.note("failed", level="error", message=describe(error), **about, exit_code=code)
            sys.exit(code)


def describe(error: BaseException) -> str:
    """Return an error in a sentence, with its kind unless it is one of ours."""
    return str(error) if isinstance(error, KefuError) else f"{type(error).__name__}: {error}"
