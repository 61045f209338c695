"""Two hundred texts that try to run something, in every field of the data and of the forms, on every page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import httpx
import pytest
from browsers import Browser, opened_browser
from hostile import TEXTS, write_hostile
from markup import Page, check_inert
from serving import TODAY, Served, serving

from conftest import run_into
from kefu.queue.record import Filter
from kefu.show.safe import safe
from kefu.web import one_session

PERIOD = "period=week&at=2025-06-04"
METRICS = ("sensitive_word_rate", "reply_interval", "robot_interception_rate", "opinion_alert_timeliness")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Pages over data that is made of these texts, with a step of each kind made of them too."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "data").mkdir()
    write_hostile(folder / "data")
    run_into(folder / "of_a_run.db", folder / "data")
    with serving(folder / "of_a_run.db", folder) as served:
        for item in served.queue.find(Filter(states=(), size=1000), TODAY).items:
            text = TEXTS[item.id % len(TEXTS)]
            noted = served.queue.note(item.id, item.version, text, text)
            if item.id % 3 == 0:
                served.queue.repaired(item.id, noted.version, text, text)
            elif item.id % 3 == 1:
                served.queue.dismiss(item.id, noted.version, text, text, TODAY + dt.timedelta(days=9))
        yield served


def test_there_are_two_hundred_texts_and_an_item_for_each(hostile: Served) -> None:
    assert len({*TEXTS}) == 200
    found = hostile.queue.find(Filter(states=(), subject="hotspot", size=1000), TODAY)
    assert {item.title.partition(" ")[0] for item in found.items} == {text.partition(" ")[0] for text in TEXTS}


def paths(hostile: Served) -> list[str]:
    """Return the address of every page that shows something of the data."""
    total = hostile.queue.find(Filter(states=()), TODAY).total
    lists = [f"/queue?state=all&page={page}" for page in range(1, total // 50 + 2)]
    lists += [f"/verified?page={page}" for page in (1, 2)] + [f"/topics?page={page}" for page in range(1, 6)]
    groups = [f"/metrics/{name}?by={by}&{PERIOD}" for name in METRICS for by in ("agent_id", "team", "queue", "scene")]
    behind = [f"/metrics/{name}/sessions?page={page}&{PERIOD}" for name in METRICS for page in range(1, 11)]
    pair = urlencode({"by": "queue", "one": TEXTS[0], "two": TEXTS[7]})
    groups += [f"/overview?{PERIOD}", f"/metrics/reply_interval?{pair}&{PERIOD}"]
    told = {"metric": "sensitive_word_rate", "period": "week", "at": "2025-06-04"}
    behind += [one_session.address(safe_id(text), told) for text in TEXTS]
    items = hostile.queue.find(Filter(states=(), size=1000), TODAY).items
    return [*lists, *groups, *behind, *(f"/queue/{item.id}" for item in items)]


def safe_id(text: str) -> str:
    """Return the id of the session that is made of a text."""
    return f"{text}s"


def inert(client: httpx.Client, path: str) -> Page:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return check_inert(answer.text)


def test_no_page_holds_any_of_it_as_markup(hostile: Served) -> None:
    with hostile.client() as client:
        shown = "".join(inert(client, path).text for path in paths(hostile))
    for text in TEXTS:
        assert safe(text) in shown, text


def test_what_is_typed_comes_back_as_text(hostile: Served) -> None:
    (item,) = hostile.queue.find(Filter(states=(), order="opened", size=1), TODAY).items
    with hostile.client() as client:
        for text in TEXTS:
            told = quote(text, errors="surrogatepass")
            assert_held(inert(client, f"/queue?state=all&q={told}&reason={told}&order={told}&done={told}"), text)
            inert(client, f"/topics?q={told}")
            check_inert(client.get(f"/metrics/reply_interval/sessions?queue={told}&{PERIOD}").text)
            check_inert(client.get(f"/metrics/{quote(text, safe='')}").text)
            check_inert(client.post(f"/queue/{item.id}/note", data={"version": "0", "text": text}).text)
            check_inert(
                client.post(f"/queue/{item.id}/dismiss", data={"version": "1", "text": text, "until": text}).text
            )
            check_inert(client.post("/queue/bulk", data={"step": "claim", "back": text}).text)
            check_inert(client.post("/you", data={"name": text * 2}).text)


def test_what_an_address_asks_of_the_dashboards_is_text(hostile: Served) -> None:
    with hostile.client() as client:
        for text in TEXTS[::6]:
            names = ("one", "two", "by", "against_from", "against_to", "from", "to")
            told = urlencode({"groups": f"{text},{text}", **dict.fromkeys(names, text)}, errors="surrogatepass")
            check_inert(client.get(f"/metrics/reply_interval?{told}&{PERIOD}").text)
            asked = urlencode({"id": text, "metric": text, "from": text, "to": text}, errors="surrogatepass")
            check_inert(client.get(f"/sessions?{asked}").text)


def assert_held(page: Page, text: str) -> None:
    assert safe(text).rstrip() in [value.rstrip() for value in page.values("value")], text


def test_a_name_is_text(hostile: Served) -> None:
    for text in TEXTS:
        with hostile.client(kefu_name=quote(text[:40])) as client:
            inert(client, "/you")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as found:
        yield found


@pytest.mark.long
@pytest.mark.browser
def test_nothing_of_it_runs_even_without_the_policy(hostile: Served, browser: Browser) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    outside: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(hostile.url) else outside.append(request.url))
    for path in paths(hostile):
        page.goto(hostile.url + path, wait_until="load")
        assert page.evaluate("window.kefuRan") is None, path
        assert page.url == hostile.url + path
    assert not dialogs
    assert not outside
    context.close()
