"""Apache DevLake's definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dora_metrics.calculators.profile import NEEDS_GITHUB, Value, counted, share
from dora_metrics.calculators.profile_frequency import deployments_in, median_week
from dora_metrics.calculators.profile_tables import Tables, last_before, lower_median, within

if TYPE_CHECKING:
    from dora_metrics.calculators.columns import Floats
    from dora_metrics.calculators.windows import Window

MINUTE_S = 60
NO_INCIDENT = "no incident was closed whose deployment lies in the period too"


RULES: Mapping[str, str] = {
    "lead_time": (
        "lower median over the pull requests whose deployment finished in the period, of whole minutes "
        "(rounded up) to creation, to merge and to deployment; a negative part is left out of the sum; the "
        "first deployment and commits without a pull request left out"
    ),
    "deployment_frequency": (
        "days with a deployment a week (UTC), lower median over all weeks that the period touches; divided by 7 here"
    ),
    "change_failure_rate": (
        "deployments that were the latest one before an incident issue was opened, however long before, among "
        "all deployments of the period, redeploys and rollbacks too"
    ),
    "mttr": "lower median of issue closed - deployment, where both lie in the period",
}


class DevLake:
    """Pull requests alone; what is negative is left out of the sum; incidents blame the deployment before them."""

    name = "devlake"
    title = "Apache DevLake"
    source = (
        "apache/devlake 420e494 (2026-05): change_lead_time_calculator.go, incident_deploy_connector.go and DORA.json; "
        "the panels of its 2023 report"
    )
    rules = RULES
    not_reproduced = (
        "it charts a period without values as 0 hours; here that is NA",
        "deployments of CI jobs chosen by a pattern: only GitHub Deployments, releases, tags and merges are known here",
    )

    def lead_time(self, tables: Tables, window: Window) -> Value:
        """Seconds; NA when no pull request of the period has its times."""
        pulls = tables.pulls
        here = within(pulls.deployed, window)
        counted = here & ~pulls.of_first_deployment
        timed = counted & ~np.isnan(pulls.created) & ~np.isnan(pulls.merged)
        coding = _minutes(pulls.created[timed] - pulls.first_authored[timed])
        review = _minutes(pulls.merged[timed] - pulls.created[timed])
        deploy = _minutes(pulls.deployed[timed] - pulls.merged[timed])
        sums = (coding + review + deploy) * MINUTE_S
        if not sums.size:
            return Value(None, why=NEEDS_GITHUB if counted.any() else "no pull request was deployed")
        why = "the lower of two middle values; parts added up, not the whole measured"
        return Value(lower_median(sums), n=int(sums.size), why=f"{_others(tables, window)}{why}")

    def frequency(self, tables: Tables, window: Window) -> Value:
        """A day: a seventh of the median week."""
        return median_week(tables, window, lower_median)

    def failure_rate(self, tables: Tables, window: Window) -> Value:
        """A share; NA when there is no incident issue at all."""
        made = deployments_in(tables, window)
        if not tables.issues.opened.size:
            return Value(None, of=made, why="no incident issue is known at all")
        blamed = np.unique(last_before(tables.deployed, tables.issues.opened))
        failed = int(within(blamed, window).sum())
        why = "incident issues only: no rollback, revert or hotfix; no limit to how old the blamed deployment may be"
        return Value(share(failed, made), n=failed, of=made, why=why)

    def recovery(self, tables: Tables, window: Window) -> Value:
        """Seconds."""
        issues = tables.issues
        blamed = last_before(tables.deployed, issues.opened)
        both = within(blamed, window) & within(issues.closed, window)
        waits = issues.closed[both] - blamed[both]
        why = "counts from the deployment, not from the impact, to the closing of the issue, not to the fix's delivery"
        return Value(
            lower_median(waits),
            n=int(waits.size),
            why=why if waits.size else NO_INCIDENT,
        )


def _minutes(seconds: Floats) -> Floats:
    """Whole minutes, rounded up; 0 for a negative or unknown part, which the sum leaves out."""
    with np.errstate(invalid="ignore"):
        return np.where(seconds >= 0, np.ceil(seconds / MINUTE_S), 0.0)


def _others(tables: Tables, window: Window) -> str:
    count = int(within(tables.lone_commits, window).sum())
    said = counted(count, "commit without a pull request does", "commits without a pull request do")
    return f"{said} not count; " if count else ""
