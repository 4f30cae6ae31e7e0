"""`auth`: the token in the system's credential store. It is typed or piped in, never an argument."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import click

from dora_metrics.cli_command import DoraCommand
from dora_metrics.cli_output import emit

if TYPE_CHECKING:
    from dora_metrics.cli_run import Run

SECTIONS = ("github",)
logger = logging.getLogger("dora_metrics.cli")


@click.group("auth", invoke_without_command=True)
@click.pass_context
def auth(context: click.Context) -> None:
    """Keep the token for GitHub in the system's credential store.

    Places are asked in this order: GITHUB_TOKEN, GH_TOKEN, the credential store, gh auth token.
    """
    if context.invoked_subcommand is None:
        emit(context.get_help())


@auth.command("set", cls=DoraCommand, sections=SECTIONS)
@click.pass_obj
def set_(run: Run) -> None:
    """Store a token: typed without being shown, or read from standard input."""
    from dora_metrics.extractors.github_token import store_token

    token = read_token()
    run.app.redactor.learn([token])
    store = store_token(run.settings.github.graphql_url, token)
    run.say([f"The token for {_host(run)} is in {store}."])
    _warn_of_variables(run)


@auth.command("remove", cls=DoraCommand, sections=SECTIONS)
@click.pass_obj
def remove(run: Run) -> None:
    """Take the token out of the store again."""
    from dora_metrics.extractors.github_token import remove_token

    store = remove_token(run.settings.github.graphql_url)
    run.say([f"The token for {_host(run)} is no longer in {store}." if store else f"There was none for {_host(run)}."])


@auth.command("status", cls=DoraCommand, sections=SECTIONS)
@click.pass_obj
def status(run: Run) -> None:
    """Say where the token comes from that a run would use; exit code 3 when there is none."""
    from dora_metrics.extractors.github_token import require_token

    token = require_token(run.app.environ, run.settings.github.graphql_url)
    run.app.redactor.learn([token.value])
    emit(f"The token for {_host(run)} comes from {token.source}.")


def read_token() -> str:
    """The token from the terminal, where it is not shown, or the whole of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Token", hide_input=True, err=True))
    return sys.stdin.read()


def _host(run: Run) -> str:
    from dora_metrics.extractors.github_address import api_host

    return api_host(run.settings.github.graphql_url)


def _warn_of_variables(run: Run) -> None:
    from dora_metrics.extractors.github_token import VARIABLES

    for name in VARIABLES:
        if run.app.environ.get(name):
            logger.warning("%s is set too, and comes before the credential store", name)
