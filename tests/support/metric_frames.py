"""DataFrames of changes, deployments and incidents as the processed files hold them, from a few words a row."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Optional, Union

from dora_metrics.calculators.frames import read_changes, read_deployments, read_incidents
from dora_metrics.domain.timestamps import format_utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

Cell = Union[str, bool, float, datetime, None]
Row = dict[str, Cell]

DAY_0 = datetime(2025, 1, 1, tzinfo=timezone.utc)

CHANGE_COLUMNS = (
    "key",
    "repository",
    "service",
    "pull_request",
    "is_bot",
    "first_commit_at",
    "created_at",
    "ready_at",
    "merged_at",
    "deployment",
    "deployed_at",
    "lead_time_hours",
    "flags",
    "left_out",
    "started_at",
)
DEPLOYMENT_COLUMNS = (
    "key",
    "repository",
    "service",
    "deployed_at",
    "source",
    "kind",
    "changes",
    "failed",
    "failure_provenance",
    "began_at",
    "restored_at",
    "recovery_hours",
    "flags",
)
INCIDENT_COLUMNS = ("key", "repository", "service", "started_at", "resolved_at", "caused_by", "attribution")


def day(number: float) -> datetime:
    """That many days after the first of January 2025, UTC."""
    return DAY_0 + timedelta(days=number)


def change(deployed: Optional[datetime], wait_h: Optional[float] = None, **cells: Cell) -> Row:
    """A change deployed then, after so many hours; undeployed without a time."""
    row: Row = {"deployed_at": deployed, "lead_time_hours": wait_h, "is_bot": False}
    if deployed is not None and wait_h is not None:
        row["started_at"] = deployed - timedelta(hours=wait_h)
        row["merged_at"] = row["started_at"]
    return {**row, **cells}


def deployment(deployed: datetime, kind: str = "normal", **cells: Cell) -> Row:
    return {"deployed_at": deployed, "kind": kind, "failed": False, **cells}


def failure(
    deployed: datetime, began: Optional[datetime] = None, restored: Optional[datetime] = None, **cells: Cell
) -> Row:
    """A failed deployment, and when users felt it and had it back."""
    begin = began or deployed
    hours = (restored - begin) / timedelta(hours=1) if restored and restored >= begin else None
    row = deployment(deployed, failed=True, failure_provenance="inferred")
    return {**row, "began_at": begin, "restored_at": restored, "recovery_hours": hours, **cells}


def changes_csv(rows: Iterable[Row]) -> bytes:
    return to_csv(rows, CHANGE_COLUMNS)


def deployments_csv(rows: Iterable[Row]) -> bytes:
    return to_csv(rows, DEPLOYMENT_COLUMNS)


def changes_frame(rows: Iterable[Row]) -> pd.DataFrame:
    return read_changes(changes_csv(rows))


def deployments_frame(rows: Iterable[Row]) -> pd.DataFrame:
    return read_deployments(deployments_csv(rows))


def incidents_frame(rows: Iterable[Row] = ()) -> pd.DataFrame:
    return read_incidents(to_csv(rows, INCIDENT_COLUMNS))


def to_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    for number, row in enumerate(rows):
        cells: Mapping[str, Any] = {"key": f"row:{number}", "repository": "acme/shop", **row}
        writer.writerow([_text(cells.get(column)) for column in columns])
    return target.getvalue().encode()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return f"{cell:.6f}".rstrip("0").rstrip(".")
    return format_utc(cell) if isinstance(cell, datetime) else str(cell)
