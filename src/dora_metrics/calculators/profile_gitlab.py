"""GitLab's definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dora_metrics.calculators.columns import middle
from dora_metrics.calculators.profile import NEEDS_GITHUB, Value, counted, share
from dora_metrics.calculators.profile_frequency import deployments_in, mean_day
from dora_metrics.calculators.profile_tables import Tables, none_known, within

if TYPE_CHECKING:
    from dora_metrics.calculators.windows import Window

FIRST_ONES = "pull requests that the first deployment brought count"


RULES: Mapping[str, str] = {
    "lead_time": "median of deployment - merge over the merge requests deployed in the period",
    "deployment_frequency": "mean deployments a day of the period",
    "change_failure_rate": "incidents opened in the period over deployments in it: may exceed 100 %",
    "mttr": "median open time of the incidents closed in the period",
}


class GitLab:
    """From the merge on; incidents over deployments, whichever caused them."""

    name = "gitlab"
    title = "GitLab"
    source = "gitlab-org/gitlab, doc/user/analytics/dora_metrics.md"
    rules = RULES
    not_reproduced = ("incidents are a kind of issue of its own there; here they are issues with an incident label",)

    def lead_time(self, tables: Tables, window: Window) -> Value:
        """Seconds; NA when no merge time is known."""
        pulls = tables.pulls
        here = within(pulls.deployed, window)
        waits = pulls.deployed[here] - pulls.merged[here]
        known = waits[~np.isnan(waits)]
        if not known.size:
            return Value(None, why=NEEDS_GITHUB if here.any() else "no pull request was deployed")
        first = int((here & pulls.of_first_deployment).sum())
        brought = counted(first, "pull request that the first deployment brought counts", FIRST_ONES)
        said = f"; {brought} too" if first else ""
        return Value(middle(known), n=int(known.size), why=f"begins at the merge: all work before it is left out{said}")

    def frequency(self, tables: Tables, window: Window) -> Value:
        """A day."""
        return mean_day(tables, window)

    def failure_rate(self, tables: Tables, window: Window) -> Value:
        """A share of incidents, not of failed deployments."""
        made = deployments_in(tables, window)
        opened = int(within(tables.issues.opened, window).sum())
        why = "every incident issue counts, also several about one deployment and those that none caused"
        return Value(
            share(opened, made), n=opened, of=made, why=f"{why}{none_known(tables)}" if made else "nothing was deployed"
        )

    def recovery(self, tables: Tables, window: Window) -> Value:
        """Seconds."""
        issues = tables.issues
        here = within(issues.closed, window)
        waits = issues.closed[here] - issues.opened[here]
        known = waits[~np.isnan(waits)]
        why = "from opening to closing of the issue, whoever was affected and whenever the fix was delivered"
        return Value(middle(known), n=int(known.size), why=why if known.size else "no incident issue was closed")
