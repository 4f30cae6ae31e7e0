"""`status`: where the data stand in their life cycle, how fresh they are, what to do next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from dora_metrics.domain.quality import QualityFinding
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.pipeline.derive import QUALITY, Derived, derive, numbers_of, stored_tables
from dora_metrics.pipeline.review_place import REVIEW_FILE
from dora_metrics.pipeline.views import review_rows
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.report.quality_words import HEADING, grave_lines
from dora_metrics.report.words import format_ratio, plural
from dora_metrics.storage.quality_json import parse_quality

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
        return Status(
            text, json.dumps({"schema": 1, "state": "empty", "rows_that_need_a_person": 0}), needs_person=False
        )
    derived = derive(workspace, manager, record=record)
    rows = [row for row in review_rows(workspace, derived, "attention") if row.attention]
    quality = parse_quality(derived.tables[QUALITY])
    fresh = stored_tables(workspace, record) is not None
    state = "waiting for review" if rows else "reviewed"
    lines = [
        f"{', '.join(workspace.names())}: {state}",
        f"  data up to {format_utc(record.as_of)}, modification {record.number} by {record.command}",
        *_counts(derived),
        f"  decisions in force: {len(derived.annotations)}",
        "  tables in processed/: " + ("up to date" if fresh else "older than the settings; extract writes them anew"),
        *_doubts(quality),
    ]
    if rows:
        lines += [f"  {plural(len(rows), 'row')} need a person, first:" if len(rows) > 1 else "  1 row needs a person:"]
        lines += [f"    {row.proposal}: {row.title} ({row.reason})" for row in rows[:MOST_SHOWN]]
        review = workspace.storage().where(REVIEW_FILE)
        lines.append(f"Next: fill in {review}, then dora-metrics import {review}")
    else:
        lines.append("Next: dora-metrics report; dora-metrics update when there is news")
    return Status("\n".join(lines), _json(workspace, derived, state, len(rows), fresh=fresh), needs_person=bool(rows))


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
            f"  {dataset.repository} {dataset.service}".rstrip() + f": {share} of changes have a pull request, "
            f"{sum(change.deployment is None for change in real):,} are undeployed, "
            f"{len(dataset.changes) - len(real):,} left out, "
            f"{len(dataset.unresolved):,} unresolved" + (", history truncated" if dataset.truncated else "")
        )
    return lines


def _doubts(quality: Sequence[QualityFinding]) -> list[str]:
    """What matters most first; nothing when there is no doubt."""
    lines = grave_lines(quality, MOST_SHOWN)
    return [f"{HEADING}, what matters most first:", *lines] if lines else []


def _json(workspace: Workspace, derived: Derived, state: str, asking: int, *, fresh: bool) -> str:
    return json.dumps(
        {
            "schema": 1,
            "state": state,
            "repositories": workspace.names(),
            "as_of": format_utc(derived.record.as_of),
            "modification": derived.record.number,
            "decisions": len(derived.annotations),
            "rows_that_need_a_person": asking,
            "tables_up_to_date": fresh,
            **numbers_of(derived.datasets),
            "data_quality": [finding.as_object() for finding in parse_quality(derived.tables[QUALITY])],
        },
        indent=1,
    )
