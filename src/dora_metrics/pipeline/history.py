"""`log` and `verify`: every modification ever made, and whether all of it is still as it was written."""

from __future__ import annotations

import json

from dora_metrics.domain.timestamps import format_utc
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.report.words import plural
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.verification import verify as verify_store


def log_lines(workspace: Workspace, *, format: str = "text") -> str:  # noqa: A002 (the option's name)
    """Each modification, oldest first: number, time, who, command, rows; JSON: one object a line."""
    records = list(workspace.manager().records())
    if format == "json":
        return "\n".join(json.dumps(_fields(record), sort_keys=True) for record in records)
    return "\n".join(_line(record) for record in records) or "Nothing has been stored yet."


def _fields(record: CommitRecord) -> dict[str, object]:
    return {
        "number": record.number,
        "time": format_utc(record.time),
        "as_of": format_utc(record.as_of) or None,
        "actor": record.actor,
        "command": record.command,
        "version": record.tool_version,
        "commit_id": record.commit_id,
        "changes": {name: vars(counts) for name, counts in record.changes.items()},
    }


def _line(record: CommitRecord) -> str:
    rows = [
        f"{name} +{counts.added}"
        + (f" ~{counts.changed}" if counts.changed else "")
        + (f" -{counts.removed}" if counts.removed else "")
        for name, counts in sorted(record.changes.items())
    ]
    cells = (f"{record.number:>4}", format_utc(record.time), f"{record.command:<8}", record.actor, ", ".join(rows))
    return "  ".join(cells).rstrip()


def verify(workspace: Workspace) -> str:
    """One sentence of what was found whole; `IntegrityError` with each damage otherwise."""
    found = verify_store(workspace.storage())
    if not found.records:
        return "Nothing has been stored yet."
    return (
        f"All is as it was written: {plural(found.records, 'modification')}, {plural(found.files, 'file')}, "
        f"{found.size:,} bytes. Head {found.head}"
    )
