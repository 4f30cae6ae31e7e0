"""`import` as a command: which of its ways is meant, and what it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

import click

from dora_metrics.cli_command import DoraCommand
from dora_metrics.cli_options import IMPORT, as_of_option, format_option, own
from dora_metrics.cli_output import emit
from dora_metrics.errors import ConfigurationError

if TYPE_CHECKING:
    from dora_metrics.cli_run import Run
    from dora_metrics.pipeline.review_import import ImportSummary


@click.command("import", cls=DoraCommand, sections=IMPORT)
@click.argument("file", required=False)
@own("--dry-run", env="DORA_DRY_RUN", is_flag=True, help="Show what would change, change nothing.")
@own("--undo", env="DORA_UNDO", is_flag=True, help="Take the last import back, instead of reading a file.")
@own("--skip-unknown", env="DORA_SKIP_UNKNOWN", is_flag=True, help="Leave out rows that were never extracted.")
@format_option("text", "json", env="DORA_IMPORT_FORMAT", help="How to write what changes, or every problem.")
@as_of_option
@click.pass_obj
def import_(
    run: Run,
    file: Optional[str],
    format_: str,
    *,
    dry_run: bool,
    undo: bool,
    skip_unknown: bool,
    as_of: Optional[str],
) -> None:
    """Take the decisions in FILE, a filled-in review file (csv, xlsx, ods; - is standard input): all or none."""
    take_or_undo(run, file, as_of, format_, dry_run=dry_run, undo=undo, skip_unknown=skip_unknown)


def take_or_undo(
    run: Run, file: Optional[str], as_of: Optional[str], format_: str, *, dry_run: bool, undo: bool, skip_unknown: bool
) -> None:
    """Import `file`, or take the last import back; as JSON a refusal lists every problem on standard output too."""
    from dora_metrics.pipeline.decision_diff import import_json
    from dora_metrics.storage.import_findings import ReviewRefusedError

    require_one_way(file, undo=undo)
    try:
        done = _done(run, file, as_of, dry_run=dry_run, skip_unknown=skip_unknown)
    except ReviewRefusedError as refused:
        if format_ == "json":
            emit(import_json(str(file), stored=False, problems=[vars(problem) for problem in refused.problems]))
        raise
    if format_ == "json":
        emit(done.as_json())
    else:
        run.tell(done)


def require_one_way(file: Optional[str], *, undo: bool) -> None:
    """Refuse (`ConfigurationError`) a file together with --undo, and neither of them."""
    if undo and file:
        message = f"--undo takes the last import back, whatever file it was; {file} is one too many"
        raise ConfigurationError(message, remedy="leave the file out, or leave --undo out")
    if not undo and not file:
        message = "import needs the file to read"
        raise ConfigurationError(message, remedy="name it, such as data/processed/pending_review.csv")


def _done(run: Run, file: Optional[str], as_of: Optional[str], *, dry_run: bool, skip_unknown: bool) -> ImportSummary:
    if file:
        from dora_metrics.pipeline.review_import import import_file

        workspace = run.workspace(as_of)
        return import_file(workspace, file, run.read(file), dry_run=dry_run, skip_unknown=skip_unknown)
    from dora_metrics.pipeline.review_undo import undo_import

    return undo_import(run.workspace(as_of), dry_run=dry_run)
