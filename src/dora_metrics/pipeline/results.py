"""`calculate`, `report` and `explain`: the numbers, the page, and why."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Optional

from dora_metrics.config import PROFILES
from dora_metrics.domain.measurements import Results
from dora_metrics.errors import StorageError
from dora_metrics.pipeline.derive import derive
from dora_metrics.pipeline.explanations import explain_what
from dora_metrics.pipeline.numbers import Frames, read_frames, results_of
from dora_metrics.pipeline.selection import derived_at
from dora_metrics.pipeline.standing import note_report
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.storage_manager import StorageManager

logger = logging.getLogger("dora_metrics.pipeline")
NAMES = {
    "html": "dora-report.html",
    "markdown": "dora-report.md",
    "comment": "dora-comment.md",
    "json": "dora-report.json",
}
"""The file of each form of the report."""


@dataclass(frozen=True)
class ReportFile:
    """A report that was written."""

    where: str
    """How people call its place."""
    path: Optional[Path]
    """`None` when it is in a bucket."""
    sentence: str
    """What to tell the person."""


def calculate(workspace: Workspace, *, since: Optional[datetime] = None, until: Optional[datetime] = None) -> Results:
    """The five metrics for the period length, timezone and levels of the settings; nothing is written."""
    return results_of(workspace, read_frames(workspace), since=since, until=until)


def compare_profiles(
    workspace: Workspace, *, since: Optional[datetime] = None, until: Optional[datetime] = None
) -> list[Results]:
    """The same data by our own definitions, then by those of each other tool; nothing is written."""
    frames = read_frames(workspace)
    return [results_of(workspace, frames, since=since, until=until, profile=profile) for profile in PROFILES]


def report_text(workspace: Workspace, frames: Optional[Frames] = None, *, format: str = "html") -> str:  # noqa: A002 (the option's name)
    """The report itself; nothing is written, so it can be read where nothing may be."""
    frames = frames or read_frames(workspace)
    results = results_of(workspace, frames)
    return _page(workspace, frames, results) if format == "html" else _in_words(results, format)


def report(workspace: Workspace, *, format: str = "html", output: Optional[Path] = None) -> ReportFile:  # noqa: A002 (the option's name)
    """Write the report into `reports/` of the data folder, or to `output`; whole or not at all."""
    frames = read_frames(workspace)
    text = report_text(workspace, frames, format=format)
    storage, name = workspace.storage(), f"reports/{NAMES[format]}"
    if output is not None:
        if output.is_dir():
            message = f"{output} is a folder"
            raise StorageError(message, remedy="name a file with --output")
        storage, name = StorageManager(root=output.parent), output.name
    storage.write(name, text.encode())
    if output is None:
        note_report(workspace, frames.record)
    where = storage.where(name)
    in_bucket = storage.versioned is not None
    return ReportFile(where, None if in_bucket else Path(where), f"Wrote {where}")


def _page(workspace: Workspace, frames: Frames, results: Results) -> str:
    from dora_metrics.pipeline.page import page_of  # noqa: PLC0415 (only for this form)

    return page_of(workspace, frames, results)


def _in_words(results: Results, form: str) -> str:
    """The report in a form that is no page: `markdown`, `comment` or `json`."""
    if form == "json":
        from dora_metrics.report.results_json import results_json  # noqa: PLC0415 (only in this form)

        return results_json(results)
    from dora_metrics.report.results_summary import comment_markdown, summary_markdown  # noqa: PLC0415 (in these forms)

    return comment_markdown(results) if form == "comment" else summary_markdown(results)


def explain(workspace: Workspace, what: str, *, format: str = "text") -> str:  # noqa: A002 (the option's name)
    """Why a number is what it is: of a period, a deployment, a pull request or a commit.

    Raises `ConfigurationError` when `what` names none of them.
    """
    profile = workspace.settings.metrics.profile
    if profile != PROFILES[0]:
        logger.warning("explained by dora-metrics' own definitions, not by those of the profile %s", profile)
    derived = derived_at(workspace, derive(workspace, workspace.manager()))
    return explain_what(workspace, derived, what, format)
