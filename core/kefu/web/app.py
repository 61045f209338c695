"""The application: its addresses, and what it says where there is no page."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from kefu.config import Settings
from kefu.store.errors import StoreError
from kefu.store.opening import Store
from kefu.web.guard import BODY_SECONDS, Guard
from kefu.web.pages import item, login, metrics, overview, queue, sessions, steps, topics
from kefu.web.people import Role, Tokens
from kefu.web.render import KINDS, address_of, content_of
from kefu.web.site import Site, Today
from kefu.web.visit import Page, endpoint, refusal

LOG = logging.getLogger("kefu.web")
FOR_EVER = "public, max-age=31536000, immutable"
PAGES: tuple[tuple[str, Page, Role | None], ...] = (
    ("/overview", overview.overview_page, "reader"),
    ("/queue", queue.queue_page, "reader"),
    ("/queue/{item}", item.item_page, "reader"),
    ("/topics", topics.topics_page, "reader"),
    ("/verified", queue.verified_page, "reader"),
    ("/metrics", metrics.metrics_page, "reader"),
    ("/metrics/{metric}", metrics.metric_page, "reader"),
    ("/metrics/{metric}/sessions", sessions.sessions_page, "reader"),
    ("/sessions", sessions.session_page, "reader"),
    ("/sessions/{session}", sessions.session_page, "reader"),
    ("/login", login.login_page, None),
    ("/you", login.name_page, None),
)
DEEDS: tuple[tuple[str, Page, Role | None], ...] = (
    ("/queue/bulk", steps.bulk, "editor"),
    *((f"/queue/{{item}}/{name}", steps.step_page(name), "editor") for name in steps.FORMS),
    ("/login", login.log_in, None),
    ("/logout", login.log_out, None),
    ("/you", login.take_name, None),
)


def create_app(
    store: Store,
    settings: Settings,
    hosts: Iterable[str],
    tokens: Tokens | None,
    *,
    me: str = "editor",
    today: Today | None = None,
    body_seconds: float = BODY_SECONDS,
) -> ASGIApp:
    """Return the application over a store that stays open.

    :param hosts: what the Host header may say, such as ``127.0.0.1:8321``.
    :param tokens: who may come; without any everybody is an editor, so it must not listen to others.
    :param me: what somebody is called who did not say.
    :param today: gives the local date; that of the business time zone without it.
    :param body_seconds: how long a form may take to arrive.
    """
    site = Site(store, settings, tokens, me, today)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        site.close()

    def failed(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return refusal(site, request, error.status_code, error.headers)
        if isinstance(error, StoreError):
            LOG.error("%s", error)
            return refusal(site, request, 503)
        return refusal(site, request, 500)

    def refused(scope: Scope, status: int) -> Response:
        return refusal(site, Request(scope), status)

    handlers = {HTTPException: failed, StoreError: failed, Exception: failed}
    app = Starlette(routes=_routes(site), exception_handlers=handlers, lifespan=lifespan)
    app.router.redirect_slashes = False
    return Guard(app, hosts, refused, body_seconds=body_seconds)


def _routes(site: Site) -> list[Route]:
    pages = [Route(path, endpoint(site, page, role), methods=["GET"]) for path, page, role in PAGES]
    deeds = [Route(path, endpoint(site, page, role), methods=["POST"]) for path, page, role in DEEDS]
    return [Route("/", _home), Route("/static/{name}", _static), *deeds, *pages]


def _home(_: Request) -> Response:
    return RedirectResponse("/queue")


def _static(request: Request) -> Response:
    """Return one of our own files; what is asked for is never taken for a path."""
    for name, kind in KINDS.items():
        if request.url.path == address_of(name):
            return Response(content_of(name), media_type=kind, headers={"cache-control": FOR_EVER})
    raise HTTPException(404)
