"""The server: uvicorn with limits, and a log that obeys nothing that a client sends."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from kefu.errors import ConfigError
from kefu.show.safe import safe
from kefu.web.protocol import Connection

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST_CONNECTIONS = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pages are served.

    :param certificate: the file of a TLS certificate, with its ``key``; ``None`` for plain HTTP.
    :param proxy: the address of a proxy in front, whose word on clients and TLS is taken; ``None`` for none.
    """

    host: str = "127.0.0.1"
    port: int = 8321
    certificate: Path | None = None
    key: Path | None = None
    proxy: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can come here."""
        return self.host in LOOPBACK

    @property
    def address(self) -> str:
        """What to type into a browser."""
        return f"{'https' if self.certificate else 'http'}://{_bracketed(self.host)}:{self.port}"

    def hosts(self, others: Sequence[str]) -> set[str]:
        """Return what the Host header may say.

        :param others: further names; one without a port may stand with this one, or without any.
        """
        own = {f"{_bracketed(name)}:{self.port}" for name in (*LOOPBACK, self.host)}
        named = {form for name in others for form in (name, f"{name}:{self.port}")}
        ports = {"http": 80, "https": 443}["https" if self.certificate else "http"]
        return {one.lower().removesuffix(f":{ports}") for one in own | named}


def require_tokens(place: Place, *, with_tokens: bool) -> None:
    """Make sure that only this machine can come without a token.

    :raises ConfigError: others could.
    """
    if not place.is_local and not with_tokens:
        raise ConfigError(
            f"{place.host} can be reached by others: give --token-file, so that only who has a token gets in, "
            "or leave --host at 127.0.0.1"
        )
    if place.proxy is not None and not with_tokens:
        raise ConfigError("a proxy lets others in: give --token-file, so that only who has a token gets in")


def serve(app: ASGIApp, place: Place) -> None:
    """Serve until a signal says to stop."""
    config = uvicorn.Config(
        app,
        host=place.host,
        port=place.port,
        http=Connection,
        ws="none",
        loop="asyncio",
        access_log=False,
        server_header=False,
        log_config=None,
        proxy_headers=place.proxy is not None,
        forwarded_allow_ips=place.proxy or "",
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        limit_concurrency=MOST_CONNECTIONS,
        ssl_certfile=place.certificate,
        ssl_keyfile=place.key,
    )
    with_log()
    uvicorn.Server(config).run()


def with_log() -> None:
    """Log warnings and errors to stderr, a line each; a character that a terminal would obey becomes a sign."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Plain("kefu: %(asctime)s %(levelname)s %(message)s"))
    for name in ("kefu.web", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.WARNING)


class _Plain(logging.Formatter):
    """Formats records so that what they quote stays text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record; line breaks stand only between the lines of a traceback."""
        return "\n".join(safe(line) for line in super().format(record).split("\n"))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
