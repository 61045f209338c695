"""The documents say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs_blocks import READMES, ROOT, blocks, with_blocks
from docs_pictures import PICTURES, SUFFIX, terminal

DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


@pytest.mark.parametrize("name", READMES)
def test_the_readme_shows_what_the_program_prints(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == with_blocks(text, blocks(READMES[name])), "run: .venv/bin/python tests/docs_blocks.py"


@pytest.mark.parametrize("name", READMES)
def test_the_picture_of_the_terminal_is_what_the_program_prints(name: str) -> None:
    path = PICTURES / f"terminal{SUFFIX[READMES[name]]}.svg"
    assert path.read_text(encoding="utf-8") == terminal(READMES[name]), "run: make pictures"


def test_pictures_are_small_and_need_no_network() -> None:
    pictures = sorted(PICTURES.iterdir())
    assert len(pictures) == 6
    for path in pictures:
        assert path.stat().st_size < 300_000, path.name
        if path.suffix == ".svg":
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "://" not in text
            assert "url(" not in text
            assert "href" not in text


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in (*re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text), *re.findall(r'<img src="([^"]+)"', text)):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_laws_name_tests_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|benchmarks)/[\w/.]+)", text)
    assert named
    for name in named:
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("module", ["hookspecs", "metric", "columns", "context", "plugin"])
def test_modules_named_in_the_architecture_exist(module: str) -> None:
    assert f"kefu.{module}" in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert (ROOT / "core" / "kefu" / f"{module}.py").exists()
