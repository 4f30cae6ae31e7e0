"""Definitions of Google's Four Keys, which is no longer maintained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dora_metrics.calculators.columns import middle
from dora_metrics.calculators.profile import Value, counted, share
from dora_metrics.calculators.profile_frequency import deployments_in, median_week
from dora_metrics.calculators.profile_tables import Tables, none_known, within

if TYPE_CHECKING:
    from dora_metrics.calculators.windows import Window

NO_INCIDENT = "no incident issue was opened in it and closed since"

RULES: Mapping[str, str] = {
    "lead_time": (
        "median over the commits first deployed in the period, of deployment - commit time; those of zero or "
        "less are dropped"
    ),
    "deployment_frequency": "days with a deployment a week (UTC), median of the period's weeks; divided by 7 here",
    "change_failure_rate": "incident issues that name what caused them, over deployments: may exceed 100 %",
    "mttr": (
        "median of issue closed - the earlier of its opening and the deployment that it names, of the issues "
        "opened in the period"
    ),
}


class FourKeys:
    """Commits, not changes; a failure is a commit or deployment that an issue names."""

    name = "fourkeys"
    title = "Four Keys"
    source = "dora-team/fourkeys 6cc642e (2024-01, no longer maintained): queries/*.sql, METRICS.md"
    rules = RULES
    not_reproduced = (
        "its dashboard looks at the last three months whatever was chosen; here the period counts",
        "a commit belongs to the push that was deployed; here to the first deployment that contains it",
    )

    def lead_time(self, tables: Tables, window: Window) -> Value:
        """Seconds."""
        here = within(tables.commit_deployed, window)
        waits = tables.commit_lead[here]
        positive = waits[waits > 0]
        dropped = int(waits.size - positive.size)
        why = "commits weigh alike, so that a pull request of many weighs more"
        said = f"{why}; {counted(dropped, 'commit')} left out, deployed when written or before" if dropped else why
        return Value(middle(positive), n=int(positive.size), why=said if positive.size else "no commit was delivered")

    def frequency(self, tables: Tables, window: Window) -> Value:
        """A day: a seventh of the median week."""
        return median_week(tables, window, middle)

    def failure_rate(self, tables: Tables, window: Window) -> Value:
        """A share."""
        made = deployments_in(tables, window)
        failed = int(within(tables.issues.stated_deployed, window).sum())
        why = "only issues that name their cause, each by itself; redeploys and rollbacks are among the deployments"
        return Value(
            share(failed, made), n=failed, of=made, why=f"{why}{none_known(tables)}" if made else "nothing was deployed"
        )

    def recovery(self, tables: Tables, window: Window) -> Value:
        """Seconds."""
        issues = tables.issues
        here = within(issues.opened, window) & ~np.isnan(issues.closed)
        begun = np.fmin(issues.opened, issues.stated_deployed)
        waits = issues.closed[here] - begun[here]
        why = "counts from the deployment where the issue names one; to the closing of the issue; by when it was opened"
        return Value(middle(waits), n=int(waits.size), why=why if waits.size else NO_INCIDENT)
