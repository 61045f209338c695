"""Slow clients are cut off, and nobody else notices them."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import pytest
from serving import Served, read_all

MANY = 120


def connected(served: Served, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection((served.place.host, served.place.port), timeout=20))


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /queue HT", b"GET /queue HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Slow: "],
    ids=["nothing", "half a line", "half the headers"],
)
def test_who_does_not_finish_asking_is_cut_off(served: Served, begun: bytes) -> None:
    with ExitStack() as stack:
        slow = [connected(served, stack) for _ in range(MANY)]
        for one in slow:
            one.sendall(begun.replace(b"{port}", str(served.place.port).encode()))
        with served.client() as client:
            assert client.get("/queue").status_code == 200
        assert [read_all(one) for one in slow] == [b""] * MANY


def test_a_header_that_drips_does_not_buy_time(served: Served) -> None:
    with ExitStack() as stack:
        slow, began = connected(served, stack), time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011, PT012 - which one, and when, is the system's business
            while time.monotonic() - began < 10:
                slow.sendall(b"G")
                time.sleep(0.1)
        assert time.monotonic() - began < 8


def test_a_body_that_drips_is_refused(served: Served) -> None:
    head = (
        f"POST /queue/1/claim HTTP/1.1\r\nHost: {served.place.host}:{served.place.port}\r\nOrigin: {served.url}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nversion"
    )
    with ExitStack() as stack:
        slow = [connected(served, stack) for _ in range(MANY)]
        for one in slow:
            one.sendall(head.encode())
        with served.client() as client:
            assert client.get("/queue").status_code == 200
        assert all(read_all(one).startswith(b"HTTP/1.1 408") for one in slow)
    assert served.queue.item(1).version == 1


def test_who_does_not_read_the_answer_is_cut_off(served: Served) -> None:
    ask = f"GET /queue?state=all HTTP/1.1\r\nHost: {served.place.host}:{served.place.port}\r\n\r\n".encode()
    with ExitStack() as stack:
        slow = socket.socket()
        stack.callback(slow.close)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        slow.settimeout(20)
        slow.connect((served.place.host, served.place.port))
        began = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011, PT012
            while time.monotonic() - began < 15:
                slow.sendall(ask)
                time.sleep(0.002)
        with served.client() as client:
            assert client.get("/queue").status_code == 200
