"""Explanation of one period: each metric, what was counted, and what was left out with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

from dora_metrics.domain.measurements import Period, PeriodResult
from dora_metrics.domain.models import Dataset, Deployment, Failure
from dora_metrics.domain.outages import BLAMES_NO_DEPLOYMENT
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.report.explain_items import FAILURE_COLUMNS, change_sections, failure_row, short
from dora_metrics.report.explanation import Explanation, Section
from dora_metrics.report.words import format_duration, format_rate, format_ratio

NOT_FREQUENT = ("redeploy", "rollback")
CAN_FAIL = ("normal", "hotfix")
REWORK = ("hotfix", "rollback")


def explain_period(datasets: Sequence[Dataset], result: PeriodResult, usual: Optional[float] = None) -> Explanation:
    """What made the numbers of `result`, whose items lie in `datasets`; the counts add up to them.

    `usual` is the deployments a day over the whole window, in whose unit the frequency is said.
    """
    period = result.period
    changes = [
        change
        for dataset in datasets
        for change in dataset.changes
        if change.deployed_at is not None and change.deployed_at in period
    ]
    deployments = [d for dataset in datasets for d in dataset.deployments if d.deployed_at in period]
    sections = [
        Section("Numbers", _headlines(result, usual)),
        _deployments(deployments),
        *_failures(datasets, period, deployments),
        *change_sections(changes),
    ]
    marks = [word for word, holds in (("partial", result.partial), ("provisional", result.provisional)) if holds]
    marked = f" ({', '.join(marks)})" if marks else ""
    names = ", ".join(dict.fromkeys(dataset.name for dataset in datasets))
    span = f"{format_utc(period.start)} to {format_utc(period.end)}"
    return Explanation(f"{names}: {period.label}{marked}, {span}", tuple(sections))


def _headlines(result: PeriodResult, usual: Optional[float]) -> tuple[str, ...]:
    lead, mttr, rework = result.lead_time, result.mttr, result.rework_rate
    frequency, failures = result.deployment_frequency, result.change_failure_rate
    left_out = sum(lead.left_out.values())
    return (
        f"lead time for changes: median {format_duration(lead.spread.median_s)}, n = {lead.spread.n}, "
        f"left out {left_out}, undeployed at the end {lead.undeployed} [{lead.rule}]",
        f"deployment frequency: {frequency.deployments} deployments, {format_rate(frequency.per_day, usual)} "
        f"[{frequency.rule}]",
        f"change failure rate: {format_ratio(failures.ratio)} = {failures.failed} of {failures.deployments}, "
        f"{failures.proposals} of them proposals [{failures.rule}]",
        f"failed deployment recovery time: median {format_duration(mttr.spread.median_s)}, n = {mttr.spread.n}, "
        f"open {mttr.open} [{mttr.rule}]",
        f"rework rate: {format_ratio(rework.ratio)} = {rework.rework} of {rework.deployments} [{rework.rule}]",
    )


def _deployments(deployments: Sequence[Deployment]) -> Section:
    counted = sum(deployment.kind not in NOT_FREQUENT for deployment in deployments)
    words = (
        f"{counted} count for frequency (redeploys and rollbacks do not), "
        f"{sum(d.kind in CAN_FAIL for d in deployments)} can fail (normal and hotfix), "
        f"{sum(d.kind in REWORK for d in deployments)} are rework (hotfix and rollback)",
    )
    columns = ("deployment", "time", "kind", "source", "changes", "why this kind")
    rows = tuple(
        (
            short(deployment.key),
            format_utc(deployment.deployed_at),
            deployment.kind,
            deployment.source,
            str(deployment.changes),
            deployment.kind_reason,
        )
        for deployment in deployments
    )
    return Section(f"Deployments: {len(deployments)}", words, columns, rows)


def _failures(datasets: Iterable[Dataset], period: Period, deployments: Sequence[Deployment]) -> list[Section]:
    here = {(deployment.repository, deployment.service, deployment.key) for deployment in deployments}
    failures = [failure for dataset in datasets for failure in dataset.failures]
    failed = [
        f
        for f in failures
        if f.attribution not in BLAMES_NO_DEPLOYMENT and (f.repository, f.service, f.deployment) in here
    ]
    restored = [
        f
        for f in failures
        if f.attribution not in BLAMES_NO_DEPLOYMENT and f.restored_at is not None and f.restored_at in period
    ]
    aside = [f for f in failures if f.attribution in BLAMES_NO_DEPLOYMENT and f.began_at and f.began_at in period]
    return [
        _table(f"Failed, of the deployments above: {_deployments_in(failed)}", failed),
        _table(f"Restored in the period: {_deployments_in(restored)}", restored),
        _table(f"Failures in neither rate nor recovery: {len(aside)}", aside),
    ]


def _deployments_in(failures: Sequence[Failure]) -> int:
    return len({(failure.repository, failure.service, failure.deployment) for failure in failures})


def _table(title: str, failures: Sequence[Failure]) -> Section:
    return Section(title, (), FAILURE_COLUMNS, tuple(map(failure_row, failures)))
