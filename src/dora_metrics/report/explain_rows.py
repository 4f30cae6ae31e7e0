"""Changes, deployments, failures and decisions as rows of an explanation, and what their rules mean in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, Optional

from dora_metrics.domain.models import Change, Dataset, Failure
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.report.explain_selection import CAN_FAIL, NOT_FREQUENT, REWORK, PlacedDeployment, began
from dora_metrics.report.explanation import Cell, Duration, Explanation, Named, Section
from dora_metrics.report.words import NO_DATA, format_minute

CHANGE_COLUMNS = ("change", "deployment", "lead time", "via", "flags", "title")
WAITING_COLUMNS = ("change", "waiting since", "age", "title")
DEPLOYMENT_COLUMNS = ("deployment", "time", "kind", "counts for", "changes", "why")
FAILED_COLUMNS = ("deployment", "began", "restored", "recovery", "said by", "because")
FAILURE_COLUMNS = ("failure", "deployment", "said by", "began", "restored", "because")
DECISION_COLUMNS = ("row", "said by", "when", "file", "line", "decision")
MEANING = {
    "left_truncated": "delivered by the first known deployment: how long it had waited before is unknown",
    "negative": "deployed over 5 minutes before it was written: its clocks cannot be right",
    "cherry_pick": "made of cherry-picks alone: counted with the change that it repeats",
    "carrier": "only carried changes that had been merged before",
    "unresolved": "no rule could tie it to the history: listed, never guessed",
    "bot": "made by a bot, and bots are left out by configuration",
    "no_start": "where its lead time begins is unknown",
    "unknown": "it was deployed, and nothing says how long it took",
    "invalid": "restored before it began: one of the two times is wrong",
}
"""What each reason for leaving something out means."""
RULES = {
    "commit": "the commit itself, which belongs to no pull request, was first reached by this deployment",
    "merge_commit": "its merge commit was first reached by this deployment",
    "subject": "the commit whose message names it was first reached by this deployment",
    "head": "its branch's tip was first reached by this deployment",
    "cherry_pick": "a cherry-pick of it was first reached by this deployment",
    "parent_pr": "it was merged into the branch of another pull request, which this deployment brought",
    "unresolved": "no rule could tie it to the history",
}
"""What each way of delivery means."""
ATTRIBUTIONS = {
    "annotated_deployment": "rule 1: a person said that this deployment failed",
    "annotated_commit": "rule 2: a person named the commit or pull request that caused it",
    "stated": "rule 2: the incident's own text names its cause",
    "rollback": "rule 3: a rollback took back what was live",
    "revert": "rule 4: what was reverted had been delivered by this deployment",
    "inferred": "rule 5: the last deployment before it, within the window",
    "unattributed": "no rule found a deployment: in neither rate nor recovery",
    "not_in_Dc": "its cause is an initial deployment, a redeploy or a rollback: in neither rate nor recovery",
    "no_deployment": "a person said that no deployment caused it: in neither rate nor recovery",
}
"""What each rule of attribution means (definitions.md 6)."""


NO_TIME = timedelta(0)
SURENESS = ("high", "medium", "low")


class Decision(NamedTuple):
    """A person's word in force, and where it came from."""

    repository: str
    service: str
    key: str
    column: str
    value: str
    accepted_at: datetime
    actor: str
    """Who ran the import; empty when the history no longer says."""
    file: str
    """The imported file as it is kept."""
    line: int


def short(key: str) -> str:
    """A key as people read it: `#12`, or ten digits of a hash."""
    kind, _, name = key.partition(":")
    if kind in ("pr", "issue"):
        return f"#{name}"
    if kind == "deployment":
        return f"deployment {name}"
    return name[:10] if kind in ("commit", "merge", "annotation") else name


def deployment_names(datasets: Iterable[Dataset]) -> dict[str, str]:
    """By key what people call GitHub's Deployments of a tag: the number alone, of the key, tells them nothing."""
    return {
        made.key: f"{made.tag} ({short(made.key)})"
        for dataset in datasets
        for made in dataset.deployments
        if made.source == "deployment" and made.tag
    }


def with_names(explanation: Explanation, names: Mapping[str, str]) -> Explanation:
    """The explanation, where cells whose value is one of the keys show its name; for programs they stay keys."""
    return replace(explanation, sections=tuple(_renamed(section, names) for section in explanation.sections))


def _renamed(section: Section, names: Mapping[str, str]) -> Section:
    rows = tuple(
        tuple(Named(names.get(cell.value, cell.text), cell.value) if isinstance(cell, Named) else cell for cell in row)
        for row in section.rows
    )
    return replace(section, rows=rows)


def moment(time: Optional[datetime]) -> str:
    """The time in UTC, or `no data`."""
    return format_utc(time) or NO_DATA


def key_cell(key: Optional[str]) -> Named:
    """A key: short for people, whole for programs; `none` where there is none."""
    return Named(short(key), key) if key else Named("none", "")


def time_cell(time: Optional[datetime], otherwise: str = NO_DATA) -> Named:
    """A time in UTC: to the minute for people, to the second for programs; `otherwise` where there is none."""
    return Named(format_minute(time) if time else otherwise, format_utc(time))


def _short_file(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/{name[:8]}…" if folder else name[:8]


def change_row(change: Change) -> tuple[Cell, ...]:
    """The change under `CHANGE_COLUMNS`."""
    lead_time = None if change.lead_time is None else change.lead_time.total_seconds()
    return (
        key_cell(change.key),
        key_cell(change.deployment),
        Duration(lead_time),
        change.via,
        ";".join(change.flags),
        change.title,
    )


def longest_first(changes: Iterable[Change]) -> list[Change]:
    """By lead time, the longest first; those without one behind, by the time of their deployment."""
    return sorted(changes, key=lambda change: (change.lead_time is None, -(change.lead_time or NO_TIME)))


def waiting_row(change: Change, at: datetime) -> tuple[Cell, ...]:
    """The undeployed change under `WAITING_COLUMNS`, its age at `at`."""
    since = began(change)
    age = None if since is None else max((at - since).total_seconds(), 0.0)
    return (key_cell(change.key), time_cell(since), Duration(age), change.title)


def deployment_row(placed: PlacedDeployment) -> tuple[Cell, ...]:
    """The deployment under `DEPLOYMENT_COLUMNS`."""
    made = placed.deployment
    failed = "failed" if placed.failed else ""
    why = "; ".join(part for part in (failed, made.kind_reason, ", ".join(made.flags)) if part)
    return (key_cell(made.key), time_cell(made.deployed_at), made.kind, counts_for(placed), made.changes, why)


def counts_for(placed: PlacedDeployment) -> str:
    """The metrics in which the deployment is counted, in short."""
    kind = placed.deployment.kind
    said = (
        ("frequency", kind not in NOT_FREQUENT),
        ("failures", kind in CAN_FAIL),
        ("rework", kind in REWORK),
    )
    return ", ".join(name for name, holds in said if holds) or "nothing"


def failed_row(placed: PlacedDeployment) -> tuple[Cell, ...]:
    """The failed deployment with all that is blamed on it, under `FAILED_COLUMNS`."""
    recovery = None if placed.recovery is None else placed.recovery.total_seconds()
    failures = () if placed.outage is None else placed.outage.failures
    return (
        key_cell(placed.deployment.key),
        time_cell(placed.began_at),
        time_cell(placed.restored_at, "open"),
        Duration(recovery),
        said_by(failures),
        "; ".join(dict.fromkeys(f"{failure.attribution}: {failure.because}" for failure in failures)),
    )


def said_by(failures: Sequence[Failure]) -> str:
    """Who says so: a person, the incident's own text, or a rule, with how sure it is."""
    explicit = [failure for failure in failures if failure.provenance == "explicit"]
    if explicit:
        return "its own text" if all(failure.attribution == "stated" for failure in explicit) else "a person"
    surest = min((failure.confidence for failure in failures), key=SURENESS.index, default="low")
    return f"a rule, {surest}"


def failure_row(failure: Failure) -> tuple[Cell, ...]:
    """The failure under `FAILURE_COLUMNS`."""
    return (
        Named(short(failure.key) if failure.issue is not None else "no issue", failure.key),
        key_cell(failure.deployment),
        said_by((failure,)),
        time_cell(failure.began_at),
        time_cell(failure.restored_at, "open"),
        f"{failure.attribution}: {failure.because}",
    )


def decision_section(decisions: Iterable[Decision]) -> list[Section]:
    """What people said about these items; no section when nobody said anything."""
    rows = tuple(
        (
            key_cell(said.key),
            said.actor or "unknown",
            time_cell(said.accepted_at),
            Named(_short_file(said.file), said.file),
            said.line,
            f"{said.column} = {said.value}",
        )
        for said in decisions
    )
    if not rows:
        return []
    words = ("What people decided about these, still in force; `dora-metrics log` lists the imports.",)
    return [Section(f"Decisions in force: {len(rows)}", words, DECISION_COLUMNS, rows, "decisions")]


def with_places(
    columns: Sequence[str], rows: Iterable[tuple[Dataset, tuple[Cell, ...]]], *, several: bool
) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """Columns and rows, with the repository and service in front where there are `several`."""
    if not several:
        return tuple(columns), tuple(row for _, row in rows)
    return ("repository", *columns), tuple((dataset.name, *row) for dataset, row in rows)
