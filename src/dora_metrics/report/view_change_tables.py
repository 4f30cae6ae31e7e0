"""The changes behind the numbers: deployed, not yet deployed, left out. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Optional

from dora_metrics.report.table import NONE, Cell, Column, Row, Shown, Table, more_in
from dora_metrics.report.view_basis import reason_words
from dora_metrics.report.view_frames import (
    counts_of,
    minute_of,
    moment_of,
    newest,
    rows_of,
    seconds_of,
    short_key,
    web_url,
)
from dora_metrics.report.words import choose_unit, format_in

if TYPE_CHECKING:
    import pandas as pd


def change_table(frame: pd.DataFrame, shown: Shown) -> Table:
    """The changes that count, the last deployed first."""
    rows = list(rows_of(newest(frame, "deployed_at")))
    unit = choose_unit(seconds_of(row, "lead_time_hours") for row in rows)
    return Table(
        key="changes",
        heading="Changes deployed",
        columns=shown.columns(
            Column("Deployed", whole=True),
            Column("Change"),
            after=(Column("With"), Column(f"Lead time, {unit.name}", number=True)),
        ),
        rows=tuple(
            (
                Cell(minute_of(row, "deployed_at", shown.zone)),
                _change(row),
                *shown.origin(row),
                Cell(shown.deployment(row.get("deployment", ""))),
                Cell(format_in(unit, seconds_of(row, "lead_time_hours"))),
            )
            for row in rows
        ),
        total=len(frame),
        more=more_in(len(frame), len(rows), "changes.csv"),
        file="changes.csv",
    )


def undeployed_table(frame: pd.DataFrame, shown: Shown) -> Table:
    """The changes that wait for a deployment, the oldest first."""
    rows = list(rows_of(newest(frame, "started_at", "first_commit_at", "merged_at", ascending=True)))
    ages = [_age(row, shown.as_of) for row in rows]
    unit = choose_unit(ages)
    return Table(
        key="undeployed",
        heading="Changes not yet deployed",
        columns=shown.columns(
            Column("Since", whole=True), Column("Change"), after=(Column(f"Age, {unit.name}", number=True),)
        ),
        rows=tuple(
            (
                Cell(minute_of(row, _start(row), shown.zone)),
                _change(row),
                *shown.origin(row),
                Cell(format_in(unit, age)),
            )
            for row, age in zip(rows, ages)
        ),
        total=len(frame),
        more=more_in(len(frame), len(rows), "changes.csv"),
        file="changes.csv",
        empty="None: all that was merged has been deployed.",
    )


def _start(row: Row) -> str:
    names = ("started_at", "first_commit_at", "merged_at")
    return next((name for name in names if row.get(name)), "merged_at")


def _age(row: Row, as_of: datetime) -> Optional[float]:
    since = moment_of(row, _start(row))
    return None if since is None else (as_of - since).total_seconds()


def left_out_table(frame: pd.DataFrame, shown: Shown) -> Table:
    """The changes that no lead time counts, with the reason, the last deployed first."""
    reasons = counts_of(frame, "left_out").items()
    rows = list(rows_of(newest(frame, "deployed_at", "merged_at")))
    return Table(
        key="left-out",
        heading="Changes left out",
        intro="; ".join(f"{count:,} {reason_words(reason)}" for reason, count in reasons),
        columns=shown.columns(
            Column("Deployed", whole=True), Column("Change"), after=(Column("With"), Column("Why left out"))
        ),
        rows=tuple(
            (
                Cell(minute_of(row, "deployed_at", shown.zone) or NONE),
                _change(row),
                *shown.origin(row),
                Cell(shown.deployment(row.get("deployment", "")) or NONE),
                Cell(reason_words(row.get("left_out", ""))),
            )
            for row in rows
        ),
        total=len(frame),
        more=more_in(len(frame), len(rows), "changes.csv"),
        file="changes.csv",
        empty="None: every change that was deployed counts.",
    )


def _change(row: Row) -> Cell:
    number = row.get("pull_request", "")
    name = f"#{number.lstrip('#')}" if number else short_key(row.get("key", ""))
    labels = [label.strip() for label in row.get("labels", "").split(";") if label.strip()]
    badges = [word for word in ("hotfix", "revert") if row.get(f"is_{word}") == "true"]
    note = " · ".join(part for part in (name, ", ".join(labels), row.get("hotfix_reason", "")) if part)
    return Cell(row.get("title") or name, url=web_url(row.get("url", "")), note=note, badges=tuple(badges))
