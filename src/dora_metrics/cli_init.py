"""`init` talks to a person: it asks about the proposal, and writes the file next to them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from dora_metrics.cli_output import write_whole
from dora_metrics.config_kinds import Flag
from dora_metrics.config_sources import override
from dora_metrics.config_table import SETTINGS, Setting, value_in
from dora_metrics.config_writing import render
from dora_metrics.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dora_metrics.config import Settings
    from dora_metrics.domain.questions import Question


def refuse_to_overwrite(path: Path, *, force: bool) -> None:
    """Raise `ConfigurationError` when the file is there already and nobody said to replace it."""
    if path.exists() and not force:
        message = f"{path} is there already"
        raise ConfigurationError(message, remedy="edit it, or replace it with --force")


def can_ask() -> bool:
    """Whether a person is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(questions: Iterable[Question], settings: Settings, folder: Path) -> Settings:
    """`settings` with the answers; a wrong answer is explained and asked for again."""
    for question in questions:
        setting = next(row for row in SETTINGS if row.name == question.setting)
        settings = _ask_one(question, setting, settings, folder)
    return settings


def agreed(path: Path) -> bool:
    """Whether the person wants the file to be written."""
    return click.confirm(f"Write {path.name}?", default=True, err=True)


def write_settings(path: Path, settings: Settings, *, force: bool) -> None:
    """Write the file whole. Raises `StorageError`, also when somebody else made it meanwhile."""
    write_whole(path, render(settings), replace=force)


def _ask_one(question: Question, setting: Setting, settings: Settings, folder: Path) -> Settings:
    value = value_in(settings, setting)
    while True:
        answer: object
        if isinstance(setting.kind, Flag):
            answer = click.confirm(question.text, default=bool(value), err=True)
        else:
            shown = ", ".join(value) if isinstance(value, tuple) else str(value)
            answer = click.prompt(question.text, default=shown, err=True)
        try:
            return override(settings, cwd=folder, root=folder, environ={}, options={setting.name: answer})
        except ConfigurationError as error:
            click.echo(error.line(), err=True)
