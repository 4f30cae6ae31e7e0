"""Middleware's definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dora_metrics.calculators.profile import NEEDS_GITHUB, Value, counted, share
from dora_metrics.calculators.profile_frequency import deployments_in, mean_day
from dora_metrics.calculators.profile_tables import Tables, mean, none_known, within

if TYPE_CHECKING:
    from dora_metrics.calculators.columns import Floats
    from dora_metrics.calculators.windows import Window

NO_INCIDENT = "no incident was closed and nothing reverted"

RULES: Mapping[str, str] = {
    "lead_time": (
        "mean over the pull requests merged in the period that were deployed, of first commit's committer "
        "time to opening (negative: 0), to merge, to deployment"
    ),
    "deployment_frequency": "mean deployments a day of the period",
    "change_failure_rate": "deployments with an incident before the next deployment, among all of the period",
    "mttr": (
        "mean of resolved - created of the incidents resolved in the period; a reverted pull request is one, "
        "from its merge to the revert's merge"
    ),
}


class Middleware:
    """Means; pull requests by when they were merged; a revert is an incident that began with the merge it reverts."""

    name = "middleware"
    title = "Middleware"
    source = (
        "middlewarehq/middleware 5471e35 (2025-08): lead_time.py, etl_code_analytics.py, deployments/analytics.py, "
        "incidents.py, etl_git_incidents_handler.py; deployments from workflows"
    )
    rules = RULES
    not_reproduced = (
        "failed runs of a workflow are among its deployments: the data here hold only successful ones",
        "it shows 0 where there is nothing; here that is NA",
        "its weekly and monthly rates are raised to the daily one times 7 and 30",
    )

    def lead_time(self, tables: Tables, window: Window) -> Value:
        """Seconds, a mean; NA when no pull request of the period has its times."""
        pulls = tables.pulls
        here = within(pulls.merged, window) & ~np.isnan(pulls.deployed)
        timed = here & ~np.isnan(pulls.created)
        coding = pulls.created[timed] - pulls.first_committed[timed]
        with np.errstate(invalid="ignore"):
            coding = np.where(coding > 0, coding, 0.0)
        sums = coding + pulls.deployed[timed] - pulls.created[timed]
        if not sums.size:
            return Value(None, why=NEEDS_GITHUB if here.any() else "no pull request was merged and deployed")
        moved = int((within(pulls.deployed, window) & ~within(pulls.merged, window)).sum())
        late = counted(moved, "pull request that was", "pull requests that were")
        by_merge = f"; it leaves out {late} deployed in the period and merged before it" if moved else ""
        return Value(mean(sums), int(sums.size), is_mean=True, why=f"a mean, of the period of the merge{by_merge}")

    def frequency(self, tables: Tables, window: Window) -> Value:
        """A day."""
        return mean_day(tables, window)

    def failure_rate(self, tables: Tables, window: Window) -> Value:
        """A share."""
        deployed = np.unique(tables.deployed)
        begun = np.concatenate([tables.issues.opened, _reverted(tables)[0]])
        places = deployed.searchsorted(begun[~np.isnan(begun)], side="right") - 1
        failed = np.unique(places[places >= 0])
        hits = int(within(deployed[failed], window).sum())
        made = deployments_in(tables, window)
        why = "whatever deployment was the last before the incident; a revert counts from the merge it takes back"
        return Value(
            share(hits, made), n=hits, of=made, why=f"{why}{none_known(tables)}" if made else "nothing was deployed"
        )

    def recovery(self, tables: Tables, window: Window) -> Value:
        """Seconds, a mean."""
        begun, ended = _reverted(tables)
        opened = np.concatenate([tables.issues.opened, begun])
        closed = np.concatenate([tables.issues.closed, ended])
        here = within(closed, window) & ~np.isnan(opened)
        waits = closed[here] - opened[here]
        why = "a mean; incidents that no deployment caused are in it; reverts count from merge to merge"
        return Value(
            mean(waits),
            int(waits.size),
            is_mean=True,
            why=why if waits.size else NO_INCIDENT,
        )


def _reverted(tables: Tables) -> tuple[Floats, Floats]:
    """When what was reverted had been merged, and when the revert was; of reverts that name a pull request."""
    pulls = tables.pulls
    merged = dict(zip(pulls.keys, pulls.merged.tolist()))
    pairs = [
        (merged[key], ended)
        for ended, named in zip(pulls.merged.tolist(), pulls.reverts)
        for key in named
        if key in merged
    ]
    begun, ended = (list(side) for side in zip(*pairs)) if pairs else ([], [])
    return np.array(begun, dtype=np.float64), np.array(ended, dtype=np.float64)
