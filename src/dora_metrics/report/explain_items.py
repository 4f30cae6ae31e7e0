"""Explanations of one deployment, change, failure, commit or tag: where it came from, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Optional

from dora_metrics.domain.models import Change, Dataset, Deployment, Failure
from dora_metrics.domain.outages import Outage, outages_by_deployment
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.report.explain_rows import (
    ATTRIBUTIONS,
    CHANGE_COLUMNS,
    FAILURE_COLUMNS,
    MEANING,
    RULES,
    change_row,
    counts_for,
    deployment_names,
    failure_row,
    longest_first,
    moment,
    said_by,
    short,
)
from dora_metrics.report.explain_selection import PlacedDeployment, reason_of
from dora_metrics.report.explanation import Cell, Duration, Explanation, Named, Section
from dora_metrics.report.words import format_duration, plural

FACTS = ("what", "value")
STAGES = ("stage", "from", "to", "time", "why not")
SOURCES = {
    "deployment": "a GitHub Deployment to a production environment succeeded then",
    "release": "a GitHub Release was published then",
    "tag": "a version tag was made then",
    "merge": "it was merged to the branch then, and every merge is a deployment by configuration",
    "annotation": "a person said that it was deployed then",
}
"""Why each source's record is a deployment, and where its time comes from."""


def explain_deployment(dataset: Dataset, deployment: Deployment) -> Explanation:
    """What the deployment was made of, in which metrics it counts, what it delivered first, and whether it failed."""
    delivered = [change for change in dataset.changes if change.deployment == deployment.key]
    outage = outages_by_deployment(dataset.failures).get(deployment.key)
    placed = PlacedDeployment(dataset, deployment, outage)
    facts: list[tuple[str, Cell]] = [
        ("commit", deployment.commit_sha or "gone: the tag names none"),
        ("deployed", format_utc(deployment.deployed_at)),
        ("source", f"{deployment.source}: {SOURCES.get(deployment.source, '')}"),
        ("confirmed", "by a person" if deployment.explicit else "by nobody: it is what the source says"),
        ("also said by", ", ".join(deployment.evidence) or "nothing else"),
        ("environment", deployment.environment),
        ("kind", deployment.kind + (f": {deployment.kind_reason}" if deployment.kind_reason else "")),
        ("counts for", counts_for(placed)),
        ("release line", deployment.release_line or "the only one"),
        ("flags", ", ".join(deployment.flags) or "none"),
        ("first delivered", f"{plural(deployment.new_commits, 'commit')}, {plural(deployment.changes, 'change')}"),
    ]
    if deployment.kind == "rollback":
        facts.append(("withdrawn", plural(deployment.withdrawn, "commit")))
    sections = [
        _facts("Facts", facts, "facts"),
        _outage(outage, able=placed.failed),
        *change_sections(delivered),
        *_blamed_without_effect(dataset, deployment),
    ]
    name = _named(dataset, deployment.key, "").text
    return Explanation(f"{dataset.name}: deployment {name.removeprefix('deployment ')}", tuple(sections))


def _facts(title: str, facts: Sequence[tuple[str, Cell]], code: str) -> Section:
    return Section(title, columns=FACTS, rows=tuple(facts), code=code, whole=True)


def _outage(outage: Optional[Outage], *, able: bool) -> Section:
    if outage is None:
        return Section("Failure", ("Nothing says that it failed.",), code="failure")
    recovery = outage.recovery
    words = [f"Recovery time: {format_duration(None if recovery is None else recovery.total_seconds())}."]
    if not able:
        words.append("It counts for no failure rate: only deployments of kind normal and hotfix can fail.")
    if len(outage.failures) > 1:
        words.append("It fails once, from the first impact to the last restore.")
    return Section("Failure", tuple(words), FAILURE_COLUMNS, tuple(map(failure_row, outage.failures)), "failure")


def _blamed_without_effect(dataset: Dataset, deployment: Deployment) -> list[Section]:
    """Failures that name it and count for no deployment."""
    found = [f for f in dataset.failures if f.deployment == deployment.key and f.attribution == "not_in_Dc"]
    if not found:
        return []
    rows = tuple(map(failure_row, found))
    return [Section("Blamed on it", (ATTRIBUTIONS["not_in_Dc"],), FAILURE_COLUMNS, rows, "failure.not_in_Dc")]


def change_sections(changes: Iterable[Change]) -> list[Section]:
    """The changes that count, then those left out by reason."""
    changes = list(changes)
    counted = longest_first(change for change in changes if not reason_of(change))
    title = f"Lead time, counted: {plural(len(counted), 'change')}"
    sections = [Section(title, (), CHANGE_COLUMNS, tuple(map(change_row, counted)), "lead_time.counted")]
    for reason in sorted({reason_of(change) for change in changes} - {""}):
        left = [change for change in changes if reason_of(change) == reason]
        title = f"Left out, {reason}: {plural(len(left), 'change')}"
        rows = tuple(map(change_row, left))
        words = MEANING.get(reason, reason)
        sections.append(Section(title, (words,), CHANGE_COLUMNS, rows, f"lead_time.left_out:{reason}"))
    return sections


def explain_change(dataset: Dataset, change: Change, evidence: Sequence[str] = ()) -> Explanation:
    """The change's way from its first commit to users; `evidence` shows how its deployment was found."""
    judged: list[tuple[str, Cell]] = [
        ("delivered by", _delivery(dataset, change)),
        ("rule", f"{change.via}: {RULES.get(change.via, change.via)}" if change.deployment else _tied(change)),
        *(("evidence", line) for line in evidence),
        ("lead time starts", f"{moment(change.started_at)}{_start_flag(change)}"),
        ("hotfix", change.hotfix_reason or ("yes" if change.is_hotfix else "no")),
        ("revert of", ", ".join(map(short, change.reverts)) or ("unknown" if change.is_revert else "nothing")),
        ("made by a bot", "yes" if change.is_bot else "no"),
        ("flags", ", ".join(change.flags) or "none"),
        ("counted", _counted(change)),
    ]
    lead_time = None if change.lead_time is None else change.lead_time.total_seconds()
    sections = [
        _facts(f"Lead time: {format_duration(lead_time)}", judged, "judgements"),
        _stages(change),
        Section(
            f"Own commits: {len(change.commits):,}",
            ("Non-merge commits, oldest first; the first of them begins the lead time.",) if change.commits else (),
            ("commit",),
            tuple((sha,) for sha in change.commits),
            "commits",
        ),
    ]
    fixed = [failure for failure in dataset.failures if failure.fixed_by == change.key]
    if fixed:
        sections.append(Section("It fixed", (), FAILURE_COLUMNS, tuple(map(failure_row, fixed)), "fixed"))
    return Explanation(f"{dataset.name}: {short(change.key)} {change.title}", tuple(sections))


def _delivery(dataset: Dataset, change: Change) -> str:
    if change.deployment is None:
        return "no deployment yet" if not change.left_out else "no deployment"
    return f"{_named(dataset, change.deployment, '').text} at {moment(change.deployed_at)}"


def _named(dataset: Dataset, key: Optional[str], otherwise: str) -> Named:
    """What people call the deployment, or whatever else the key is of; `otherwise` without a key."""
    return Named(deployment_names((dataset,)).get(key, short(key)), key) if key else Named(otherwise, "")


def _tied(change: Change) -> str:
    if change.via == "unresolved":
        return f"unresolved: {RULES['unresolved']}"
    return f"{change.via}: no deployment reaches it so far"


def _start_flag(change: Change) -> str:
    flags = [flag.partition("=")[2].replace("_", " ") for flag in change.flags if flag.startswith("start=")]
    return f" ({flags[0]}: its own commits are unknown)" if flags else ""


def _counted(change: Change) -> str:
    reason = reason_of(change) if change.deployment else change.left_out
    if reason:
        return f"no, {reason}: {MEANING.get(reason, reason)}"
    return "yes, in the period of its deployment" if change.deployment else "as undeployed"


def _stages(change: Change) -> Section:
    """The stages as the report shows them (definitions.md 5): what is missing or runs backwards has no value."""
    stages = (
        ("coding", "first commit", change.first_commit_at, "opened", change.created_at),
        ("pickup", "ready for review", change.ready_at, "first review", change.first_review_at),
        ("review", "first review", change.first_review_at, "merged", change.merged_at),
        ("deploy", "merged", change.merged_at, "deployed", change.deployed_at),
    )
    words = ("Stages are for display: the lead time is never their sum, since parts are missing or overlap.",)
    rows = tuple(_stage(*stage) for stage in stages)
    return Section("The way to production", words, STAGES, rows, "stages", whole=True)


def _stage(
    name: str, start_name: str, start: Optional[datetime], end_name: str, end: Optional[datetime]
) -> tuple[Cell, ...]:
    missing = [what for what, time in ((start_name, start), (end_name, end)) if time is None]
    why = f"unknown: {', '.join(missing)}" if missing else ""
    seconds = None
    if start is not None and end is not None:
        seconds = (end - start).total_seconds()
        why = "" if seconds >= 0 else f"{end_name} before {start_name}"
    waited = Duration(seconds if seconds is not None and seconds >= 0 else None)
    return (name, f"{start_name} {moment(start)}", f"{end_name} {moment(end)}", waited, why)


def explain_failure(dataset: Dataset, failure: Failure) -> Explanation:
    """What an outage was, which deployment it is blamed on and why, and when it was over."""
    recovery = Outage((failure,)).recovery
    facts: list[tuple[str, Cell]] = [
        ("blamed on", _named(dataset, failure.deployment, "no deployment")),
        ("rule", f"{failure.attribution}: {ATTRIBUTIONS.get(failure.attribution, '')}"),
        ("because", failure.because),
        ("said by", said_by((failure,))),
        ("began", moment(failure.began_at)),
        ("restored", moment(failure.restored_at) if failure.restored_at else "not yet"),
        ("restored by", _named(dataset, failure.restored_by, "unknown")),
        ("fixed by", short(failure.fixed_by) if failure.fixed_by else "unknown"),
        ("recovery time", format_duration(None if recovery is None else recovery.total_seconds())),
        ("flags", ", ".join(failure.flags) or "none"),
    ]
    sections = [_facts("Facts", facts, "facts")]
    outage = outages_by_deployment(dataset.failures).get(failure.deployment or "")
    if outage is not None and len(outage.failures) > 1:
        words = ("One deployment fails once: these count together, from the first impact to the last restore.",)
        rows = tuple(map(failure_row, outage.failures))
        sections.append(Section("Blamed on the same deployment", words, FAILURE_COLUMNS, rows, "failure"))
    return Explanation(f"{dataset.name}: {short(failure.key)} {failure.title}", tuple(sections))
