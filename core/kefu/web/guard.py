"""What stands before every page: who may ask at all, how much and how slowly, and what a browser may do with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES = 256 * 1024
DRAINED_BYTES = 16 * 1024 * 1024
"""So much of a body that is too large is read and thrown away, so that a browser gets to see why it was refused."""
BODY_SECONDS = 10.0
MOST_FIELDS = 2_000
FORM = "application/x-www-form-urlencoded"
SAFE_METHODS = ("GET", "HEAD")
PORTS = {"http": "80", "https": "443"}
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
"""What every answer says. There is no script, so none is allowed; the policy of referrers keeps ``Origin`` on forms."""
FIELDS = "kefu.fields"
"""Where the fields of a form stand in the scope of a request."""

Refuse = Callable[[Scope, int], ASGIApp]


class Guard:
    """Lets through to an application only what it should see."""

    def __init__(
        self, app: ASGIApp, hosts: Iterable[str], refuse: Refuse, *, body_seconds: float = BODY_SECONDS
    ) -> None:
        """Take the application.

        :param hosts: what the Host header may say, in lower case, with the port where it is not the scheme's own.
        :param refuse: makes the page that says what was refused, of the status.
        :param body_seconds: how long a body may take to arrive.
        """
        self._app, self._hosts, self._refuse, self._body_seconds = app, frozenset(hosts), refuse, body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, _guarded(send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        status = self._refused(scope, headers)
        if status is None and scope["method"] == "POST":
            status, scope[FIELDS] = await self._fields(headers, receive)
        if status is not None:
            await self._refuse(scope, status)(scope, receive, _closing(send))
            return
        await self._app(scope, receive, send)

    def _refused(self, scope: Scope, headers: Headers) -> int | None:
        if not self._is_known(scope, headers) or not scope["path"].isprintable():
            return 400
        if scope["method"] == "POST":
            return None if _is_own(scope, headers) else 403
        if scope["method"] not in SAFE_METHODS:
            return 405
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        return 400 if has_body else None

    def _is_known(self, scope: Scope, headers: Headers) -> bool:
        told = headers.getlist("host")
        return len(told) == 1 and _plain(told[0], scope["scheme"]) in self._hosts

    async def _fields(self, headers: Headers, receive: Receive) -> tuple[int | None, list[tuple[str, str]]]:
        """Read a form whole; pages do not wait for slow clients."""
        if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            return 415, []
        try:
            async with asyncio.timeout(self._body_seconds):
                body = await _body(receive)
        except TimeoutError:
            return 408, []
        if body is None:
            return 413, []
        try:
            text = body.decode("ascii")
            return None, parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:  # of decoding too
            return 400, []


async def _body(receive: Receive) -> bytes | None:
    """Return a body, or ``None`` where it is too large."""
    parts, size, more = [], 0, True
    while more and size <= DRAINED_BYTES:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= BODY_BYTES:
            parts.append(part)
        more = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(parts) if size <= BODY_BYTES else None


def _is_own(scope: Scope, headers: Headers) -> bool:
    """Return whether a request comes from one of our pages: no other site, and no other port of this machine.

    Browsers say so in ``Sec-Fetch-Site`` where they trust the connection, else in ``Origin`` or at least ``Referer``;
    who says nothing is refused.
    """
    site, origin, referer = (headers.get(name) for name in ("sec-fetch-site", "origin", "referer"))
    if site not in {None, "same-origin", "none"}:
        return False
    if origin is None and site == "same-origin":
        return True
    told = origin if origin is not None or site is not None else referer
    return told is not None and _origin(told) == (scope["scheme"], _plain(headers["host"], scope["scheme"]))


def _origin(text: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return (parts.scheme, _plain(parts.netloc, parts.scheme))


def _plain(host: str, scheme: str) -> str:
    """Return a host in lower case, without the port that goes without saying."""
    return host.lower().removesuffix(f":{PORTS.get(scheme, '')}")


def _guarded(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return with_headers


def _closing(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["connection"] = "close"
        await send(message)

    return closing


def fields_of(scope: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the fields of the form that a request brought."""
    found = scope.get(FIELDS, [])
    return found if isinstance(found, list) else []
