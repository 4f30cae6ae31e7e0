"""The processed tables as other tools would see them: pull requests, deployments, incident issues. Plain arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

import numpy as np

from dora_metrics.calculators.columns import (
    Flags,
    Floats,
    durations_of,
    labels_of,
    owned_keys,
    require_columns,
    seconds_of,
)
from dora_metrics.calculators.profile import counted

if TYPE_CHECKING:
    import pandas as pd

    from dora_metrics.calculators.windows import Window

DAY_S = 86_400
WEEK_S = 7 * DAY_S
MONDAY_S = 4 * DAY_S
"""The first Monday after the Unix epoch, which was a Thursday."""


@dataclass(frozen=True)
class PullRequests:
    """Merged pull requests; Unix seconds, NaN where a time is unknown."""

    keys: Sequence[str]
    first_authored: Floats
    first_committed: Floats
    created: Floats
    merged: Floats
    deployed: Floats
    of_first_deployment: Flags
    """Delivered by the first known deployment, with all history before it."""
    reverts: Sequence[Sequence[str]]
    """Keys of what each one takes back."""


@dataclass(frozen=True)
class Issues:
    """Incident issues; Unix seconds, NaN where there is none."""

    opened: Floats
    closed: Floats
    stated_deployed: Floats
    """When the deployment went out that the issue's own text states; NaN where it states none."""


@dataclass(frozen=True)
class Tables:
    """All that the profiles count."""

    pulls: PullRequests
    deployed: Floats
    """Times of all successful deployments to production, ascending: redeploys and rollbacks are among them."""
    repeated: Floats
    """Of them the redeploys and rollbacks, which our own frequency does not count; ascending."""
    issues: Issues
    knows_issues: bool
    """GitHub was asked: without it that there is no incident issue says nothing."""
    commit_deployed: Floats
    commit_lead: Floats
    """Of each commit that a deployment after the first one delivered first: when, and after how many seconds."""
    lone_commits: Floats
    """When the changes that are no pull request were deployed; NaN where they were not."""


def read_tables(
    changes: pd.DataFrame,
    deployments: pd.DataFrame,
    incidents: pd.DataFrame,
    commits: Optional[pd.DataFrame],
    *,
    knows_issues: bool = True,
) -> Tables:
    """The tables of the processed files. Raises `InputError` for a missing or unreadable column."""
    require_columns(changes, ("key", "merged_at", "deployed_at", "left_out"), "changes.csv")
    require_columns(deployments, ("key", "deployed_at", "kind"), "deployments.csv")
    require_columns(incidents, ("issue", "opened_at", "closed_at", "caused_by", "attribution"), "incidents.csv")
    is_pull = changes["key"].astype(str).str.startswith("pr:").to_numpy(dtype=np.bool_)
    made = seconds_of(deployments, "deployed_at")
    when = dict(zip(owned_keys(deployments, "key"), made.tolist()))
    lead = np.empty(0) if commits is None else durations_of(commits, "lead_time_hours")
    delivered_by = [] if commits is None else owned_keys(commits, "deployment")
    return Tables(
        pulls=_pulls(changes[is_pull]),
        deployed=np.sort(made[~np.isnan(made)]),
        repeated=np.sort(made[~np.isnan(made) & labels_of(deployments, "kind").among(("redeploy", "rollback"))]),
        issues=_issues(incidents, when),
        knows_issues=knows_issues,
        commit_deployed=np.array([when.get(key, np.nan) for key in delivered_by], dtype=np.float64),
        commit_lead=lead,
        lone_commits=seconds_of(changes[~is_pull], "deployed_at"),
    )


def _pulls(changes: pd.DataFrame) -> PullRequests:
    reverts = changes["reverts"].fillna("").astype(str) if "reverts" in changes.columns else [""] * len(changes)
    return PullRequests(
        keys=changes["key"].astype(str).tolist(),
        first_authored=seconds_of(changes, "first_commit_at"),
        first_committed=seconds_of(changes, "first_committed_at"),
        created=seconds_of(changes, "created_at"),
        merged=seconds_of(changes, "merged_at"),
        deployed=seconds_of(changes, "deployed_at"),
        of_first_deployment=labels_of(changes, "left_out").among(("left_truncated",)),
        reverts=[[key for key in text.split(";") if key] for text in reverts],
    )


def _issues(incidents: pd.DataFrame, when: dict[tuple[str, str, str], float]) -> Issues:
    frame = incidents[~incidents["issue"].astype(str).isin(("", "nan", "<NA>", "None"))]
    stated = labels_of(frame, "attribution").among(("stated",))
    causes = [when.get(key, np.nan) for key in owned_keys(frame, "caused_by")]
    return Issues(
        opened=seconds_of(frame, "opened_at"),
        closed=seconds_of(frame, "closed_at"),
        stated_deployed=np.where(stated, np.array(causes, dtype=np.float64), np.nan),
    )


def repeats(tables: Tables, window: Window) -> str:
    """What must be said of a count of deployments that holds those which brought nothing new; empty without any."""
    count = int(within(tables.repeated, window).sum())
    return f"{counted(count, 'redeploy or rollback counts', 'redeploys or rollbacks count')} too; " if count else ""


def none_known(tables: Tables) -> str:
    """What must be said of a rate of failures where no incident issue is known; empty where one is."""
    return "" if tables.issues.opened.size else "; it shows none only because no incident issue is known at all"


def lower_median(values: Floats) -> Optional[float]:
    """The middle value, of an even number the lower of the two; `None` without values."""
    ordered = np.sort(values[~np.isnan(values)])
    return float(ordered[(ordered.size - 1) // 2]) if ordered.size else None


def mean(values: Floats) -> Optional[float]:
    """The arithmetic mean; `None` without values."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None


def within(times: Floats, window: Window) -> Flags:
    """Which of `times` lie in the window; NaN lies in none."""
    with np.errstate(invalid="ignore"):
        return (times >= window.start_s) & (times < window.end_s)


def days_a_week(deployed: Floats, window: Window) -> list[int]:
    """For each ISO week (UTC) that the window touches, on how many days of it the window holds a deployment."""
    days = np.unique(deployed[within(deployed, window)] // DAY_S)
    weeks = list(_weeks(window.start_s, window.at_s))
    return [int(((days * DAY_S >= start) & (days * DAY_S < start + WEEK_S)).sum()) for start in weeks]


def _weeks(start_s: float, end_s: float) -> Iterator[float]:
    monday = (start_s - MONDAY_S) // WEEK_S * WEEK_S + MONDAY_S
    while monday < end_s:
        yield monday
        monday += WEEK_S


def last_before(deployed: Floats, moments: Floats) -> Floats:
    """For each moment the time of the latest deployment not after it, however long ago; NaN without one."""
    places = deployed.searchsorted(np.where(np.isnan(moments), -np.inf, moments), side="right") - 1
    found = np.full(moments.shape, np.nan)
    known = places >= 0
    found[known] = deployed[places[known]]
    return found
