"""What the tests of the pages share: a store with a week of sessions, served."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Served, serving

from kefu.web.people import Person, Tokens, read_tokens

SAMPLE = Path(__file__).parents[2] / "sample_sessions"
EDITOR, READER = "editor-token-0123456789abcdef", "reader-token-0123456789abcdef"


def run_into(store: Path, data: Path) -> None:
    """Run kefu over a folder into a store."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    command = [sys.executable, "-m", "kefu", "run", str(data), "--store", str(store)]
    subprocess.run(command, check=True, capture_output=True, env=env)


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the store of the sample's week."""
    store = tmp_path_factory.mktemp("week") / "kefu.db"
    run_into(store, SAMPLE)
    return store


@pytest.fixture(scope="module")
def shared(week: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The pages of the sample's week, for tests of a module that change nothing."""
    with serving(week, tmp_path_factory.mktemp("shared")) as found:
        yield found


@pytest.fixture
def served(week: Path, tmp_path: Path) -> Iterator[Served]:
    """The pages of the sample's week, without tokens."""
    with serving(week, tmp_path) as found:
        yield found


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    """The tokens of an editor and a reader."""
    path = tmp_path / "tokens"
    path.write_text(f"# who comes\n李雷 editor {EDITOR}\n韩梅 reader {READER}\n", encoding="utf-8")
    path.chmod(0o600)
    found = read_tokens(path)
    assert found.person(EDITOR) == Person("李雷", "editor")
    return found


@pytest.fixture
def guarded(week: Path, tmp_path: Path, tokens: Tokens) -> Iterator[Served]:
    """The pages of the sample's week, for who has a token."""
    folder = tmp_path / "guarded"
    folder.mkdir()
    with serving(week, folder, tokens) as found:
        yield found


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker is for."""
    config.addinivalue_line("markers", "browser: needs Chromium, by KEFU_TEST_CHROMIUM or on the path")
