"""The report in a real browser: in both languages, light, dark, on a phone and on paper; and what axe finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsers import Browser, opened_browser
from playwright.sync_api import Page
from stored_reports import kefu

pytestmark = pytest.mark.browser
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}
DAY = ("--day", "2025-06-05")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as found:
        yield found


@pytest.fixture(scope="module")
def written(week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the report of a day, which has a period before it, in both languages."""
    folder = tmp_path_factory.mktemp("looks")
    for language in ("zh", "en"):
        done = kefu("report", *DAY, "--store", week, "--lang", language, "--out", folder / f"{language}.html")
        assert done.returncode == 0, done.stderr
    return folder


def opened(browser: Browser, path: Path, **options: Any) -> tuple[Page, list[str]]:  # noqa: ANN401
    """Open a report; return it with all that it asked for or complained about."""
    page = browser.new_context(**options).new_page()
    told: list[str] = []
    page.on("request", lambda request: told.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(path.as_uri())
    return page, told


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(
    browser: Browser, written: Path, language: str, look: str
) -> None:
    page, _ = opened(browser, written / f"{language}.html", bypass_csp=True, **LOOKS[look])
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_asks_nobody_for_anything_and_the_policy_lets_its_style_through(
    browser: Browser, written: Path, language: str
) -> None:
    path = written / f"{language}.html"
    page, told = opened(browser, path)
    assert told == [path.as_uri()]
    assert page.evaluate("getComputedStyle(document.querySelector('.figures')).display") == "grid"
    page.context.close()


def test_it_needs_no_script(browser: Browser, written: Path) -> None:
    page, _ = opened(browser, written / "zh.html", java_script_enabled=False)
    page.get_by_role("link", name="话术", exact=True).click()
    page.locator("summary").first.click()
    assert page.locator("details[open] tbody tr").count() > 1
    page.context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_of_a_chart_is_cut(browser: Browser, written: Path, language: str) -> None:
    page, _ = opened(browser, written / f"{language}.html")
    out = page.evaluate(
        """() => [...document.querySelectorAll('svg')].flatMap(svg => {
          const box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter(text => {
            const own = text.getBoundingClientRect();
            return own.left < box.left - 1 || own.right > box.right + 1 || own.bottom > box.bottom + 1;
          }).map(text => text.textContent);
        })"""
    )
    assert out == []
    page.context.close()


def test_charts_change_with_the_colours_of_the_page(browser: Browser, written: Path) -> None:
    colours = set()
    for look in ("light", "dark"):
        page, _ = opened(browser, written / "zh.html", **LOOKS[look])
        colours.add(page.evaluate("getComputedStyle(document.querySelector('svg path[stroke]')).stroke"))
        page.context.close()
    assert len(colours) == 2


def test_it_prints_on_a4(browser: Browser, written: Path) -> None:
    page, _ = opened(browser, written / "zh.html", color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 less its margins
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_hostile_data_runs_even_without_the_policy(
    browser: Browser, hostile: Path, language: str, tmp_path: Path
) -> None:
    path = tmp_path / "hostile.html"
    assert kefu("report", "--week", "2025-W23", "--store", hostile, "--lang", language, "--out", path).returncode == 0
    page, told = opened(browser, path, bypass_csp=True)
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    assert page.evaluate("window.kefuRan") is None
    assert told == [path.as_uri()]
    assert page.url == path.as_uri()
    page.context.close()
