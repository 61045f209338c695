"""Telling people of a run: a webhook, and the plugins that tell somebody; what fails here fails no run."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from http.client import HTTPException, HTTPMessage
from threading import Thread
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from kefu.config import Notify, Settings
from kefu.context import Context, Report
from kefu.host import Host
from kefu.night.checks import as_json
from kefu.run.words import tokenizer, word_lists
from kefu.store.mask import masked

LONGEST = 500
"""A failure is told in so many characters at most."""
_RANK = {"ok": 0, "warn": 1, "error": 2}
_LEAST = {"always": 0, "warn": 1, "error": 2}


def notify(report: Report, settings: Settings, host: Host) -> dict[str, str]:
    """Tell the webhook and every plugin that asks for it; return what failed, by who it was.

    Each has some seconds; who takes longer has failed, and the run goes on without it.
    """
    problems: dict[str, str] = {}
    seconds = settings.notify.seconds
    if settings.notify.webhook is not None and is_due(report, settings.notify):
        problem = _posted(settings.notify.webhook.get_secret_value(), report_document(report), seconds)
        if problem:
            problems["webhook"] = problem
    words = word_lists(settings)

    def context(name: str) -> Context:
        options = settings.plugin.get(name, {})
        return Context(settings.thresholds, words, options=options, tokens=partial(tokenizer, settings.dictionaries))

    failed = host.notify(context, report, partial(within, seconds))
    return problems | {f"plugin {name}": error for name, error in failed.items()}


def within(seconds: float, deed: Callable[[], None]) -> None:
    """Do something, and turn away from it where it takes too long: a thread cannot be ended but with its process.

    :raises TimeoutError: it is still at work.
    :raises BaseException: whatever it raised.
    """
    raised: list[BaseException] = []

    def work() -> None:
        try:
            deed()
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            raised.append(error)

    thread = Thread(target=work, name="kefu-notify", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"not done after {seconds:g} seconds, and left alone")
    if raised:
        raise raised[0]


def is_due(report: Report, settings: Notify) -> bool:
    """Say whether a report is bad enough for the webhook."""
    return _RANK[report.level] >= _LEAST[settings.on]


def report_document(report: Report) -> dict[str, Any]:
    """Return what the webhook gets: schema ``kefu.notify/1``, with ``text`` for chats that show no more."""
    failures = [masked(text)[:LONGEST] for text in report.failures]
    said = [f"{one.message.zh} · {one.message.en}" for one in report.checks if one.level != "ok"]
    night = f" {report.night}" if report.night else ""
    return {
        "schema": "kefu.notify/1",
        "text": "\n".join([f"kefu{night}: {report.outcome}, {report.level}", *said, *failures]),
        "outcome": report.outcome,
        "level": report.level,
        "run": report.run_id,
        "night": None if report.night is None else report.night.isoformat(),
        "written": [date.isoformat() for date in report.written],
        "restated": [date.isoformat() for date in report.restated],
        "kept": [date.isoformat() for date in report.kept],
        "checks": as_json(report.checks),
        "failures": failures,
    }


class _NoRedirect(HTTPRedirectHandler):
    """A redirected POST would arrive as a GET without its content: it is refused."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow no redirect."""


def _posted(url: str, document: dict[str, Any], seconds: float) -> str | None:
    """Post JSON, and return what went wrong; an answer that comes in drops is no answer either."""
    problems: list[str | None] = []
    try:
        within(seconds, lambda: problems.append(_post(url, document, seconds)))
    except TimeoutError:
        return f"{urlsplit(url).hostname} did not answer within {seconds:g} seconds"
    return problems[0]


def _post(url: str, document: dict[str, Any], seconds: float) -> str | None:
    """Post JSON, and return what went wrong; the URL is a secret but for its host."""
    host = urlsplit(url).hostname
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "kefu"}
    try:
        request = Request(url, body, headers, method="POST")  # noqa: S310 - the settings allow http and https only
        with build_opener(_NoRedirect).open(request, timeout=seconds):
            return None
    except HTTPError as error:
        error.close()
        return f"{host} answered {error.code}"
    except (OSError, HTTPException, ValueError) as error:
        # Its text may hold the URL.
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return f"{host} did not answer within {seconds:g} seconds"
        return f"{host} could not be told ({type(reason).__name__})"
