"""Settings: a TOML file, overridden by the environment (``KEFU_TIMEZONE``, ``KEFU_THRESHOLDS__RETURN_HOURS`` …)."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from kefu.context import Thresholds
from kefu.errors import ConfigError


class WordLists(BaseModel):
    """Where the words of one subject come from.

    ``extra`` adds files or folders to the product's lists; ``replace`` puts files in the place of those of the same
    name; ``only`` puts files or folders in the place of all of them.
    """

    model_config = ConfigDict(extra="forbid")
    extra: tuple[Path, ...] = ()
    replace: tuple[Path, ...] = ()
    only: tuple[Path, ...] = ()


class Settings(BaseSettings):
    """Everything that can be set; the defaults are the contract's."""

    model_config = SettingsConfigDict(
        env_prefix="KEFU_", env_nested_delimiter="__", env_ignore_empty=True, extra="forbid"
    )

    timezone: str = Field(default="Asia/Shanghai", description="business time zone: naive times and local dates")
    language: Literal["zh", "en"] = Field(default="zh", description="of what people read")
    encoding: str | None = Field(default=None, description="of text files; detected where it is not told")
    plugins_dir: Path | None = Field(default=None, description="folder of single-file plugins")
    paths: dict[str, str] = Field(default={}, description="file, folder or glob of a table, by its name")
    lexicons: dict[str, WordLists] = Field(default={}, description="word lists, by subject")
    dictionaries: tuple[Path, ...] = Field(default=(), description="files with further words for the tokenizer")
    store: str = Field(default="kefu.db", description="file or URL of the store; none for no store")
    lookback: int = Field(default=3, ge=0, description="days before a night's date that late data may still change")
    thresholds: Thresholds = Field(default=Thresholds(), description="numbers that definitions depend on")
    plugin: dict[str, dict[str, Any]] = Field(default={}, description="each plugin's own options, by its name")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is no time zone of the tz database, such as Asia/Shanghai") from error
        return name

    @field_validator("thresholds")
    @classmethod
    def _not_negative(cls, limits: Thresholds) -> Thresholds:
        for name, value in asdict(limits).items():
            if not value >= 0:  # which is true of no number at all, too
                raise ValueError(f"{name} must not be negative")
        return limits


def load_settings(path: Path | None = None, **told: object) -> Settings:
    """Read settings: what is told here wins over the environment, that over the file, that over the defaults.

    :raises ConfigError: the file is not there or not TOML, a name is unknown or a value does not fit.
    """

    class Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            file = () if path is None else (TomlConfigSettingsSource(settings_cls, toml_file=path),)
            return (init_settings, env_settings, *file)

    if path is not None and not path.is_file():
        raise ConfigError(f"{path} is no file: give the path of a TOML file to --config")
    try:
        return Loaded(**{name: value for name, value in told.items() if value is not None})  # type: ignore[arg-type]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    except SettingsError as error:
        raise ConfigError(f"a variable KEFU_… of the environment is no JSON: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"setting {place!r}: {first['msg']} (found {first['input']!r})") from error
