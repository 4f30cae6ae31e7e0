"""dora-metrics.toml as text, with every key and what it means; reading it back gives the same settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dora_metrics.config import ServiceSettings
from dora_metrics.config_kinds import Choice, PeriodName
from dora_metrics.config_table import SECTIONS, settings_of, value_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dora_metrics.config import Settings
    from dora_metrics.config_kinds import Kind

PREFACE = """\
# Settings of dora-metrics. Each key is also an option (--tag-pattern) and an environment variable (DORA_TAG_PATTERN);
# `dora-metrics extract --help` lists them. An option wins over the environment, the environment over this file.
"""
COMMENT_COLUMN = 30
"""Comments start here, or after the value where that is longer."""
ESCAPES = {"\\": r"\\", '"': r"\"", "\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}
SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f]')


def render(settings: Settings) -> str:
    """The whole file: every section and key in the order of the table, each with its comment."""
    return "\n".join([PREFACE, *_sections(settings)])


def quoted(value: Any) -> str:
    """`value` as TOML writes it: text, number, truth, list or service."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, ServiceSettings):
        keys = {key: text for key, text in vars(value).items() if text}
        return "{" + ", ".join(f"{key} = {quoted(text)}" for key, text in keys.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(quoted(item) for item in value) + "]"
    return '"' + SPECIAL.sub(lambda found: ESCAPES.get(found[0], f"\\u{ord(found[0]):04x}"), str(value)) + '"'


def _sections(settings: Settings) -> Iterator[str]:
    several = len(settings.repositories) > 1
    for number in range(len(settings.repositories)):
        header = "[[repository]]" if several else "[repository]"
        comment = "" if several else "[[repository]] several times = several repositories in one data folder"
        yield _section(settings, "repository", header, comment or SECTIONS["repository"], number)
    for section, meaning in SECTIONS.items():
        if section != "repository":
            yield _section(settings, section, f"[{section}]", meaning)


def _section(settings: Settings, section: str, header: str, meaning: str, number: int = 0) -> str:
    lines = [_line(header, meaning)]
    for setting in settings_of(section):
        held = value_in(settings, setting, number)
        value = quoted(held)
        if held and isinstance(held, tuple) and setting.key == "services":
            lines += [_line("services = [", setting.explanation), *(f"  {quoted(one)}," for one in held), "]"]
            continue
        lines.append(_line(f"{setting.key} = {value}", f"{setting.explanation}{_choices(setting.kind)}"))
    return "\n".join(lines) + "\n"


def _choices(kind: Kind) -> str:
    return f": {kind.metavar.replace('|', ', ')}" if isinstance(kind, (Choice, PeriodName)) else ""


def _line(code: str, comment: str) -> str:
    return f"{code:<{COMMENT_COLUMN}} # {comment}"
