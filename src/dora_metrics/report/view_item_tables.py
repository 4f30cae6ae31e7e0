"""The numbers behind: deployments, failures, changes, undeployed and left-out ones, from the processed tables. Pure."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from dora_metrics.report.columns import deployment_names
from dora_metrics.report.table import NONE, Cell, Column, Row, Shown, Table, more_in
from dora_metrics.report.view_change_tables import change_table, left_out_table, undeployed_table
from dora_metrics.report.view_frames import (
    counts_of,
    has,
    is_true,
    minute_of,
    newest,
    rows_of,
    seconds_of,
    short_key,
    web_url,
)
from dora_metrics.report.words import Unit, choose_unit, format_in

if TYPE_CHECKING:
    import pandas as pd

ATTRIBUTIONS = {
    "annotated_deployment": "a person named the deployment",
    "annotated_commit": "a person named the change",
    "stated": "its text names the cause",
    "rollback": "it was rolled back",
    "revert": "its change was reverted",
    "inferred": "the last deployment before it",
    "unattributed": "no deployment found",
    "not_in_Dc": "the cause is no deployment that can fail",
    "no_deployment": "no deployment caused it",
}


def make_tables(
    changes: pd.DataFrame, deployments: pd.DataFrame, incidents: pd.DataFrame, *, zone: tzinfo, as_of: datetime
) -> tuple[Table, ...]:
    """Deployments, failures, deployed changes, changes not yet deployed, left-out changes: at most 500 rows each."""
    shown = Shown(
        zone=zone,
        as_of=as_of,
        repositories=len(counts_of(deployments, "repository")) > 1 or len(counts_of(changes, "repository")) > 1,
        services=bool(counts_of(deployments, "service") or counts_of(changes, "service")),
        names=deployment_names(deployments),
    )
    left_out, deployed = has(changes, "left_out"), has(changes, "deployment")
    return (
        deployment_table(deployments, shown),
        failure_table(incidents, shown),
        change_table(changes[deployed & ~left_out], shown),
        undeployed_table(changes[~deployed & ~left_out], shown),
        left_out_table(changes[left_out], shown),
    )


def deployment_table(frame: pd.DataFrame, shown: Shown) -> Table:
    """Every deployment, newest first."""
    rows = list(rows_of(newest(frame, "deployed_at")))
    unit = choose_unit(seconds_of(row, "recovery_hours") for row in rows)
    return Table(
        key="deployments",
        heading="Deployments",
        intro=_kinds(frame),
        columns=shown.columns(
            Column("When", whole=True),
            Column("Deployment"),
            after=(
                Column("Kind"),
                Column("Source"),
                Column("Changes", number=True),
                Column("Failed"),
                Column(f"Recovery, {unit.name}", number=True),
            ),
        ),
        rows=tuple(_deployment(row, shown, unit) for row in rows),
        total=len(frame),
        more=more_in(len(frame), len(rows), "deployments.csv"),
        file="deployments.csv",
        empty="Nothing has been deployed yet.",
        struck=tuple(row.get("failed") == "true" for row in rows),
    )


def _kinds(frame: pd.DataFrame) -> str:
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in counts_of(frame, "kind").items())
    failed = int(is_true(frame, "failed").sum())
    return f"{kinds}; {failed:,} failed." if kinds else ""


def _deployment(row: Row, shown: Shown, unit: Unit) -> tuple[Cell, ...]:
    name = row.get("tag") or short_key(row.get("key", ""))
    kind = row.get("kind", "")
    withdrawn = row.get("withdrawn", "")
    note = row.get("kind_reason", "") if kind != "normal" else ""
    if withdrawn not in {"", "0"}:
        note = f"{note}; {withdrawn} commits withdrawn" if note else f"{withdrawn} commits withdrawn"
    return (
        Cell(minute_of(row, "deployed_at", shown.zone)),
        Cell(name, url=web_url(row.get("url", "")), note=flag_words(row.get("flags", ""))),
        *shown.origin(row),
        Cell(kind, note=note),
        Cell(row.get("source", ""), note=evidence_words(row.get("evidence", ""), row.get("source", ""))),
        Cell(row.get("changes", "")),
        _failed(row),
        _recovery(row, unit),
    )


def evidence_words(evidence: str, source: str) -> str:
    """Which other sources speak of the same deployment."""
    keys = (key.strip() for key in evidence.split(";"))
    sources = sorted({key.partition(":")[0] for key in keys if key} - {source})
    return f"also {', '.join(sources)}" if sources else ""


def flag_words(flags: str) -> str:
    """Flags, joined by `;`, as people read them."""
    return ", ".join(flag for flag in (part.strip().replace("_", " ") for part in flags.split(";")) if flag)


def _failed(row: Row) -> Cell:
    failed = row.get("failed", "")
    if failed != "true":
        return Cell("no" if failed == "false" else "")
    proposal = row.get("failure_provenance") == "inferred"
    return Cell("failed", note=row.get("failed_because", ""), badges=("proposal",) if proposal else ())


def _recovery(row: Row, unit: Unit) -> Cell:
    seconds = seconds_of(row, "recovery_hours")
    if seconds is not None:
        return Cell(format_in(unit, seconds))
    if row.get("failed") == "true":
        return Cell("left out" if row.get("restored_at") else "still open")
    return Cell("")


def failure_table(frame: pd.DataFrame, shown: Shown) -> Table:
    """Every failure, newest first, with the rule that tied it to a deployment."""
    rows = list(rows_of(newest(frame, "started_at")))
    inferred = counts_of(frame, "provenance").get("inferred", 0)
    return Table(
        key="failures",
        heading="Failures",
        intro=_proposals(inferred, len(frame)),
        columns=shown.columns(
            Column("Began", whole=True),
            Column("Restored", whole=True),
            Column("Failure"),
            after=(Column("Blamed on"), Column("How we know"), Column("Sure")),
        ),
        rows=tuple(_failure(row, shown) for row in rows),
        total=len(frame),
        more=more_in(len(frame), len(rows), "incidents.csv"),
        file="incidents.csv",
        empty="No failure is known: the history shows no incident, hotfix, rollback or revert that points to one.",
    )


def _failure(row: Row, shown: Shown) -> tuple[Cell, ...]:
    attribution = row.get("attribution", "")
    number = row.get("issue") or short_key(row.get("key", ""))
    proposal = row.get("provenance") == "inferred"
    return (
        Cell(minute_of(row, "started_at", shown.zone)),
        Cell(minute_of(row, "resolved_at", shown.zone) or "still open"),
        Cell(
            row.get("title") or number, url=web_url(row.get("url", "")), note=f"#{number}" if number.isdigit() else ""
        ),
        *shown.origin(row),
        Cell(shown.deployment(row.get("caused_by", "")) or NONE),
        Cell(
            ATTRIBUTIONS.get(attribution, attribution.replace("_", " ")),
            note=row.get("because", ""),
            badges=("proposal",) if proposal else (),
        ),
        Cell(row.get("confidence", "")),
    )


def _proposals(inferred: int, total: int) -> str:
    if not inferred:
        return ""
    return (
        f"{inferred:,} of {total:,} {'is a proposal' if inferred == 1 else 'are proposals'} that nobody has confirmed."
    )
