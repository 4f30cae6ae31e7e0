"""The commands: options → one call of the pipeline → one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

import click

from dora_metrics.cli_auth import auth
from dora_metrics.cli_command import DoraCommand
from dora_metrics.cli_options import ANALYSIS, EVERY_SECTION, STORE, OneOf, own
from dora_metrics.cli_output import STANDARD_OUTPUT, emit, write_or_emit

if TYPE_CHECKING:
    from dora_metrics.cli_run import Run

PERSON_NEEDED = 10
COMMANDS: dict[str, click.Command] = {}
"""Every command by its name."""
as_of_option = own("--as-of", env="DORA_AS_OF", metavar="TIME", help="The time or date that counts as now.")
since_option = own("--since", env="DORA_SINCE", metavar="TIME", help="From this time or date on.")
until_option = own("--until", env="DORA_UNTIL", metavar="TIME", help="Before this time or date.")
review_file_option = own(
    "--review-file", env="DORA_REVIEW_FILE", metavar="PATH", help="Write pending_review.csv here instead."
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
    """Fetch what is missing, associate everything anew, write pending_review.csv.

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


@command("import", sections=ANALYSIS)
@click.argument("file")
@own("--dry-run", env="DORA_DRY_RUN", is_flag=True, help="Show what would change, change nothing.")
@as_of_option
@click.pass_obj
def import_(run: Run, file: str, *, dry_run: bool, as_of: Optional[str]) -> None:
    """Take the decisions in FILE (a filled-in pending_review.csv; - is standard input): all of them or none."""
    from dora_metrics.pipeline.review_import import import_file

    run.tell(import_file(run.workspace(as_of), file, run.read(file), dry_run=dry_run))


@command("calculate", sections=ANALYSIS)
@since_option
@until_option
@own(
    "--format",
    "format_",
    env="DORA_CALCULATE_FORMAT",
    type=OneOf(("table", "json", "csv", "markdown")),
    default="table",
    help="How to write the numbers.",
)
@own("--output", env="DORA_CALCULATE_OUTPUT", metavar="PATH", default="", help="A file instead of the terminal.")
@click.pass_obj
def calculate(run: Run, since: Optional[str], until: Optional[str], format_: str, output: str) -> None:
    """Show the five metrics, period by period."""
    from importlib import import_module

    from dora_metrics.pipeline.results import calculate as run_calculate

    start, end = run.window(since, until)
    results = run_calculate(run.workspace(), since=start, until=end)
    render = getattr(import_module(f"dora_metrics.report.results_{format_}"), f"results_{format_}")
    text: str = render(results)
    write_or_emit(text, output if output in {"", STANDARD_OUTPUT} else str(run.folder / output))


@command("report", sections=ANALYSIS)
@own(
    "--format",
    "format_",
    env="DORA_REPORT_FORMAT",
    type=OneOf(("html", "markdown", "comment", "json")),
    default="html",
    help="A page, Markdown for a job summary, a short comment for a pull request, or JSON.",
)
@own("--output", env="DORA_REPORT_OUTPUT", metavar="PATH", help="Write here instead of the data folder; - prints it.")
@own("--open", "open_", env="DORA_OPEN", is_flag=True, help="Open it in the browser.")
@click.pass_obj
def report(run: Run, format_: str, output: Optional[str], *, open_: bool) -> None:
    """Write the report as one file."""
    from dora_metrics.pipeline.results import report as run_report

    printed = output == STANDARD_OUTPUT
    written = run_report(run.workspace(), format=format_, output=None if printed else run.path(output))
    if printed:
        emit(written.text)
        return
    run.say([written.sentence])
    if open_ and written.path:
        run.open(written.path)


@command("status", sections=ANALYSIS)
@own("--check", env="DORA_CHECK", is_flag=True, help=f"Exit with {PERSON_NEEDED} when a person is needed.")
@own(
    "--format",
    "format_",
    env="DORA_STATUS_FORMAT",
    type=OneOf(("text", "json")),
    default="text",
    help="How to write it.",
)
@click.pass_obj
def status(run: Run, format_: str, *, check: bool) -> int:
    """Show where the data stand, how fresh they are, what to do next."""
    from dora_metrics.pipeline.status import status as run_status

    found = run_status(run.workspace())
    emit(found.as_json if format_ == "json" else found.text)
    return PERSON_NEEDED if check and found.needs_person else 0


@command("explain", sections=ANALYSIS)
@click.argument("what")
@own(
    "--format",
    "format_",
    env="DORA_EXPLAIN_FORMAT",
    type=OneOf(("text", "json", "markdown")),
    default="text",
    help="How to write it.",
)
@click.pass_obj
def explain(run: Run, what: str, format_: str) -> None:
    """Say why a number is what it is: WHAT is a period (2025-Q1), a tag, a pull request ("#123") or a commit."""
    from dora_metrics.pipeline.results import explain as run_explain

    emit(run_explain(run.workspace(), what, format=format_))


@command("log", sections=STORE)
@own(
    "--format",
    "format_",
    env="DORA_HISTORY_FORMAT",
    type=OneOf(("text", "json")),
    default="text",
    help="How to write it.",
)
@click.pass_obj
def log(run: Run, format_: str) -> None:
    """Show every modification ever made: who, when, by which command, how much."""
    from dora_metrics.pipeline.history import log_lines

    emit(log_lines(run.workspace(), format=format_))


@command("verify", sections=STORE)
@click.pass_obj
def verify(run: Run) -> None:
    """Check the chain of modifications and every stored file."""
    from dora_metrics.pipeline.history import verify as run_verify

    emit(run_verify(run.workspace()))


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
