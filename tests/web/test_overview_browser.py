"""The overview and what is behind its numbers in a real browser: the way without scripts, and what axe finds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsers import Browser, opened_browser
from serving import Served
from test_browser import LOOKS, opened

pytestmark = pytest.mark.browser
WEEK = "period=week&at=2025-06-04"
PATHS = (
    f"/overview?{WEEK}",
    "/overview?from=2025-06-03&to=2025-06-05",
    "/metrics/reply_interval?period=day&at=2025-06-05&by=queue&groups=%E5%94%AE%E5%90%8E,%E7%89%A9%E6%B5%81",
    "/metrics/adherence?by=half_hour",
    "/metrics/ai_assist_gain?period=week&at=2025-06-04&against_from=2025-06-02&against_to=2025-06-03",
    f"/metrics/forecast_accuracy/sessions?{WEEK}",
    f"/metrics/sensitive_word_rate/sessions?{WEEK}&queue=%E5%94%AE%E5%90%8E",
    "/sessions/S0602-035?metric=sensitive_word_rate",
)
WORDS = {
    "zh": ("总览", "队列", "对比", "周"),
    "en": ("Overview", "Queue", "Compare", "Week"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as found:
        yield found


@pytest.mark.parametrize("lang", WORDS)
def test_from_the_overview_to_a_session_without_scripts(shared: Served, browser: Browser, lang: str) -> None:
    overview, queue, compare, week = WORDS[lang]
    page = opened(browser, shared, lang, java_script_enabled=False)
    page.get_by_role("link", name=overview, exact=True).click(timeout=60_000)
    page.get_by_role("link", name=week, exact=True).click(timeout=60_000)
    figure = page.locator("#glance a[href*='/metrics/sensitive_word_rate']").first
    value = figure.inner_text()
    figure.click()
    assert page.locator(".headline .value").inner_text() == value
    page.locator("[aria-labelledby=groups]").get_by_role("link", name=queue, exact=True).click()
    page.locator("[aria-labelledby=two]").get_by_role("button", name=compare).click()
    assert page.locator(".side").count() == 2
    page.locator("input[name=against_from]").fill("2025-06-02")
    page.locator("input[name=against_to]").fill("2025-06-03")
    page.locator("[aria-labelledby=why]").get_by_role("button", name=compare).click()
    assert "against_from=2025-06-02&against_to=2025-06-03" in page.url
    assert page.locator(".headline").inner_text().count("2025-06-02 – 2025-06-03") == 1
    page.locator(".headline .button").click()
    page.locator("td.id a").first.click()
    assert page.locator("mark").count() > 0
    page.context.close()


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_serious_on_the_new_pages(shared: Served, browser: Browser, look: str, lang: str) -> None:
    page = opened(browser, shared, lang, bypass_csp=True, **LOOKS[look])  # axe is a script that the policy forbids
    page.set_default_timeout(60_000)
    for path in PATHS:
        page.goto(path)
        found = Axe().run(page).response["violations"]
        told = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
        assert told == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    page.context.close()


def test_the_policy_of_the_pages_lets_the_drawings_look_as_they_should(shared: Served, browser: Browser) -> None:
    page = opened(browser, shared, "zh")
    page.set_default_timeout(60_000)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    for path in PATHS:
        page.goto(path)
    page.goto(PATHS[0])
    line = page.locator("#glance svg path[stroke]").first
    accent = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()")
    assert line.evaluate("one => getComputedStyle(one).stroke") != "none"
    assert accent.startswith("#")
    box = page.locator("#glance svg").first.bounding_box()
    assert box is not None
    assert box["width"] > 200
    assert said == []
    assert all(url.startswith(shared.url) for url in asked)
    page.context.close()
