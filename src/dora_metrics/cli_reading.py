"""The commands that only read: numbers, reports, reasons, the state and the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

import click

from dora_metrics.cli_command import DoraCommand
from dora_metrics.cli_options import ANALYSIS, STORE, OneOf, format_option, own, repository_option, service_option
from dora_metrics.cli_output import STANDARD_OUTPUT, emit, write_or_emit

if TYPE_CHECKING:
    from dora_metrics.cli_run import Run

PERSON_NEEDED = 10
since_option = own("--since", env="DORA_SINCE", metavar="TIME", help="From this time or date on.")
until_option = own("--until", env="DORA_UNTIL", metavar="TIME", help="Before this time or date.")


@click.command("calculate", cls=DoraCommand, sections=ANALYSIS)
@since_option
@until_option
@repository_option
@service_option
@own("--by", env="DORA_BY", type=OneOf(("service", "repository")), help="One block each, then all of it pooled.")
@own(
    "--compare-profiles",
    "compare",
    env="DORA_COMPARE_PROFILES",
    is_flag=True,
    help="The same data by each tool's definitions, and why they differ; with --period for every period.",
)
@format_option("table", "json", "csv", "markdown", env="DORA_CALCULATE_FORMAT", help="How to write the numbers.")
@own("--output", env="DORA_CALCULATE_OUTPUT", metavar="PATH", default="", help="A file instead of the terminal.")
@click.pass_obj
def calculate(run: Run, /, *, output: str, **asked: Any) -> None:
    """Show the five metrics, period by period; all repositories and services pooled, unless told otherwise."""
    from dora_metrics.cli_numbers import numbers

    write_or_emit(numbers(run, **asked), output if output in {"", STANDARD_OUTPUT} else str(run.folder / output))


@click.command("report", cls=DoraCommand, sections=ANALYSIS)
@format_option(
    "html",
    "markdown",
    "comment",
    "json",
    env="DORA_REPORT_FORMAT",
    help="A page, Markdown for a job summary, a short comment for a pull request, or JSON.",
)
@own("--output", env="DORA_REPORT_OUTPUT", metavar="PATH", help="Write here instead of the data folder; - prints it.")
@own("--open", "open_", env="DORA_OPEN", is_flag=True, help="Open it in the browser.")
@repository_option
@service_option
@click.pass_obj
def report(run: Run, *, format_: str, output: Optional[str], open_: bool, repository: str, service: str) -> None:
    """Write the report as one file."""
    from dora_metrics.pipeline.results import report as run_report
    from dora_metrics.pipeline.results import report_text

    workspace = run.workspace(repository=repository, service=service)
    if output == STANDARD_OUTPUT:
        emit(report_text(workspace, format=format_))
        return
    written = run_report(workspace, format=format_, output=run.path(output))
    run.say([written.sentence])
    if open_:
        run.open(written.path, written.where)


@click.command("status", cls=DoraCommand, sections=ANALYSIS)
@own("--check", env="DORA_CHECK", is_flag=True, help=f"Exit with {PERSON_NEEDED} when a person is needed.")
@format_option("text", "json", env="DORA_STATUS_FORMAT")
@click.pass_obj
def status(run: Run, format_: str, *, check: bool) -> int:
    """Show where the data stand, how fresh they are, what to do next."""
    from dora_metrics.pipeline.status import status as run_status

    found = run_status(run.workspace())
    emit(found.as_json if format_ == "json" else found.text)
    return PERSON_NEEDED if check and found.needs_person else 0


@click.command("explain", cls=DoraCommand, sections=ANALYSIS)
@click.argument("what")
@format_option("text", "json", "markdown", env="DORA_EXPLAIN_FORMAT")
@repository_option
@service_option
@click.pass_obj
def explain(run: Run, what: str, *, format_: str, repository: str, service: str) -> None:
    """Say why a number is what it is: WHAT is a period (2025-Q1), a tag, a pull request ("#123") or a commit."""
    from dora_metrics.pipeline.results import explain as run_explain

    emit(run_explain(run.workspace(repository=repository, service=service), what, format=format_))


@click.command("log", cls=DoraCommand, sections=STORE)
@format_option("text", "json", env="DORA_HISTORY_FORMAT")
@own("--limit", env="DORA_HISTORY_LIMIT", metavar="NUMBER", type=click.IntRange(1), help="Only the newest so many.")
@click.pass_obj
def log(run: Run, format_: str, limit: Optional[int]) -> None:
    """Show every modification ever made: who, when, by which command, how much."""
    from dora_metrics.pipeline.history import log_lines

    emit(log_lines(run.workspace(), format=format_, newest=limit))


@click.command("verify", cls=DoraCommand, sections=STORE)
@own(
    "--expect",
    env="DORA_EXPECT",
    metavar="NUMBER:HASH",
    default="",
    help="A state that an earlier run told at its end: it must still be part of the history.",
)
@click.pass_obj
def verify(run: Run, expect: str) -> None:
    """Check the chain of modifications and every stored file; exit code 9 when anything is not as it was written."""
    from dora_metrics.pipeline.history import verify as run_verify

    emit(run_verify(run.workspace(), expect=expect))
