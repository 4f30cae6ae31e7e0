"""Whether an explanation adds up to what is published: its rows counted and summed as a doubting person would."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from dora_metrics.calculators.frames import read_changes, read_deployments, read_incidents
from dora_metrics.calculators.metrics import calculate_results
from dora_metrics.domain.measurements import PeriodResult, Results
from dora_metrics.domain.models import Dataset
from dora_metrics.report.explain_period import explain_period
from dora_metrics.report.explanation import render_explanation
from dora_metrics.storage.csv_handler import CSVHandler

GRAINS = ("daily", "weekly", "monthly", "quarterly", "yearly", "7d", "30d", "all")
HOUR_S = 3600
Rows = Sequence[dict[str, Any]]


def published(datasets: Sequence[Dataset], as_of: datetime, grain: str, timezone: str = "UTC") -> Results:
    """The numbers of `datasets`, by the way that the command line takes: through the bytes of the tables."""
    handler = CSVHandler()
    return calculate_results(
        read_changes(handler.changes_csv(datasets, include_authors=False)),
        read_deployments(handler.deployments_csv(datasets)),
        read_incidents(handler.incidents_csv(datasets)),
        as_of=as_of,
        grain=grain,
        timezone=timezone,
        fiscal_start_month=1,
        repositories=tuple(dict.fromkeys(dataset.repository for dataset in datasets)),
    )


def explained(datasets: Sequence[Dataset], result: PeriodResult, results: Results) -> dict[str, Rows]:
    """The rows of each section of the JSON, by the section's code."""
    said = render_explanation(explain_period(datasets, result, results)[0], "json")
    return {section["code"]: section["rows"] for section in json.loads(said)["sections"]}


def require_sums(datasets: Sequence[Dataset], results: Results) -> None:
    """Every period, and the overall one, adds up; `AssertionError` otherwise."""
    for result in (*results.periods, results.overall):
        rows = explained(datasets, result, results)
        found = {name: (shown, wanted) for name, shown, wanted in _sums(rows, result) if shown != wanted}
        assert not found, f"{result.period.label}: explained, published: {found}"


def _sums(rows: dict[str, Rows], result: PeriodResult) -> Iterator[tuple[str, Any, Any]]:
    """What each sum is of, what the rows give, what is published."""
    lead, rate, mttr, rework = result.lead_time, result.change_failure_rate, result.mttr, result.rework_rate
    counted, failed, recovered = rows["lead_time.counted"], rows["change_failure_rate.failed"], rows["mttr.counted"]
    yield "lead time n", len(counted), lead.spread.n
    yield "lead time median", _median(counted, "lead_time_hours"), _hours(lead.spread.median_s)
    prefix = "lead_time.left_out:"
    left_out = {code[len(prefix) :]: len(found) for code, found in rows.items() if code.startswith(prefix)}
    yield "lead time left out", left_out, dict(lead.left_out)
    yield "undeployed", len(rows["lead_time.undeployed"]), lead.undeployed
    ages = [row["age_hours"] for row in rows["lead_time.undeployed"] if row["age_hours"] is not None]
    yield "undeployed oldest", round(max(ages), 5) if ages else None, _hours(lead.undeployed_oldest_s)
    yield "undeployed median", round(median(ages), 5) if ages else None, _hours(lead.undeployed_median_age_s)
    deployments = rows["deployment_frequency.counted"]
    yield "deployments", len(deployments), result.deployment_frequency.deployments
    every = [*deployments, *rows["deployment_frequency.left_out"]]
    yield "can fail", sum("failures" in row["counts_for"] for row in every), rate.deployments
    yield "failed", len(failed), rate.failed
    yield "proposals", sum(row["said_by"].startswith("a rule") for row in failed), rate.proposals
    yield "unattributed", len(rows.get("change_failure_rate.unattributed", ())), rate.unattributed
    yield "not in Dc", len(rows.get("change_failure_rate.not_in_Dc", ())), rate.not_in_dc
    yield "recovery n", len(recovered), mttr.spread.n
    yield "recovery median", _median(recovered, "recovery_hours"), _hours(mttr.spread.median_s)
    yield "recovery left out", len(rows.get("mttr.left_out:invalid", ())), sum(mttr.left_out.values())
    yield "open", len(rows["mttr.open"]), mttr.open
    yield "rework", len(rows["rework_rate.counted"]), rework.rework
    yield "rework of", sum(row["kind"] in ("normal", "hotfix", "rollback") for row in every), rework.deployments
    yield "trailing rework", len(rows["rework_rate.trailing"]), rework.trailing_rework


def _median(rows: Rows, column: str) -> Any:
    return round(median(row[column] for row in rows), 5) if rows else None


def _hours(seconds: Any) -> Any:
    return None if seconds is None else round(seconds / HOUR_S, 5)
