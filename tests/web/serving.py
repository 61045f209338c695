"""The pages, served for tests at a port of this machine."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from kefu.config import load_settings
from kefu.queue.record import Queue
from kefu.store import open_store
from kefu.store.opening import Store
from kefu.web.app import create_app
from kefu.web.people import Tokens
from kefu.web.protocol import Connection
from kefu.web.server import Place

TODAY = dt.date(2025, 6, 16)
"""A week after the last date of the sample: what saves much is overdue."""


class Quick(Connection):
    """A connection that waits less long than people are given."""

    header_seconds = 2.0
    reader_seconds = 1.0


@dataclass(frozen=True)
class Served:
    """Pages that are being served."""

    store: Store
    place: Place

    @property
    def url(self) -> str:
        return self.place.address

    @property
    def queue(self) -> Queue:
        return Queue(self.store)

    def client(self, **cookies: str) -> httpx.Client:
        """Return a browser that is at one of the pages."""
        return httpx.Client(base_url=self.url, headers={"origin": self.url}, cookies=cookies, timeout=60)

    def answer(self, request: bytes) -> bytes:
        """Return what comes back for these bytes, until the server ends it."""
        with socket.create_connection((self.place.host, self.place.port), timeout=20) as connection:
            connection.sendall(request)
            return read_all(connection)

    def status(self, request: bytes) -> int:
        """Return the status that comes back for these bytes."""
        return int(self.answer(request).split(b" ", 2)[1])


def read_all(connection: socket.socket) -> bytes:
    """Return what a server sends until it ends the connection; nothing more once it cuts it."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


@contextmanager
def serving(
    kept: Path, folder: Path, tokens: Tokens | None = None, me: str = "王敏", **settings: object
) -> Iterator[Served]:
    """Serve a copy of a store."""
    path = folder / "kefu.db"
    shutil.copy(kept, path)
    place = Place(port=free_port())
    with open_store(path, create=False) as store:
        app = create_app(
            store,
            load_settings(store=str(path), **settings),
            place.hosts(["kefu.example"]),
            tokens,
            me=me,
            today=lambda: TODAY,
            body_seconds=1.0,
        )
        config = uvicorn.Config(
            app, port=place.port, http=Quick, ws="none", access_log=False, server_header=False, log_config=None
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield Served(store, place)
        finally:
            server.should_exit = True
            thread.join()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
