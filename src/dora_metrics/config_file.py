"""dora-metrics.toml: finding it, reading it, checking every key, and naming file, line and key of what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional

from dora_metrics.config_kinds import WrongValueError
from dora_metrics.config_table import SECTIONS, SETTINGS, Setting, settings_of
from dora_metrics.config_toml import BrokenTomlError, line_of, read_toml
from dora_metrics.errors import ConfigurationError
from dora_metrics.spelling import closest, did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "dora-metrics.toml"
LONGEST_VALUE = 60
Values = Mapping[str, object]


@dataclass(frozen=True)
class FileValues:
    """What one file says, checked; what it does not mention is not in here."""

    repositories: tuple[Values, ...] = ({},)
    """By key, one a `[repository]`; a single empty one when the file has none."""
    sections: Mapping[str, Values] = field(default_factory=dict)
    """By section and key, without the repositories."""


def find_file(folder: Path) -> Optional[Path]:
    """The nearest dora-metrics.toml in `folder` and above; `None` when there is none."""
    for place in (folder, *folder.parents):
        if (place / FILE_NAME).is_file():
            return place / FILE_NAME
    return None


def read_file(path: Path, shown_as: str) -> FileValues:
    """The checked values of a file; messages call it `shown_as`. Raises `ConfigurationError`."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"{shown_as} cannot be read ({error.strerror})"
        raise ConfigurationError(message, remedy="name a readable file with --config") from error
    except UnicodeDecodeError as error:
        message = f"{shown_as} is not UTF-8 (byte {error.start})"
        raise ConfigurationError(message, remedy="save it as UTF-8") from error
    return parse_file(text, shown_as)


def parse_file(text: str, shown_as: str) -> FileValues:
    """The checked values of a file's text. Raises `ConfigurationError` for the first thing that is wrong."""
    try:
        tables = read_toml(text)
    except BrokenTomlError as error:
        what = f" in {error.key}" if error.key else ""
        message = f"{shown_as}:{error.line}: not valid TOML{what}: {error.message}"
        raise ConfigurationError(message, remedy="correct this line") from error
    reader = _Reader(text, shown_as)
    return FileValues(
        repositories=tuple(reader.repositories(tables.pop("repository", {}))),
        sections={section: reader.section(section, table) for section, table in tables.items()},
    )


def shown(value: object) -> str:
    """`value` as the file would write it, cut to 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


@dataclass(frozen=True)
class _Reader:
    text: str
    shown_as: str

    def repositories(self, tables: Any) -> Iterator[Values]:
        for number, table in enumerate(tables if isinstance(tables, list) and tables else [tables]):
            yield self.section("repository", table, number)

    def section(self, section: str, table: Any, number: int = 0) -> Values:
        if section not in SECTIONS:
            raise self._unknown_section(section)
        if not isinstance(table, Mapping):
            message = f"{self._at(section)}{section} is not a section"
            raise ConfigurationError(message, remedy=f"write [{section}], and its keys on the lines below")
        settings = {setting.key: setting for setting in settings_of(section)}
        for key in table:
            if key not in settings:
                raise self._unknown_key(section, key, number)
        return {key: self._value(settings[key], value, number) for key, value in table.items()}

    def _value(self, setting: Setting, value: object, number: int) -> object:
        try:
            return setting.kind.check(value)
        except WrongValueError as error:
            place = f"{self._at(setting.section, setting.key, number)}[{setting.section}] {setting.key}"
            what = f" = {shown(value)}" if error.show else ""
            message = f"{place}{what} {error.fault}"
            raise ConfigurationError(message, remedy=error.remedy) from error

    def _unknown_section(self, section: str) -> ConfigurationError:
        homes = [setting.section for setting in SETTINGS if setting.key == section]
        if homes:
            message = f"{self._at(section)}{section} stands outside of its section"
            return ConfigurationError(message, remedy=f"put it below [{homes[0]}]")
        message = f"{self._at(section)}[{section}] is no section"
        usual = f"the sections are {', '.join(SECTIONS)}"
        return ConfigurationError(message, remedy=did_you_mean(section, SECTIONS, otherwise=usual))

    def _unknown_key(self, section: str, key: str, number: int) -> ConfigurationError:
        message = f"{self._at(section, key, number)}[{section}] has no key {key}"
        homes = [setting.section for setting in SETTINGS if setting.key == key]
        if homes:
            return ConfigurationError(message, remedy=f"put it below [{homes[0]}]")
        keys = [setting.key for setting in settings_of(section)]
        return ConfigurationError(message, remedy=did_you_mean(key, keys, otherwise=_home_of(key, keys)))

    def _at(self, section: str, key: str = "", number: int = 0) -> str:
        line = line_of(self.text, section, key, number)
        return f"{self.shown_as}:{line}: " if line else f"{self.shown_as}: "


def _home_of(key: str, keys: list[str]) -> str:
    near = closest(key, (setting.key for setting in SETTINGS))
    homes = [setting.section for setting in SETTINGS if setting.key == near]
    return f"did you mean {near}? It belongs below [{homes[0]}]" if homes else f"its keys are {', '.join(keys)}"
