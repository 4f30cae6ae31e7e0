"""`init` talks to a person: it asks about the proposal, and writes the file next to them."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Optional

import click

from dora_metrics.cli_call import PROGRAM
from dora_metrics.cli_output import emit, write_whole
from dora_metrics.config_file import FILE_NAME
from dora_metrics.config_kinds import Flag
from dora_metrics.config_sources import override
from dora_metrics.config_table import SETTINGS, Setting, value_in
from dora_metrics.config_writing import render
from dora_metrics.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dora_metrics.cli_run import Run
    from dora_metrics.config import Settings
    from dora_metrics.domain.questions import Question

logger = logging.getLogger("dora_metrics.cli")


def propose_and_write(run: Run, repo: str, target: Optional[str], *, yes: bool, force: bool) -> None:
    """Print what was found, ask where a person is there to answer, write the file."""
    from dora_metrics.pipeline.init import propose

    path = run.path(target) or run.folder / FILE_NAME
    refuse_to_overwrite(path, force=force)
    workspace = replace(run, loaded=replace(run.loaded, root=path.parent)).workspace()
    proposal = propose(repo, workspace)
    emit(proposal.summary)
    settings = override(proposal.settings, cwd=run.folder, root=path.parent, environ={}, options=run.options)
    if can_ask() and not yes:
        settings = ask(proposal.questions, settings, path.parent)
        if not agreed(path):
            return
    if settings.storage.type == "s3":
        from dora_metrics.pipeline.store_check import store_cautions

        for caution in store_cautions(replace(workspace, settings=settings)):
            logger.warning("%s", caution)
    write_whole(path, render(settings), replace=force)
    run.say([f"Wrote {path.name}. Next: {PROGRAM} extract --full"])


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
