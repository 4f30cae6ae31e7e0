"""`status`: where the data stand in their life cycle, how fresh they are, what to do next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from dora_metrics.domain.quality import QualityFinding
from dora_metrics.domain.review import ReviewRow
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.pipeline.derive import Derived, derive, findings_of, numbers_of, stored_tables
from dora_metrics.pipeline.review_place import ReviewView, way_to_bucket
from dora_metrics.pipeline.service_cautions import service_cautions
from dora_metrics.pipeline.standing import standing_of
from dora_metrics.pipeline.views import review_rows
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.processors.life_cycle import (
    EMPTY,
    MEANING,
    UNDER_REVIEW,
    WAITING,
    LifeCycle,
    Standing,
    judge_life_cycle,
)
from dora_metrics.report.quality_words import HEADING, grave_lines
from dora_metrics.report.words import format_ratio, plural
from dora_metrics.storage.storage_manager import StorageManager

MOST_SHOWN = 5


@dataclass(frozen=True)
class Status:
    """What to tell."""

    text: str
    as_json: str
    needs_person: bool


def status(workspace: Workspace) -> Status:
    """The state of the store; nothing is written. Before any `extract` it says so, and what to do."""
    manager = workspace.manager()
    record = manager.head()
    if record is None or any(name not in record.repositories for name in workspace.names()):
        text = "Nothing has been extracted yet. Next: dora-metrics extract --full"
        return Status(text, json.dumps({"schema": 1, "state": EMPTY, "rows_that_need_a_person": 0}), needs_person=False)
    derived = derive(workspace, manager, record=record, tables=False)
    rows = [row for row in review_rows(workspace, derived, "attention") if row.attention]
    quality = findings_of(derived)
    fresh = stored_tables(workspace, record) is not None
    storage, path = ReviewView(None).place(workspace)
    standing_file = ReviewView(None).standing(workspace)
    path = standing_file[0] if standing_file else path
    review = storage.where(path) if standing_file else ""
    standing = standing_of(workspace, derived, rows, fresh=fresh)
    cycle = judge_life_cycle(standing, review)
    lines = [
        f"{', '.join(workspace.names())}: {cycle.state} ({MEANING[cycle.state]})",
        f"  data up to {format_utc(record.as_of)}, modification {record.number} by {record.command}",
        *_counts(derived),
        f"  decisions in force: {len(derived.annotations)}",
        *(f"  stale: {what}" for what in cycle.stale),
        *_doubts(quality),
        *_questions(rows, standing),
        f"Next: {_next(cycle, review, storage, path)}",
    ]
    return Status(
        "\n".join(lines),
        _json(workspace, derived, quality, cycle, standing, fresh=fresh),
        needs_person=cycle.needs_person,
    )


def _questions(rows: Sequence[ReviewRow], standing: Standing) -> list[str]:
    """How many rows ask, and the weightiest of them; nothing when none does."""
    if not rows:
        return []
    answered = f", {standing.answered} of them answered and not imported" if standing.answered else ""
    verb = "needs" if len(rows) == 1 else "need"
    shown = [f"    {_of_service(row)}{row.title} ({row.reason}){_moves(row)}" for row in rows[:MOST_SHOWN]]
    return [f"  {plural(len(rows), 'row')} {verb} a person{answered}; what can move a number most first:", *shown]


def _moves(row: ReviewRow) -> str:
    return f": {row.moves}" if row.moves else ""


def _next(cycle: LifeCycle, review: str, storage: StorageManager, path: str) -> str:
    """What to run, in words."""
    commands = [f"dora-metrics {command}" for command in cycle.next_commands]
    if cycle.state not in (WAITING, UNDER_REVIEW):
        return " or ".join(commands)
    if not review:
        return f"answer in the terminal: {commands[-1]}; or {commands[0]} writes the file anew: {storage.where(path)}"
    if storage.versioned is not None:
        get, take = way_to_bucket(storage, path)
        return f"{get}; fill it in; {take}; or answer in the terminal: {commands[-1]}"
    return f"fill in {review}, then {commands[0]}; or answer in the terminal: {commands[-1]}"


def _of_service(row: ReviewRow) -> str:
    return f"{row.service}: " if row.service else ""


def _counts(derived: Derived) -> list[str]:
    counts = numbers_of(derived.datasets)
    lines = [
        f"  {plural(counts['deployments'], 'deployment')}, {plural(counts['changes'], 'change')}, "
        f"{plural(counts['failures'], 'failure')}"
    ]
    for dataset in derived.datasets:
        real = [change for change in dataset.changes if not change.left_out]
        pulls = sum(change.pull_request is not None for change in real)
        share = format_ratio(pulls / len(real) if real else None)
        lines.append(
            f"  {dataset.name}: {share} of changes have a pull request, "
            f"{sum(change.deployment is None for change in real):,} are undeployed, "
            f"{len(dataset.changes) - len(real):,} left out, "
            f"{len(dataset.unresolved):,} unresolved" + (", history truncated" if dataset.truncated else "")
        )
    return lines + [f"  {caution}" for caution in service_cautions(derived)]


def _doubts(quality: Sequence[QualityFinding]) -> list[str]:
    """What matters most first; nothing when there is no doubt."""
    lines = grave_lines(quality, MOST_SHOWN)
    return [f"{HEADING}, what matters most first:", *lines] if lines else []


def _json(
    workspace: Workspace,
    derived: Derived,
    quality: Sequence[QualityFinding],
    cycle: LifeCycle,
    standing: Standing,
    *,
    fresh: bool,
) -> str:
    return json.dumps(
        {
            "schema": 1,
            "state": cycle.state,
            "repositories": workspace.names(),
            "as_of": format_utc(derived.record.as_of),
            "modification": derived.record.number,
            "decisions": len(derived.annotations),
            "rows_that_need_a_person": standing.asking,
            "rows_answered_and_not_imported": standing.typed,
            "tables_up_to_date": fresh,
            "report_up_to_date": standing.report_fresh,
            "stale": list(cycle.stale),
            "next": [f"dora-metrics {command}" for command in cycle.next_commands],
            **numbers_of(derived.datasets),
            **({"changes_of_no_service": sum(f.count for f in derived.uncovered)} if derived.uncovered else {}),
            "data_quality": [finding.as_object() for finding in quality],
        },
        indent=1,
    )
