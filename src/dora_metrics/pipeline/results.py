"""`calculate`, `report` and `explain`: the numbers, the page, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Optional

from dora_metrics.domain.measurements import Results
from dora_metrics.errors import StorageError
from dora_metrics.pipeline.breakdown import results_at
from dora_metrics.pipeline.derive import derive
from dora_metrics.pipeline.explanations import explain_what
from dora_metrics.pipeline.numbers import Frames, read_frames
from dora_metrics.pipeline.page_facts import report_facts
from dora_metrics.pipeline.selection import EVERYTHING, Selection, derived_at, frames_at
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.storage_manager import StorageManager

ENDINGS = {"html": "html", "markdown": "md"}


@dataclass(frozen=True)
class ReportFile:
    """A report that was written."""

    path: Path
    text: str
    sentence: str
    """What to tell the person."""


def calculate(
    workspace: Workspace,
    *,
    since: Optional[datetime] = None,
    until: Optional[datetime] = None,
    selection: Selection = EVERYTHING,
) -> Results:
    """The five metrics for the period length, timezone and levels of the settings; nothing is written.

    All datasets of the `selection` are pooled item by item.
    """
    return results_at(workspace, read_frames(workspace), selection.places(workspace), since=since, until=until)


def report(
    workspace: Workspace,
    *,
    format: str = "html",  # noqa: A002 (the option's name)
    output: Optional[Path] = None,
    selection: Selection = EVERYTHING,
) -> ReportFile:
    """Write the report into `reports/` of the data folder, or to `output`; whole or not at all.

    All datasets of the `selection` are pooled item by item.
    """
    places = selection.places(workspace)
    frames = frames_at(read_frames(workspace), places)
    results = results_at(workspace, frames, places)
    text = _page(workspace, frames, results) if format == "html" else _markdown(results)
    storage, name = workspace.storage(), f"reports/dora-report.{ENDINGS[format]}"
    if output is not None:
        if output.is_dir():
            message = f"{output} is a folder"
            raise StorageError(message, remedy="name a file with --output")
        storage, name = StorageManager(root=output.parent), output.name
    storage.write(name, text.encode())
    path = Path(storage.where(name))
    return ReportFile(path, text, f"Wrote {path}")


def _page(workspace: Workspace, frames: Frames, results: Results) -> str:
    from dora_metrics.report.html import render_html  # noqa: PLC0415 (jinja2)

    unresolved = int((frames.changes["via"] == "unresolved").sum())
    return render_html(
        results,
        changes=frames.changes,
        deployments=frames.deployments,
        incidents=frames.incidents,
        facts=report_facts(workspace, frames.record, unresolved=unresolved),
    )


def _markdown(results: Results) -> str:
    from dora_metrics.report.results_markdown import results_markdown  # noqa: PLC0415 (with the report)

    return results_markdown(results)


def explain(
    workspace: Workspace,
    what: str,
    *,
    format: str = "text",  # noqa: A002 (the option's name)
    selection: Selection = EVERYTHING,
) -> str:
    """Why a number is what it is: of a period, a deployment, a pull request or a commit, in the `selection`.

    Raises `ConfigurationError` when `what` names none of them.
    """
    places = selection.places(workspace)
    derived = derive(workspace, workspace.manager())
    if not selection.is_all:
        derived = derived_at(workspace, derived, places)
    return explain_what(workspace, derived, what, format)
