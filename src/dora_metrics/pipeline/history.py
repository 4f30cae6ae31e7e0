"""`log` and `verify`: every modification ever made, and whether all of it is still as it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Optional

from dora_metrics.domain.timestamps import format_utc
from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.report.words import plural
from dora_metrics.storage.commit_record import CommitRecord, anchor_of
from dora_metrics.storage.verification import verify as verify_store


def log_lines(workspace: Workspace, *, format: str = "text", newest: Optional[int] = None) -> str:  # noqa: A002 (the option's name)
    """Each modification, or the `newest` ones, oldest first: number, time, who, command, rows.

    As JSON one object a line, with all that the record says about itself.
    """
    records = list(workspace.manager().records(newest=newest))
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
        "anchor": anchor_of(record),
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


def verify(workspace: Workspace, *, expect: str = "") -> str:
    """What was found whole, in words; `IntegrityError` with each damage otherwise.

    `expect` is `NUMBER:HASH`, as a run told it at its end. Raises `ConfigurationError` when it is of another form.
    """
    found = verify_store(workspace.storage(), expected=_anchor(expect) if expect else None)
    if not found.records:
        return "Nothing has been stored yet."
    return (
        f"All is as it was written: {plural(found.records, 'modification')}, {plural(found.files, 'file')}, "
        f"{found.size:,} bytes. Head {found.head}{_about_unnamed(found.unnamed)}"
    )


def _about_unnamed(paths: Sequence[str]) -> str:
    if not paths:
        return ""
    return f"\n{plural(len(paths), 'file')} that no record names, left by a run that was killed, harmless: {paths[0]} …"


def _anchor(text: str) -> tuple[int, str]:
    number, _, digest = text.strip().lower().partition(":")
    if not number.isdecimal() or not re.fullmatch(r"[0-9a-f]{8,64}", digest):
        message = f"--expect {text} is not of the form NUMBER:HASH"
        raise ConfigurationError(message, remedy="copy it from the last line of an earlier extract, update or import")
    return int(number), digest
