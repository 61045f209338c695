"""Settings: the documentation says what there is, and whatever is wrong is said in a sentence."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from kefu.config import Settings, WordLists, load_settings
from kefu.context import Thresholds
from kefu.errors import ConfigError

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"KEFU_{name.upper()}", raising=False)


def documented(heading: str) -> dict[str, str]:
    """Return the settings under a heading, each with its default as it is written."""
    (text,) = re.findall(rf"^{heading}$(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) ?\| \S.* \|$", text, re.MULTILINE))


def written(value: Any) -> str:  # noqa: ANN401
    """Return a default as the page writes it; what is empty is not written."""
    if isinstance(value, int | float):
        return str(value)
    return f"`{value}`" if isinstance(value, str) else ""


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


def test_every_setting_is_documented_with_its_default() -> None:
    settings = {name: field.default for name, field in Settings.model_fields.items()}
    assert documented("## Settings") == {name: written(value) for name, value in settings.items()}


def test_every_threshold_is_documented_with_its_default() -> None:
    assert documented("### Thresholds") == {name: written(value) for name, value in asdict(Thresholds()).items()}


def test_every_kind_of_word_list_is_documented() -> None:
    assert documented("### Word lists") == dict.fromkeys(WordLists.model_fields, "`[]`")


def test_the_example_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "kefu.toml"
    path.write_text(block("toml"), encoding="utf-8")
    settings = load_settings(path)
    told = tomllib.loads(block("toml"))
    assert settings.model_dump(mode="json", exclude_unset=True)["paths"] == told["paths"]
    assert settings.plugin == told["plugin"]
    assert settings.thresholds == Thresholds(opinion_alert_minutes=15, band_senior_most=10)
    assert settings.lexicons == {"sensitive": WordLists(extra=(Path("words/ours.txt"),))}
    assert settings.plugins_dir == Path("our_plugins")


def test_the_variables_of_the_example_are_read_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    for line in block("sh").splitlines():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value.strip("'"))
    settings = load_settings()
    assert settings.timezone == "Asia/Tokyo"
    assert settings.thresholds.return_hours == 48
    assert settings.paths == {"messages": "export/*.csv"}
    assert settings.lexicons == {"sensitive": WordLists(extra=(Path("words/ours.txt"),))}
    assert settings.plugin == {"courtesy": {"level": "strict"}}


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kefu.toml"
    path.write_text("language = 'en'\ntimezone = 'UTC'\n[thresholds]\nreturn_hours = 5\nband_new_most = 9", "utf-8")
    monkeypatch.setenv("KEFU_TIMEZONE", "Asia/Tokyo")
    monkeypatch.setenv("KEFU_THRESHOLDS__RETURN_HOURS", "48")
    settings = load_settings(path, language="zh")
    assert (settings.language, settings.timezone) == ("zh", "Asia/Tokyo")
    assert settings.thresholds == Thresholds(return_hours=48, band_new_most=9)


@pytest.mark.parametrize("name", ["KEFU_LANGUAGE", "KEFU_PLUGINS_DIR", "KEFU_THRESHOLDS"])
def test_an_empty_variable_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")
    assert load_settings().model_dump() == Settings().model_dump()


WRONG = {
    "a zone that there is not": ("timezone = 'Mars/Base'", "'Mars/Base' is no time zone"),
    "a path for a zone": ("timezone = '../../etc/passwd'", "is no time zone"),
    "a language that there is not": ("language = 'fr'", "'zh' or 'en'"),
    "a setting that there is not": ("speed = 3", "setting 'speed'"),
    "a threshold that there is not": ("[thresholds]\nreturn_days = 1", "setting 'thresholds.return_days'"),
    "a negative threshold": ("[thresholds]\nreturn_hours = -1", "return_hours must not be negative"),
    "a threshold that is no number": ("[thresholds]\nhotspot_adoption_floor = nan", "must not be negative"),
    "half a threshold": ("[thresholds]\nreturn_hours = 1.5", "setting 'thresholds.return_hours'"),
    "a list setting that there is not": ("[lexicons.sensitive]\nwords = []", "setting 'lexicons.sensitive.words'"),
    "a number for a section": ("thresholds = 3", "setting 'thresholds'"),
    "a number for a path": ("[paths]\nmessages = 1", "setting 'paths.messages'"),
    "no TOML": ("timezone =", "is not TOML"),
    "no text": ("\udcff\udcfe", "is not TOML"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_the_file_is_said_in_a_sentence(name: str, tmp_path: Path) -> None:
    text, why = WRONG[name]
    path = tmp_path / "kefu.toml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ConfigError, match=re.escape(why)):
        load_settings(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no file"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("KEFU_LANGUAGE", "fr", "setting 'language'"),
        ("KEFU_TIMEZONE", "Mars", "'Mars' is no time zone"),
        ("KEFU_THRESHOLDS", "30", "setting 'thresholds'"),
        ("KEFU_THRESHOLDS", "{", "of the environment is no JSON"),
        ("KEFU_THRESHOLDS__RETURN_HOURS", "a day", "setting 'thresholds.return_hours'"),
    ],
)
def test_what_is_wrong_in_the_environment_is_said_in_a_sentence(
    name: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=re.escape(why)):
        load_settings()
