"""Who may come, and what they may do."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from serving import Served

from conftest import EDITOR, READER
from kefu.errors import ConfigError
from kefu.web.people import Guesses, Logins, Person, read_tokens
from kefu.web.server import Place, require_tokens
from kefu.web.visit import own_address

PAGES = ("/queue", "/queue/1", "/topics", "/verified", "/metrics", "/metrics/reply_interval")
DEEDS = ("claim", "release", "repaired", "dismiss", "reopen", "note")


def log_in(client: httpx.Client, token: str) -> httpx.Response:
    return client.post("/login", data={"token": token, "next": "/queue?state=all"})


@pytest.mark.parametrize("path", PAGES)
def test_without_a_token_there_is_only_the_login(guarded: Served, path: str) -> None:
    with guarded.client() as client:
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (303, "")
        assert answer.headers["location"].startswith("/login?next=%2F")
        assert client.post(f"{path}/claim", data={"version": "1"}).status_code in (401, 404, 405)
        assert client.get("/login").status_code == 200


def test_a_login_opens_the_pages_and_ends(guarded: Served) -> None:
    with guarded.client() as client:
        answer = log_in(client, f" {EDITOR} ")
        assert (answer.status_code, answer.headers["location"]) == (303, "/queue?state=all")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert EDITOR not in cookie
        assert "李雷" in client.get("/queue").text
        assert client.post("/queue/1/claim", data={"version": "1"}).status_code == 303
        kept = dict(client.cookies)
        client.post("/logout", headers={"content-type": "application/x-www-form-urlencoded"})
    assert guarded.queue.item(1).assignee == "李雷"
    with guarded.client(**kept) as client:
        assert client.get("/queue").status_code == 303


def test_a_reader_sees_everything_and_changes_nothing(guarded: Served) -> None:
    with guarded.client() as client:
        log_in(client, READER)
        for path in PAGES:
            assert client.get(path).status_code == 200
        assert "<textarea" not in client.get("/queue/1").text
        assert 'type="checkbox" name="item"' not in client.get("/queue").text
        for name in DEEDS:
            form = {"version": "1", "text": "x", "until": "2025-07-01"}
            assert client.post(f"/queue/1/{name}", data=form).status_code == 403
        bulk = {"step": "claim", "item": "1:1"}
        assert client.post("/queue/bulk", data=bulk).status_code == 403
    assert guarded.queue.item(1).version == 1


def test_a_program_gives_its_token_in_a_header(guarded: Served) -> None:
    with guarded.client() as client:
        assert client.get("/queue", headers={"authorization": f"Bearer {READER}"}).status_code == 200
        assert client.get("/queue", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert client.get("/queue", headers={"authorization": "Basic eDp5"}).status_code == 401
        assert client.get(f"/queue?token={READER}").status_code == 303


def test_after_ten_wrong_tokens_an_address_has_to_wait(guarded: Served) -> None:
    with guarded.client() as client:
        client.get("/login")
        known = guarded.client()
        log_in(known, READER)
        codes = [log_in(client, f"wrong-{number}-token-token-token").status_code for number in range(12)]
        assert codes == [401] * 10 + [429] * 2
        assert log_in(client, EDITOR).status_code == 429
        assert client.get("/queue", headers={"authorization": f"Bearer {EDITOR}"}).status_code == 429
        assert known.get("/queue").status_code == 200
        known.close()


def test_a_minute_later_they_may_try_again() -> None:
    now = [0.0]
    guesses = Guesses(lambda: now[0])
    for _ in range(10):
        guesses.wrong("192.0.2.1")
    assert guesses.too_many("192.0.2.1")
    assert not guesses.too_many("192.0.2.2")
    now[0] = 60.1
    assert not guesses.too_many("192.0.2.1")


def test_the_addresses_of_one_line_count_as_one() -> None:
    guesses = Guesses()
    for number in range(10):
        guesses.wrong(f"2001:db8::{number:x}")
    assert guesses.too_many("2001:db8::ffff")
    assert not guesses.too_many("2001:db8:0:1::1")


def test_guesses_from_everywhere_do_not_fill_the_memory() -> None:
    guesses = Guesses()
    for number in range(10_050):
        guesses.wrong(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(guesses._wrong) == 10_000


def test_a_login_ends_after_twelve_hours() -> None:
    now = [0.0]
    logins = Logins(lambda: now[0])
    key = logins.begin(Person("李雷", "editor"))
    now[0] = 12 * 3600 - 1
    assert logins.person(key) == Person("李雷", "editor")
    assert logins.person(key + "x") is None
    now[0] += 2
    assert logins.person(key) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no token"),
        ("# nothing\n", "holds no token"),
        ("王敏 editor\n", "line 1: write a name"),
        ("王敏 admin abcdefghijklmnopqrstuvwxyz\n", "reader or editor"),
        ("王敏 editor short-secret-token\n", "shorter than 24"),
        ("王敏 editor abcdefghijklmnopqrstuvwxyz\n李雷 reader abcdefghijklmnopqrstuvwxyz\n", "a token twice"),
        ("王敏 editor abcdefghijklmnopqrstuvwxyz\n王敏 reader abcdefghijklmnopqrstuvwxyz0\n", "a name twice"),
        (f"{'x' * 41} editor abcdefghijklmnopqrstuvwxyz\n", "at most 40"),
        ("a\u202eb editor abcdefghijklmnopqrstuvwxyz\n", "visible"),
    ],
)
def test_a_token_file_that_does_not_fit_is_refused_and_no_token_repeated(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=re.escape(why)) as found:
        read_tokens(path)
    assert "abcdefghijklm" not in str(found.value)
    assert "secret" not in str(found.value)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602])
def test_a_token_file_for_everybody_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "tokens"
    path.write_text(f"王敏 editor {EDITOR}\n", encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_tokens(path)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "kefu.example", ""])  # noqa: S104 - refused
def test_another_address_needs_tokens(host: str) -> None:
    with pytest.raises(ConfigError, match="--token-file"):
        require_tokens(Place(host), with_tokens=False)
    require_tokens(Place(host), with_tokens=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_needs_none_but_a_proxy_does(host: str) -> None:
    require_tokens(Place(host), with_tokens=False)
    with pytest.raises(ConfigError, match="proxy"):
        require_tokens(Place(host, proxy="127.0.0.1"), with_tokens=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:x",
        "queue",
        "/a\tb",
        "///x",
        "/\n/x",
    ],
)
def test_a_login_leads_to_our_pages_only(text: str) -> None:
    assert own_address(text) == "/queue"
    assert own_address("/queue/1?state=all") == "/queue/1?state=all"


def test_without_tokens_people_say_who_they_are(served: Served) -> None:
    with served.client() as client:
        assert "王敏" in client.get("/queue").text
        answer = client.post("/you", data={"name": " 李 雷 "})
        assert answer.status_code == 303
        assert "HttpOnly" in answer.headers["set-cookie"]
        client.post("/queue/1/claim", data={"version": "1"})
        assert served.queue.item(1).assignee == "李 雷"
        for name in ("", " ", "x" * 41, "a\nb", "a\u202eb"):
            assert client.post("/you", data={"name": name}).status_code == 400
