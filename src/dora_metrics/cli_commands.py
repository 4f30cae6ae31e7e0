"""The commands: options → one call of the pipeline → one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

import click

from dora_metrics.cli_auth import auth
from dora_metrics.cli_command import DoraCommand
from dora_metrics.cli_import import import_
from dora_metrics.cli_options import (
    ANALYSIS,
    EVERY_SECTION,
    OneOf,
    as_of_option,
    own,
)
from dora_metrics.cli_output import emit
from dora_metrics.cli_reading import calculate, explain, log, report, since_option, status, until_option, verify

if TYPE_CHECKING:
    from dora_metrics.cli_run import Run

COMMANDS: dict[str, click.Command] = {}
"""Every command by its name."""
review_file_option = own(
    "--review-file",
    env="DORA_REVIEW_FILE",
    metavar="PATH",
    help="Write the review file here instead.",
)
review_rows_option = own(
    "--review-rows",
    env="DORA_REVIEW_ROWS",
    type=OneOf(("auto", "all", "attention")),
    default="auto",
    help="Which rows it has: all, or those that need a person; auto = all up to 5,000.",
)
allow_shallow_option = own(
    "--allow-shallow",
    env="DORA_ALLOW_SHALLOW",
    is_flag=True,
    help="Take a shallow clone; its lead times are incomplete.",
)
rebind_option = own(
    "--rebind", env="DORA_REBIND", is_flag=True, help="Accept that path or url now leads to another repository."
)


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command of that name."""

    def register(function: Callable[..., Any]) -> click.Command:
        COMMANDS[name] = click.command(name, cls=DoraCommand, **attributes)(function)
        return COMMANDS[name]

    return register


@command("init", sections=EVERY_SECTION, reads_file=False)
@click.argument("repo", metavar="[REPO]", default=".")
@own("--config", "target", env="DORA_CONFIG", metavar="PATH", help="Write this file instead of dora-metrics.toml here.")
@own("--yes", env="DORA_YES", is_flag=True, help="Ask nothing.")
@own("--force", env="DORA_FORCE", is_flag=True, help="Replace a file that is there already.")
@click.pass_obj
def init(run: Run, repo: str, target: Optional[str], *, yes: bool, force: bool) -> None:
    """Look at a repository, propose what counts as a deployment, write dora-metrics.toml.

    REPO is a path (default: the current folder), OWNER/NAME or a URL. Options for settings go into the file.
    """
    from dora_metrics.cli_init import propose_and_write

    propose_and_write(run, repo, target, yes=yes, force=force)


@command("extract", sections=EVERY_SECTION)
@own("--full", env="DORA_FULL", is_flag=True, help="From scratch.")
@since_option
@until_option
@own("--no-github", env="DORA_NO_GITHUB", is_flag=True, help="The clone alone, no network.")
@review_file_option
@review_rows_option
@allow_shallow_option
@rebind_option
@as_of_option
@click.pass_obj
def extract(
    run: Run,
    *,
    full: bool,
    since: Optional[str],
    until: Optional[str],
    no_github: bool,
    review_file: Optional[str],
    review_rows: str,
    allow_shallow: bool,
    rebind: bool,
    as_of: Optional[str],
) -> None:
    """Fetch what is missing, associate everything anew, write the review file.

    --since and --until limit what is asked of GitHub and the published periods, never the commits.
    """
    from dora_metrics.pipeline.extract import extract as run_extract

    start, end = run.window(since, until)
    summary = run_extract(
        run.workspace(as_of),
        full=full,
        since=start,
        until=end,
        github=not no_github,
        review_file=run.path(review_file),
        allow_shallow=allow_shallow,
        rebind=rebind,
        review_rows=review_rows,
    )
    run.tell(summary)


@command("update", sections=EVERY_SECTION)
@review_file_option
@review_rows_option
@allow_shallow_option
@rebind_option
@as_of_option
@click.pass_obj
def update(
    run: Run,
    *,
    review_file: Optional[str],
    review_rows: str,
    allow_shallow: bool,
    rebind: bool,
    as_of: Optional[str],
) -> None:
    """Fetch only what is new since the last run; safe from cron."""
    from dora_metrics.pipeline.extract import update as run_update

    summary = run_update(
        run.workspace(as_of),
        review_file=run.path(review_file),
        allow_shallow=allow_shallow,
        rebind=rebind,
        review_rows=review_rows,
    )
    run.tell(summary)


COMMANDS["import"] = import_


@command("review", sections=ANALYSIS)
@as_of_option
@click.pass_obj
def review(run: Run, as_of: Optional[str]) -> None:
    """Answer in the terminal what needs a person, one question at a time: y, n, skip, back, quit.

    The answers are taken when the last one is given, at q, and at Ctrl-C; the same decisions as in the review file.
    """
    from dora_metrics.cli_review import ask_through
    from dora_metrics.pipeline.review_session import open_review

    run.tell(ask_through(run, open_review(run.workspace(as_of))))


for _reading in (calculate, report, status, explain, log, verify):
    COMMANDS[str(_reading.name)] = _reading
COMMANDS["auth"] = auth


@command("demo", sections=())
@own("--output", env="DORA_DEMO_OUTPUT", metavar="DIR", default="dora-demo", help="The folder for the sample project.")
@own("--open/--no-open", "open_", env="DORA_DEMO_OPEN", default=None, help="Open the report; by default on a terminal.")
@as_of_option
@click.pass_obj
def demo(run: Run, output: str, *, open_: Optional[bool], as_of: Optional[str]) -> None:
    """Take a sample project through all the steps: no repository, no token, no network."""
    from dora_metrics.demo import run_demo

    made = run_demo(run.folder / output, run.time("--as-of", as_of), run.app.environ, run.progress)
    emit(made.text)
    if run.on_terminal if open_ is None else open_:
        run.open(made.report)
