"""Holds the real way (judge, CSV, frames, calculate_results) against the oracle, value by value."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Optional

from dora_metrics.calculators import frames, metrics
from dora_metrics.calculators.frames import read_changes, read_commits, read_deployments, read_incidents
from dora_metrics.domain.history import History
from dora_metrics.domain.measurements import PeriodResult, Results, Spread
from dora_metrics.domain.models import Dataset
from dora_metrics.processors import judgement
from dora_metrics.storage.dataset_csv import changes_csv, commits_csv, deployments_csv, incidents_csv
from support.oracle_changes import C
from support.oracle_facts import World
from support.oracle_numbers import Numbers

CHANGES = (*frames.CHANGES, "started_at", "created_at", "left_out")
DEPLOYMENTS = frames.DEPLOYMENTS
INCIDENTS = frames.INCIDENTS
"""What the numbers are made of; other columns are for people."""
TOLERANCE = 1e-6
"""Relative, and absolute in seconds: floats may round, nothing else may differ."""


def only(content: bytes, columns: Sequence[str]) -> bytes:
    """A CSV file with these of its columns."""
    source, target = csv.DictReader(io.StringIO(content.decode())), io.StringIO()
    writer = csv.DictWriter(target, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(source)
    return target.getvalue().encode()


def facts_of(world: World) -> judgement.Facts:
    return judgement.Facts(
        repository=world.repository,
        history=History.from_commits(world.commits.values()),
        branch_tip=world.tip,
        branch="main",
        tags=world.tags,
        tips=[world.tip],
        from_github=True,
        pull_requests=world.pull_requests,
        releases=world.releases,
        github_deployments=world.github_deployments,
        incidents=world.incidents,
    )


def judged(world: World) -> Dataset:
    return judgement.judge(facts_of(world), world.settings, world.annotations)


def calculated(world: World, dataset: Dataset, *, whole: bool = True) -> Results:
    """Through the bytes of the four files, as `calculate` does; `whole=False` leaves out columns for readers."""
    keep = (lambda content, _: content) if whole else only
    return metrics.calculate_results(
        read_changes(keep(changes_csv([dataset], include_authors=False), CHANGES)),
        read_deployments(keep(deployments_csv([dataset]), DEPLOYMENTS)),
        read_incidents(keep(incidents_csv([dataset]), INCIDENTS)),
        as_of=world.as_of,
        grain=world.settings.metrics.period,
        timezone=world.settings.metrics.timezone,
        fiscal_start_month=world.settings.metrics.fiscal_start_month,
        repositories=(world.repository,),
        since=world.since,
        until=world.until,
        levels=world.settings.metrics.levels,
        maturity_days=world.settings.failures.maturity_days,
        commits=read_commits(keep(commits_csv([dataset]), frames.COMMITS)),
    )


def published(results: Results) -> dict[str, dict[str, Any]]:
    """What `Numbers.published` computes, as we publish it."""
    return {found.period.label: _values(found) for found in (*results.periods, results.overall)}


def differences(world: World, *, whole: bool = True) -> list[str]:
    """Where the two disagree, the judgements first; empty when nowhere."""
    dataset, numbers = judged(world), Numbers(world)
    found = [
        f"deployments: {ours} here, {theirs} there" for ours, theirs in _differing(*_deployments(dataset, numbers))
    ]
    found += [f"changes: {ours} here, {theirs} there" for ours, theirs in _differing(*_changes(dataset, numbers))]
    ours, theirs = published(calculated(world, dataset, whole=whole)), numbers.published()
    if list(ours) != list(theirs):
        return [*found, f"periods: {list(ours)} here, {list(theirs)} there"]
    for label, values in theirs.items():
        found += [
            f"{label} {name}: {ours[label][name]} here, {value} there"
            for name, value in values.items()
            if not same(ours[label][name], value)
        ]
    return found


def _differing(ours: list[Any], theirs: list[Any]) -> list[tuple[Any, Any]]:
    longest = max(len(ours), len(theirs))
    pairs = zip(ours + [None] * (longest - len(ours)), theirs + [None] * (longest - len(theirs)))
    return [(mine, its) for mine, its in pairs if mine != its]


def _deployments(dataset: Dataset, numbers: Numbers) -> tuple[list[Any], list[Any]]:
    mine = [(d.key, d.deployed_at, d.kind, d.new_commits, d.changes) for d in dataset.deployments]
    its = [(d.key, d.at, d.kind, len(d.new), d.changes) for d in numbers.deployments]
    return mine, its


def _changes(dataset: Dataset, numbers: Numbers) -> tuple[list[Any], list[Any]]:
    mine = [
        (c.key, c.deployment, c.via, c.left_out, c.lead_time, c.is_hotfix, c.is_revert, "net_zero" in c.flags)
        for c in dataset.changes
    ]
    its = [
        (c.key, key_of(c), c.via, c.left_out, c.lead, c.is_hotfix, c.is_revert, "net_zero" in c.flags)
        for c in numbers.changes
    ]
    return sorted(mine, key=lambda row: row[0]), sorted(its, key=lambda row: row[0])


def key_of(change: C) -> Optional[str]:
    return change.deployment.key if change.deployment else None


def same(ours: Any, theirs: Any) -> bool:
    """Equal, but for the last digits of floats."""
    if isinstance(theirs, dict):
        return set(ours) == set(theirs) and all(same(ours[key], value) for key, value in theirs.items())
    if isinstance(theirs, (tuple, list)):
        return len(ours or ()) == len(theirs) and all(map(same, ours or (), theirs))
    if isinstance(theirs, float) and isinstance(ours, (int, float)):
        return abs(ours - theirs) <= TOLERANCE * max(1.0, abs(theirs))
    return bool(ours == theirs)


def _values(found: PeriodResult) -> dict[str, Any]:
    lead, frequency, rate = found.lead_time, found.deployment_frequency, found.change_failure_rate
    recovery, rework = found.mttr, found.rework_rate
    return {
        "flags": (found.partial, found.provisional),
        "lead": _spread(lead.spread, lead.band),
        "left_out": dict(lead.left_out),
        "undeployed": (lead.undeployed, lead.undeployed_median_age_s, lead.undeployed_oldest_s),
        "from_review": lead.from_review_median_s,
        "from_merge": lead.from_merge_median_s,
        "people": (lead.people_n, lead.people_median_s),
        "bots": (lead.bots_n, lead.bots_median_s),
        "per_commit": (lead.per_commit_n, lead.per_commit_median_s),
        "deployments": frequency.deployments,
        "per_day": frequency.per_day,
        "days_with": frequency.days_with_deployments,
        "gap": frequency.median_gap_s,
        "deployments_ci95": frequency.ci95_deployments,
        "frequency_band": frequency.band,
        "failed": rate.failed,
        "explicit": rate.explicit_failed,
        "could_fail": rate.deployments,
        "failed_ci95": rate.ci95,
        "unattributed": rate.unattributed,
        "not_in_dc": rate.not_in_dc,
        "recovery": _spread(recovery.spread, recovery.band),
        "invalid": recovery.left_out.get("invalid", 0),
        "open": recovery.open,
        "open_oldest": recovery.open_oldest_s,
        "from_deployment": recovery.from_deployment_median_s,
        "rework": rework.rework,
        "reworkable": rework.deployments,
        "rework_ci95": rework.ci95,
        "trailing": (rework.trailing_rework, rework.trailing_deployments),
    }


def _spread(spread: Spread, band: Any) -> dict[str, Any]:
    return {
        "n": spread.n,
        "median": spread.median_s,
        "p75": spread.p75_s,
        "p90": spread.p90_s,
        "mean": spread.mean_s,
        "max": spread.max_s,
        "ci95": spread.ci95_s,
        "insufficient": spread.insufficient,
        "band": band,
    }
