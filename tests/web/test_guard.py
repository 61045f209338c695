"""Who does not come from one of our pages, or sends too much, is refused; every answer is closed to others."""

from __future__ import annotations

import pytest
from serving import Served

PATHS = ("/queue", "/queue/1", "/topics", "/verified", "/metrics", "/metrics/reply_interval", "/you", "/nothing")
HOSTS_REFUSED = (
    *("", "evil.example", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:{port}0", "127.0.0.1:{port}.evil.example"),
    *("localhost", "localhost.:{port}", "localhost:{port}@evil.example", "evil.example:{port}", "0.0.0.0:{port}"),
    *("[::1]", "[::]:{port}", "::1:{port}", "127.1:{port}", "2130706433:{port}", "0x7f.1:{port}", "127.0.0.2:{port}"),
    *("kefu.example.evil.example", "evil.kefu.example", "kefu.example:1", "xn--kefu.example", "a" * 300),
    *("127.0.0.1:{port} ", "127.0.0.1:{port}/", "127.0.0.1:{port}#", "http://127.0.0.1:{port}", "127.0.0.1:0{port}"),
    *("127。0。0。1:{port}", "localhost:{port},evil.example", "user@localhost:{port}", "localhost:"),
)
HOSTS_TAKEN = ("127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}", "kefu.example")


def request(served: Served, line: str, *headers: str, body: bytes = b"", host: str | None = None) -> bytes:
    told = host if host is not None else f"127.0.0.1:{served.place.port}"
    lines = [line, f"Host: {told}", *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.mark.parametrize("host", HOSTS_REFUSED)
def test_another_name_is_refused(shared: Served, host: str) -> None:
    told = host.format(port=shared.place.port)
    if told.strip() != told:
        told = f"{told.strip()}\tx"
    assert shared.status(request(shared, "GET /queue HTTP/1.1", host=told)) == 400


@pytest.mark.parametrize("host", HOSTS_TAKEN)
def test_our_names_are_taken(shared: Served, host: str) -> None:
    told = host.format(port=shared.place.port)
    assert shared.status(request(shared, "GET /queue HTTP/1.1", host=told)) == 200


def test_two_names_at_once_are_refused(shared: Served) -> None:
    told = f"Host: localhost:{shared.place.port}"
    assert shared.status(request(shared, "GET /queue HTTP/1.1", told)) == 400


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "https://127.0.0.1:{port}"},
        {"origin": "http://127.0.0.1:{port}.evil.example"},
        {"referer": "http://127.0.0.1:1/queue"},
        {"referer": "http://evil.example/127.0.0.1:{port}"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:{port}"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:{port}"},
        {"sec-fetch-site": "same-origin", "origin": "http://evil.example"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "none", "origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "none", "referer": "http://127.0.0.1:{port}/queue"},
        {"sec-fetch-site": "", "origin": "http://127.0.0.1:{port}"},
        {"origin": "http://[", "referer": "http://127.0.0.1:{port}/queue"},
    ],
)
def test_a_form_of_another_site_or_port_changes_nothing(shared: Served, headers: dict[str, str]) -> None:
    told = {name: value.format(port=shared.place.port) for name, value in headers.items()}
    with shared.client() as client:
        del client.headers["origin"]
        answer = client.post("/queue/1/claim", data={"version": "1"}, headers=told)
    assert answer.status_code == 403
    assert shared.queue.item(1).version == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://127.0.0.1:{port}"},
        {"referer": "http://127.0.0.1:{port}/queue/1"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:{port}"},
        {"sec-fetch-site": "none", "origin": "http://127.0.0.1:{port}"},
    ],
)
def test_our_own_form_is_taken(served: Served, headers: dict[str, str]) -> None:
    told = {name: value.format(port=served.place.port) for name, value in headers.items()}
    with served.client() as client:
        del client.headers["origin"]
        answer = client.post("/queue/1/claim", data={"version": "1"}, headers=told)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue/1?done=claim")
    assert served.queue.item(1).state == "in_repair"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get"])
def test_other_methods_are_refused(shared: Served, method: str) -> None:
    assert shared.status(request(shared, f"{method} /queue HTTP/1.1")) == 405


def test_a_page_takes_no_form_and_a_form_is_no_page(shared: Served) -> None:
    with shared.client() as client:
        assert client.post("/metrics", data={"a": "1"}).status_code == 405
        assert client.get("/queue/1/claim").status_code == 405
        assert client.head("/queue").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/static/..%2f..%2fapp.py", "/static/%2e%2e/app.py", "/static/../app.py", "/static/..%252f..%252fapp.py"),
        *("/static/style.css", "/static/", "/static/%2fetc%2fpasswd", "/static/..\\..\\app.py", "//etc/passwd"),
        *(
            "/queue/..%2f..%2fetc%2fpasswd",
            "/queue/1/../../etc",
            "/queue/1%20",
            "/queue/-1",
            "/queue/0x1",
            "/queue/1.0",
        ),
        *(
            "/queue/99999",
            f"/queue/{'9' * 19}",
            f"/queue/{'9' * 30}",
            f"/queue/{'9' * 6000}",
            "/queue/١",
            "/queue/bulk",
        ),
        *(
            "/metrics/..%2f",
            "/metrics/nothing",
            "/metrics/%3Cscript%3E",
            "/queue/",
            "/Queue",
            "/queue/1;x",
            "/queue/1%3F",
        ),
        *("/metrics/reply_interval/sessions?channel=%00", "/metrics/reply_interval/sessions%2F", "/%2e%2e/%2e%2e/etc"),
        *("/templates/base.html", "/core/kefu/web/app.py", "/.git/config", "/kefu.db", "/%E2%80%AE"),
        *("/queue%00", "/queue/1%00", "/%0aSet-Cookie:x=1", "/queue/1%0d%0a", "/%ff%fe", "/queue\x7f"),
    ],
)
def test_a_path_leads_nowhere_else(shared: Served, path: str) -> None:
    line = f"GET {path} HTTP/1.1".encode("utf-8", "surrogateescape")
    answer = shared.answer(line + request(shared, ""))
    status = int(answer.split(b" ", 2)[1])
    assert status in ((200,) if "channel=%00" in path else (400, 404)), path
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Traceback" not in body
    assert b"root:" not in body
    assert b"set-cookie: x" not in head.lower()


def test_an_address_with_too_much_in_it_shows_the_page(shared: Served) -> None:
    with shared.client() as client:
        for query in ("&".join(f"a{n}=1" for n in range(200)), "page=-1", "page=9" * 50, "page=1e9", "state=x&order=y"):
            assert client.get(f"/queue?{query}").status_code == 200
        for query in ("at=9999-12-31", "at=0001-01-01&period=month", "at=x", "period=x", "at=2025-W23-1"):
            assert client.get(f"/metrics?{query}").status_code == 200


def test_a_body_that_is_too_large_is_refused_and_others_go_on(shared: Served) -> None:
    with shared.client() as client:
        for size in (257 * 1024, 5_000_000):
            answer = client.post("/queue/1/note", content=b"version=1&text=" + b"a" * size, headers=FORM)
            assert answer.status_code == 413
        chunks = (b"a" * 65536 for _ in range(80))
        assert client.post("/queue/1/note", content=chunks, headers=FORM).status_code == 413
        assert client.get("/queue").status_code == 200
    assert shared.queue.item(1).version == 1


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"version": 1}', 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("text/plain", b"version=1", 415),
        ("", b"version=1", 415),
        ("application/x-www-form-urlencoded", b"version=\xff", 400),
        ("application/x-www-form-urlencoded", b"version=%ff", 400),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(3000)), 400),
        ("application/x-www-form-urlencoded", b"", 400),
        ("application/x-www-form-urlencoded", b"version=-1", 400),
        ("application/x-www-form-urlencoded", b"version=" + b"9" * 40, 400),
        ("application/x-www-form-urlencoded; charset=utf-8", b"version=1", 303),
    ],
)
def test_only_forms_are_taken(served: Served, kind: str, body: bytes, status: int) -> None:
    with served.client() as client:
        answer = client.post("/queue/1/claim", content=body, headers={"content-type": kind})
    assert answer.status_code == status


def test_a_page_with_a_body_is_refused(shared: Served) -> None:
    assert shared.status(request(shared, "GET /queue HTTP/1.1", "Content-Length: 5", body=b"hello")) == 400
    assert shared.status(request(shared, "GET /queue HTTP/1.1", "Transfer-Encoding: chunked", body=b"0\r\n\r\n")) == 400


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_closed_to_other_sites(shared: Served, path: str) -> None:
    with shared.client() as client:
        headers = client.get(path).headers
        refused = client.get(path, headers={"host": "evil.example"}).headers
    for told in (headers, refused):
        policy = dict(part.strip().partition(" ")[::2] for part in told["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "script-src" not in policy  # so default-src forbids every script
        assert policy["form-action"] == policy["style-src"] == "'self'"
        assert told["x-content-type-options"] == "nosniff"
        assert told["cache-control"] == "no-store"
        assert told["referrer-policy"] == "same-origin"
        assert told["cross-origin-opener-policy"] == told["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in told


def test_our_files_may_be_kept(shared: Served) -> None:
    with shared.client() as client:
        page = client.get("/queue").text
        path = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
        answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


def test_a_fault_is_a_page_without_a_word_of_the_program(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret inner\x1b[2J thing")

    monkeypatch.setattr("kefu.queue.record.Queue.counts", fail)
    with served.client() as client:
        answer = client.get("/queue")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "content-security-policy" in answer.headers


def test_a_store_that_fails_is_said(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from kefu.store.errors import StoreError

    def fail(*_: object) -> None:
        raise StoreError("the store /home/x/kefu.db: the disk is full")

    monkeypatch.setattr("kefu.queue.record.Queue.counts", fail)
    with served.client() as client:
        answer = client.get("/queue")
    assert answer.status_code == 503
    assert "/home/x" not in answer.text
