"""``kefu lexicon check``: what it prints and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import kefu


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    path = tmp_path / "ours.txt"
    path.write_text("滚\n烦死了\n", encoding="utf-8")
    return path


def test_findings_are_said_and_end_with_1(ours: Path) -> None:
    done = kefu("lexicon", "check", ours, "--format", "json")
    assert done.code == 1
    assert done.document["words"] == 2
    assert [(one["kind"], one["place"]) for one in done.document["findings"]] == [
        ("single", "lexicon 'ours.txt', line 1")
    ]
    assert done.document["findings"][0]["what"].keys() == {"zh", "en"}
    assert "滚" in kefu("lexicon", "check", ours).out
    assert kefu("lexicon", "check", ours, "--format", "csv").out.startswith("kind,word,category,place,what,")


@pytest.mark.parametrize("form", ["table", "csv"])
def test_findings_are_said_in_the_language_that_was_chosen(ours: Path, form: str) -> None:
    said = {lang: kefu("lexicon", "check", ours, "--format", form, "--lang", lang).out for lang in ("zh", "en")}
    assert ("单个字" in said["zh"], "a single" in said["zh"]) == (True, False)
    assert ("单个字" in said["en"], "a single" in said["en"]) == (False, True)


def test_nothing_odd_ends_with_0(ours: Path) -> None:
    ours.write_text("烦死了\n", encoding="utf-8")
    assert kefu("lexicon", "check", ours).code == 0


def test_a_sample_is_a_folder_or_a_file_with_a_message_a_line(ours: Path, shop: Path, tmp_path: Path) -> None:
    lines = tmp_path / "talk.txt"
    lines.write_text("真烦死了\n\n烦死了啊\n您好\n", encoding="utf-8")
    found = kefu("lexicon", "check", ours, "--sample", lines, "--format", "json").document
    assert found["messages"] == 3
    assert [(one["kind"], one["messages"]) for one in found["findings"]] == [("single", None), ("common", 2)]
    roles = [
        kefu("lexicon", "check", ours, "--sample", shop, "--role", role, "--format", "json")
        for role in ("agent", "customer")
    ]
    assert all(done.document["messages"] > 0 for done in roles)


@pytest.mark.parametrize("subject", ["sensitive", "opinion"])
def test_the_lists_of_the_product_repeat_and_hide_nothing(subject: str) -> None:
    found = kefu("lexicon", "check", "--subject", subject, "--format", "json").document["findings"]
    assert [one for one in found if one["kind"] in ("duplicate", "hidden")] == []


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("nowhere.txt",), 2, "cannot be read"),
        (("--subject", "weather"), 2, "no word lists on 'weather'"),
        (("--sample", "nowhere"), 3, "nowhere"),
    ],
)
def test_a_mistake_is_a_sentence(arguments: tuple[str, ...], code: int, why: str) -> None:
    done = kefu("lexicon", "check", *arguments)
    assert (done.code, done.out) == (code, "")
    assert why in done.err


def test_a_broken_line_is_named(ours: Path) -> None:
    ours.write_text("烦死了\n滚蛋\t7\n", encoding="utf-8")
    done = kefu("lexicon", "check", ours)
    assert (done.code, done.out) == (2, "")
    assert "lexicon 'ours.txt', line 2: severity '7' is none of 1, 2, 3" in done.err
