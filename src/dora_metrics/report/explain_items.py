"""Explanations of one deployment, change or commit: where it came from, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Optional

from dora_metrics.domain.models import Change, Dataset, Deployment, Failure
from dora_metrics.domain.outages import Outage
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.report.explanation import Explanation, Section
from dora_metrics.report.words import NO_DATA, format_duration

CHANGE_COLUMNS = ("change", "lead time", "via", "flags", "title")
FAILURE_COLUMNS = ("deployment", "rule", "said by", "began", "restored", "because")
MEANING = {
    "left_truncated": "delivered by the first known deployment: how long it had waited before is unknown",
    "negative": "deployed over 5 minutes before it was written: its clocks cannot be right",
    "cherry_pick": "made of cherry-picks alone: counted with the change that it repeats",
    "carrier": "only carried changes that had been merged before",
    "unresolved": "no rule could tie it to the history: listed, never guessed",
    "bot": "made by a bot, and bots are left out by configuration",
    "no_start": "where its lead time begins is unknown",
}
"""What each reason for leaving a change out means."""
RULES = {
    "commit": "the commit itself belongs to no pull request",
    "merge_commit": "its merge commit was first reached by this deployment",
    "subject": "the commit whose message names it was first reached by this deployment",
    "head": "its branch's tip was first reached by this deployment",
    "cherry_pick": "a cherry-pick of it was first reached by this deployment",
    "parent_pr": "it was merged into another pull request's branch",
    "unresolved": "no rule could tie it to the history",
}
"""What each way of delivery means."""


def short(key: str) -> str:
    """A key as people read it: `#12`, or ten digits of a hash."""
    kind, _, name = key.partition(":")
    if kind == "pr":
        return f"#{name}"
    return name[:10] if kind in ("commit", "merge", "annotation") else name


def change_row(change: Change) -> tuple[str, ...]:
    """The change as a row under `CHANGE_COLUMNS`."""
    lead_time = None if change.lead_time is None else change.lead_time.total_seconds()
    return (short(change.key), format_duration(lead_time), change.via, ";".join(change.flags), change.title)


def failure_row(failure: Failure) -> tuple[str, ...]:
    """The failure as a row under `FAILURE_COLUMNS`."""
    return (
        short(failure.deployment) if failure.deployment else "none",
        failure.attribution,
        "a person" if failure.provenance == "explicit" else f"proposal, {failure.confidence}",
        _moment(failure.began_at),
        _moment(failure.restored_at) if failure.restored_at else "open",
        failure.because,
    )


def _moment(moment: Optional[datetime]) -> str:
    return format_utc(moment) or NO_DATA


def explain_deployment(dataset: Dataset, deployment: Deployment) -> Explanation:
    """What the deployment was made of, what it delivered first, and whether it failed."""
    delivered = [change for change in dataset.changes if change.deployment == deployment.key]
    failures = [failure for failure in dataset.failures if failure.deployment == deployment.key]
    facts = [
        ("commit", deployment.commit_sha),
        ("deployed", format_utc(deployment.deployed_at)),
        ("source", deployment.source + (", confirmed by a person" if deployment.explicit else "")),
        ("kind", deployment.kind + (f": {deployment.kind_reason}" if deployment.kind_reason else "")),
        ("evidence", ", ".join(deployment.evidence) or "none"),
        ("flags", ", ".join(deployment.flags) or "none"),
        ("first delivered", f"{deployment.new_commits} commits, {deployment.changes} changes"),
    ]
    if deployment.kind == "rollback":
        facts.append(("withdrawn", f"{deployment.withdrawn} commits"))
    sections = [
        Section("Facts", columns=("what", "value"), rows=tuple(facts)),
        _failure_section(failures),
        *change_sections(delivered),
    ]
    return Explanation(f"{dataset.repository}: deployment {short(deployment.key)}", tuple(sections))


def _failure_section(failures: list[Failure]) -> Section:
    if not failures:
        return Section("Failure", ("Nothing says that it failed.",))
    recovery = Outage(tuple(failures)).recovery
    words = f"recovery time {format_duration(None if recovery is None else recovery.total_seconds())}"
    return Section("Failure", (words,), FAILURE_COLUMNS, tuple(map(failure_row, failures)))


def change_sections(changes: Iterable[Change]) -> list[Section]:
    """The changes that count, then those left out by reason."""
    changes = list(changes)
    counted = [change for change in changes if not change.left_out]
    sections = [Section(f"Counted: {len(counted)} changes", (), CHANGE_COLUMNS, tuple(map(change_row, counted)))]
    for reason in sorted({change.left_out for change in changes if change.left_out}):
        left = [change for change in changes if change.left_out == reason]
        title = f"Left out, {reason}: {len(left)} changes"
        words = MEANING.get(reason, reason)
        sections.append(Section(title, (words,), CHANGE_COLUMNS, tuple(map(change_row, left))))
    return sections


def explain_change(dataset: Dataset, change: Change) -> Explanation:
    """The change's way from its first commit to users."""
    lead_time = None if change.lead_time is None else change.lead_time.total_seconds()
    way = [
        ("first commit", _moment(change.first_commit_at)),
        ("pull request opened", _moment(change.created_at)),
        ("ready for review", _moment(change.ready_at)),
        ("first review", _moment(change.first_review_at)),
        ("merged", _moment(change.merged_at)),
        ("deployed", _moment(change.deployed_at) if change.deployment else "not yet"),
        ("lead time starts", _moment(change.started_at)),
        ("lead time", format_duration(lead_time)),
    ]
    judged = [
        ("delivered by", short(change.deployment) if change.deployment else "no deployment yet"),
        ("rule", f"{change.via}: {RULES.get(change.via, '')}"),
        ("hotfix", change.hotfix_reason or "no"),
        ("revert of", ", ".join(map(short, change.reverts)) or ("unknown" if change.is_revert else "nothing")),
        ("flags", ", ".join(change.flags) or "none"),
        (
            "counted",
            f"no, {change.left_out}: {MEANING.get(change.left_out, '')}" if change.left_out else _counted(change),
        ),
    ]
    failures = [failure for failure in dataset.failures if failure.fixed_by == change.key]
    sections = [
        Section("The way", columns=("step", "time"), rows=tuple(way)),
        Section("Judgements", columns=("what", "value"), rows=tuple(judged)),
        Section(f"Own commits: {len(change.commits)}", tuple(change.commits)),
    ]
    if failures:
        sections.append(Section("It fixed", (), FAILURE_COLUMNS, tuple(map(failure_row, failures))))
    return Explanation(f"{dataset.repository}: {short(change.key)} {change.title}", tuple(sections))


def _counted(change: Change) -> str:
    return "yes, in the period of its deployment" if change.deployment else "as undeployed"
