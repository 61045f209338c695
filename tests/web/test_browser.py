"""A whole morning in a real browser: in both languages, without scripts, by keyboard alone, and what axe finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsers import Browser, opened_browser
from playwright.sync_api import Page
from serving import TODAY, Served

from kefu.queue.record import Filter

pytestmark = pytest.mark.browser
WORDS = {
    "zh": {
        "claim": "认领",
        "changed": "改了什么",
        "repair": "标记为已修复",
        "history": "经过",
        "queue": "修复队列",
        "dismiss": "搁置",
        "why": "为什么不修复",
        "note": "备注",
        "add": "添加备注",
        "go_on": "仍然继续：标记为已修复",
        "first": "有人先了一步",
        "metrics": "指标",
        "topics": "话题",
        "verified": "已验证",
        "search": "搜索",
        "show": "查看",
        "reply": "平均回复间隔时长",
        "queues": "队列",
        "sessions": "查看背后的明细",
        "overdue": "只看逾期",
        "done": "已标记为修复",
    },
    "en": {
        "claim": "Claim",
        "changed": "What was changed",
        "repair": "Mark as repaired",
        "history": "History",
        "dismiss": "Dismiss",
        "why": "Why it needs no repair",
        "note": "Note",
        "add": "Add the note",
        "go_on": "Go on all the same: Mark as repaired",
        "first": "Somebody was first",
        "metrics": "Metrics",
        "topics": "Topics",
        "verified": "Verified",
        "search": "Search",
        "show": "Show",
        "reply": "Reply interval",
        "queues": "Queue",
        "sessions": "See what is behind it",
        "overdue": "Overdue only",
        "done": "Marked as repaired",
        "queue": "Repair queue",
    },
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as found:
        yield found


def opened(browser: Browser, served: Served, lang: str, **options: Any) -> Page:  # noqa: ANN401 - whatever the browser takes
    page = browser.new_context(base_url=served.url, **options).new_page()
    page.set_default_timeout(20_000)
    page.goto(f"/queue?lang={lang}")
    return page


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_morning(served: Served, browser: Browser, lang: str, scripts: bool) -> None:  # noqa: FBT001
    words, page = WORDS[lang], opened(browser, served, lang, java_script_enabled=scripts)
    late = served.queue.find(Filter(overdue=True), TODAY)
    page.get_by_label(words["overdue"]).check()
    page.get_by_role("button", name=words["show"]).click()
    assert page.locator("tbody tr").count() == late.total
    worst = late.items[0]
    page.get_by_label(words["search"]).fill(worst.subject_id)
    page.get_by_role("button", name=words["show"]).click()
    page.get_by_role("link", name=worst.title).first.click()
    page.get_by_role("button", name=words["claim"], exact=True).click()
    page.locator("summary", has_text=words["note"]).click()
    page.get_by_role("textbox", name=words["note"], exact=True).fill("查过知识库")
    page.get_by_role("button", name=words["add"]).click()
    page.get_by_role("textbox", name=words["changed"]).fill("改写了答案")
    page.get_by_role("button", name=words["repair"]).click()
    assert words["done"] in page.get_by_role("status").inner_text()
    assert served.queue.item(worst.id).state == "repaired"
    page.get_by_role("link", name=words["verified"], exact=True).click()
    assert page.get_by_role("link", name=worst.title).count() == 1
    page.get_by_role("link", name=words["topics"], exact=True).click()
    assert page.get_by_role("heading", name=words["topics"], exact=True).count() == 1
    page.get_by_role("link", name=words["metrics"], exact=True).click()
    page.get_by_role("link", name=words["reply"], exact=True).click()
    page.locator("#groups").locator("..").get_by_role("link", name=words["queues"], exact=True).click()
    page.get_by_role("link", name=words["sessions"]).last.click()
    assert page.locator("tbody tr").count() > 0
    page.context.close()


def test_two_editors_at_one_item(served: Served, browser: Browser) -> None:
    words, page = WORDS["zh"], opened(browser, served, "zh")
    item = served.queue.find(Filter(), TODAY).items[0]
    page.goto(f"/queue/{item.id}")
    page.get_by_role("textbox", name=words["changed"]).fill("我改的\n第二行")
    served.queue.claim(item.id, 1, "李雷")
    page.get_by_role("button", name=words["repair"]).click()
    assert page.get_by_role("heading", name=words["first"]).count() == 1
    assert "李雷" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("textbox").input_value() == "我改的\n第二行"
    page.get_by_role("button", name=words["go_on"]).click()
    assert served.queue.item(item.id).change == "我改的\n第二行"
    assert served.queue.item(item.id).assignee == "王敏"
    page.context.close()


def test_many_items_at_once(served: Served, browser: Browser) -> None:
    page = opened(browser, served, "zh")
    chosen = served.queue.find(Filter(), TODAY).items[:3]
    for item in chosen:
        page.get_by_label(f"选择 {item.title}", exact=True).check()
    page.get_by_text("搁置选中的项目…").click()
    page.get_by_label("为什么不修复").fill("活动结束")
    page.get_by_role("button", name="搁置", exact=True).click()
    assert "已处理 3 项" in page.get_by_role("status").inner_text()
    assert {served.queue.item(item.id).state for item in chosen} == {"dismissed"}
    page.context.close()


def tab_to(page: Page, name: str, most: int = 120) -> None:
    """Press the tabulator until something of that name has the focus, and it can be seen that it has."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUSED)
        assert focus["outlined"], focus
        if focus["name"].strip() == name:
            return
    raise AssertionError(f"no way to {name} by keyboard")


FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const label = one.labels && one.labels.length ? one.labels[0].innerText : one.innerText;
  const outlined = style.outlineStyle !== 'none' || one.type === 'date';
  return {name: one.getAttribute('aria-label') || label || '', outlined};
}"""


def test_the_keyboard_is_enough(served: Served, browser: Browser) -> None:
    page = opened(browser, served, "zh")
    item = served.queue.find(Filter(), TODAY).items[0]
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["name"] == "跳到正文"
    page.keyboard.press("Enter")
    tab_to(page, item.title)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/queue/{item.id}")
    tab_to(page, "认领")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=claim")
    tab_to(page, "改了什么")
    page.keyboard.type("改写了答案")
    tab_to(page, "标记为已修复")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=repaired")
    assert served.queue.item(item.id).change == "改写了答案"
    tab_to(page, "备注")
    page.keyboard.press("Enter")
    tab_to(page, "备注")
    page.keyboard.type("明天看效果")
    tab_to(page, "添加备注")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=note")
    tab_to(page, "指标")
    page.keyboard.press("Enter")
    page.wait_for_url("**/metrics")
    page.context.close()


LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 375, "height": 700}},
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(served: Served, browser: Browser, look: str) -> None:
    item, other = served.queue.find(Filter(), TODAY).items[:2]
    served.queue.repaired(other.id, 1, "李雷", "好了")
    paths = (
        *("/queue", "/queue?state=all", f"/queue/{item.id}", f"/queue/{other.id}", "/topics", "/verified", "/you"),
        *("/metrics?period=week", "/metrics/reply_interval?by=queue", "/nothing"),
        "/metrics/sensitive_word_rate/sessions?period=week",
    )
    page = opened(browser, served, "zh", bypass_csp=True, **LOOKS[look])  # axe is a script that the policy forbids
    for path in paths:
        page.goto(path)
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    page.context.close()


def test_no_page_asks_anybody_else_for_anything(served: Served, browser: Browser) -> None:
    page = opened(browser, served, "en")
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for path in ("/queue", "/queue/1", "/topics", "/verified", "/metrics", "/metrics/reply_interval", "/you"):
        page.goto(path)
    assert asked
    assert all(url.startswith(served.url) for url in asked)
    assert said == []
    page.context.close()


def test_without_a_browser_it_says_what_is_lacking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KEFU_TEST_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="needs Chromium"), opened_browser():
        pass
