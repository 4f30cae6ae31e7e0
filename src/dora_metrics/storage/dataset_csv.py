"""The master dataset's three files: which column holds what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Callable, Optional

from dora_metrics.domain.links import GITHUB, commit_url, deployment_url, pull_request_url
from dora_metrics.domain.models import Change, Dataset, Deployment, Failure
from dora_metrics.domain.outages import Outage, outages_by_deployment
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.storage.csv_text import MACHINE, free_text, hours, joined, name_cell, render, same_name_cell, truth

CHANGE_CELLS: Mapping[str, Callable[[Change], str]] = {
    "key": lambda change: name_cell(change.key),
    "repository": lambda change: same_name_cell(change.repository),
    "service": lambda change: same_name_cell(change.service),
    "pull_request": lambda change: _number(change.pull_request),
    "title": lambda change: free_text(change.title),
    "labels": lambda change: joined(change.labels),
    "is_bot": lambda change: truth(change.is_bot),
    "merge_commit": lambda change: name_cell(change.merge_commit),
    "first_commit_at": lambda change: format_utc(change.first_commit_at),
    "created_at": lambda change: format_utc(change.created_at),
    "ready_at": lambda change: format_utc(change.ready_at),
    "first_review_at": lambda change: format_utc(change.first_review_at),
    "merged_at": lambda change: format_utc(change.merged_at),
    "via": lambda change: change.via,
    "deployment": lambda change: same_name_cell(change.deployment),
    "deployed_at": lambda change: format_utc(change.deployed_at),
    "lead_time_hours": lambda change: hours(change.lead_time),
    "coding_hours": lambda change: _stage(change.first_commit_at, change.created_at),
    "pickup_hours": lambda change: _stage(change.ready_at, change.first_review_at),
    "review_hours": lambda change: _stage(change.first_review_at, change.merged_at),
    "deploy_hours": lambda change: _stage(change.merged_at, change.deployed_at),
    "is_hotfix": lambda change: truth(change.is_hotfix),
    "is_revert": lambda change: truth(change.is_revert),
    "reverts": lambda change: joined(change.reverts),
    "flags": lambda change: joined(change.flags),
    "left_out": lambda change: change.left_out,
    "hotfix_reason": lambda change: free_text(change.hotfix_reason),
    "started_at": lambda change: format_utc(change.started_at),
    "first_committed_at": lambda change: format_utc(change.first_committed_at),
}

DEPLOYMENT_CELLS: Mapping[str, Callable[[Deployment, Optional[Outage]], str]] = {
    "key": lambda made, _: name_cell(made.key),
    "repository": lambda made, _: name_cell(made.repository),
    "service": lambda made, _: name_cell(made.service),
    "environment": lambda made, _: name_cell(made.environment),
    "commit": lambda made, _: made.commit_sha,
    "tag": lambda made, _: name_cell(made.tag),
    "deployed_at": lambda made, _: format_utc(made.deployed_at),
    "source": lambda made, _: made.source,
    "kind": lambda made, _: made.kind,
    "changes": lambda made, _: str(made.changes),
    "failed": lambda _, outage: truth(outage is not None),
    "failure_provenance": lambda _, outage: outage.provenance if outage else "",
    "failed_because": lambda _, outage: free_text(outage.because) if outage else "",
    "began_at": lambda _, outage: format_utc(outage.began_at) if outage else "",
    "restored_at": lambda _, outage: format_utc(outage.restored_at) if outage else "",
    "restored_by": lambda _, outage: name_cell(outage.restored_by) if outage else "",
    "recovery_hours": lambda _, outage: hours(outage.recovery) if outage else "",
    "flags": lambda made, _: joined(made.flags),
    "kind_reason": lambda made, _: free_text(made.kind_reason),
    "new_commits": lambda made, _: str(made.new_commits),
    "withdrawn": lambda made, _: str(made.withdrawn),
    "evidence": lambda made, _: name_cell(";".join(made.evidence)),
    "release_line": lambda made, _: name_cell(made.release_line),
}

INCIDENT_CELLS: Mapping[str, Callable[[Failure], str]] = {
    "key": lambda failure: name_cell(failure.key),
    "repository": lambda failure: name_cell(failure.repository),
    "service": lambda failure: name_cell(failure.service),
    "issue": lambda failure: _number(failure.issue),
    "title": lambda failure: free_text(failure.title),
    "started_at": lambda failure: format_utc(failure.began_at),
    "resolved_at": lambda failure: format_utc(failure.restored_at),
    "caused_by": lambda failure: name_cell(failure.deployment),
    "attribution": lambda failure: failure.attribution,
    "fixed_by": lambda failure: name_cell(failure.fixed_by),
    "flags": lambda failure: joined(failure.flags),
    "because": lambda failure: free_text(failure.because),
    "confidence": lambda failure: failure.confidence,
    "provenance": lambda failure: failure.provenance,
    "restored_by": lambda failure: name_cell(failure.restored_by),
    "opened_at": lambda failure: format_utc(failure.opened_at),
    "closed_at": lambda failure: format_utc(failure.closed_at),
}


COMMIT_COLUMNS = ("repository", "service", "commit", "deployment", "lead_time_hours")


def changes_csv(datasets: Iterable[Dataset], *, include_authors: bool, host: str = GITHUB) -> bytes:
    """changes.csv; the column `author` is there only with `include_authors`."""
    cells = CHANGE_CELLS.values()
    rows = (
        [*(cell(change) for cell in cells), _change_url(change, host), *_author(change, shown=include_authors)]
        for dataset in _in_order(datasets)
        for change in dataset.changes
    )
    header = (*CHANGE_CELLS, "url", "author") if include_authors else (*CHANGE_CELLS, "url")
    return render(header, rows, MACHINE)


def deployments_csv(datasets: Iterable[Dataset], *, host: str = GITHUB) -> bytes:
    """deployments.csv: each deployment with the failures blamed on it, joined into one."""
    rows = (row for dataset in _in_order(datasets) for row in _deployment_rows(dataset, host))
    return render((*DEPLOYMENT_CELLS, "url"), rows, MACHINE)


def incidents_csv(datasets: Iterable[Dataset]) -> bytes:
    """incidents.csv: one row a failure, those that no deployment answers for included."""
    cells = INCIDENT_CELLS.values()
    rows = ([cell(failure) for cell in cells] for dataset in _in_order(datasets) for failure in dataset.failures)
    return render(tuple(INCIDENT_CELLS), rows, MACHINE)


def commits_csv(datasets: Iterable[Dataset]) -> bytes:
    """commits.csv: one row a delivered non-merge commit."""
    rows = (row for dataset in _in_order(datasets) for row in _commit_rows(dataset))
    return render(COMMIT_COLUMNS, rows, MACHINE)


def _commit_rows(dataset: Dataset) -> Iterable[Sequence[str]]:
    repository, service = name_cell(dataset.repository), name_cell(dataset.service)
    keys = {key: name_cell(key) for key in {lead.deployment for lead in dataset.commit_leads}}
    for lead in dataset.commit_leads:
        yield repository, service, lead.sha, keys[lead.deployment], hours(timedelta(seconds=lead.seconds))


def _in_order(datasets: Iterable[Dataset]) -> Sequence[Dataset]:
    return sorted(datasets, key=lambda dataset: (dataset.repository, dataset.service))


def _deployment_rows(dataset: Dataset, host: str) -> Iterable[Sequence[str]]:
    outages = outages_by_deployment(dataset.failures)
    cells = DEPLOYMENT_CELLS.values()
    for made in dataset.deployments:
        outage = outages.get(made.key)
        yield [*(cell(made, outage) for cell in cells), name_cell(deployment_url(made, host))]


def _change_url(change: Change, host: str) -> str:
    if change.pull_request is not None:
        return name_cell(pull_request_url(change.repository, change.pull_request, host))
    sha = change.merge_commit or change.key.partition(":")[2]
    return name_cell(commit_url(change.repository, sha, host))


def _author(change: Change, *, shown: bool) -> tuple[str, ...]:
    return (free_text(change.author),) if shown else ()


def _number(number: Optional[int]) -> str:
    return "" if number is None else str(number)


def _stage(start: Optional[datetime], end: Optional[datetime]) -> str:
    """Hours from `start` to `end`; empty when one is missing or they are in the wrong order (definitions.md 5)."""
    if start is None or end is None or end < start:
        return ""
    return hours(end - start)
