"""What the demo's project is there to show: each case, how often at least, and where the judged tables have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable

from dora_metrics.demo.sample_plan import work
from dora_metrics.demo.sample_story import PRERELEASES

Rows = list[dict[str, str]]
STYLES = {item.title: item.style for item in work()}


@dataclass(frozen=True)
class Judged:
    """The judged dataset, as it is published."""

    changes: Rows
    deployments: Rows
    incidents: Rows
    review: Rows

    def merged_by(self, style: str) -> Rows:
        return [row for row in self.changes if STYLES.get(row["title"]) == style and row["deployment"]]

    def flagged(self, flag: str) -> Rows:
        return [row for row in self.changes if flag in row["flags"].split(";")]

    def hotfixes(self, reason: str) -> Rows:
        return [row for row in self.changes if row["hotfix_reason"].startswith(reason)]

    def kind(self, kind: str) -> Rows:
        return [row for row in self.deployments if row["kind"] == kind]

    def failures(self, rule: str, *, issue: bool = False) -> Rows:
        return [row for row in self.incidents if row["attribution"] == rule and bool(row["issue"]) >= issue]

    def relanded(self) -> Rows:
        """Reverts of reverts: delivered, and the fix of no failure."""
        fixes = {row["fixed_by"] for row in self.incidents}
        reverts = {row["key"] for row in self.changes if row["is_revert"] == "true"}
        return [
            row for row in self.changes if row["reverts"] in reverts and row["deployment"] and row["key"] not in fixes
        ]

    def auto_closed(self, *, restored: bool) -> Rows:
        """Incidents that the merge of their fix closed, whether users have it or not."""
        return [row for row in self.incidents if row["flags"] == "auto_closed" and bool(row["restored_by"]) == restored]

    def old_line(self) -> Rows:
        """Deployments of version 1 after the first one of version 2."""
        begun = min((row["deployed_at"] for row in self.deployments if row["release_line"] == "2"), default="")
        return [row for row in self.deployments if row["release_line"] == "1" and row["deployed_at"] > begun]

    def prereleases(self) -> list[str]:
        """Tags on GitHub that are no deployments; nothing where there are no deployments at all."""
        tags = {row["tag"] for row in self.deployments}
        return [tag for tag, _ in PRERELEASES if tags and tag not in tags]


CASES: dict[str, tuple[int, Callable[[Judged], Sequence[object]]]] = {
    "merged": (100, lambda found: found.merged_by("merge")),
    "squashed": (100, lambda found: found.merged_by("squash")),
    "rebased": (3, lambda found: found.merged_by("rebase")),
    "committed without a pull request": (20, lambda found: [row for row in found.changes if not row["pull_request"]]),
    "by a bot": (50, lambda found: [row for row in found.changes if row["is_bot"] == "true"]),
    "undeployed": (5, lambda found: [row for row in found.changes if not (row["deployment"] or row["left_out"])]),
    "cherry-picked": (2, lambda found: [row for row in found.changes if row["left_out"] == "cherry_pick"]),
    "written after its deployment": (1, lambda found: [row for row in found.changes if row["left_out"] == "negative"]),
    "of an impossible date": (1, lambda found: found.flagged("bad_author_date")),
    "taken back before users had it": (2, lambda found: found.flagged("net_zero")),
    "landed again": (1, Judged.relanded),
    "hotfix by label": (1, lambda found: found.hotfixes("label")),
    "hotfix by branch": (8, lambda found: found.hotfixes("branch")),
    "the first deployment": (1, lambda found: found.kind("initial")),
    "hotfix deployed": (8, lambda found: found.kind("hotfix")),
    "rollback": (1, lambda found: found.kind("rollback")),
    "redeploy": (1, lambda found: found.kind("redeploy")),
    "deployed from the old line": (4, Judged.old_line),
    "pre-release": (2, Judged.prereleases),
    "failure by a rollback": (1, lambda found: found.failures("rollback")),
    "failure by a revert": (3, lambda found: found.failures("revert")),
    "failure by a person's word": (4, lambda found: found.failures("annotated_deployment")),
    "failure inferred": (4, lambda found: found.failures("inferred")),
    "outage of no deployment": (1, lambda found: found.failures("no_deployment")),
    "incident of no deployment": (1, lambda found: found.failures("no_deployment", issue=True)),
    "incident that states its cause": (1, lambda found: found.failures("stated", issue=True)),
    "incident closed by its fix": (1, lambda found: found.auto_closed(restored=True)),
    "incident whose fix waits": (1, lambda found: found.auto_closed(restored=False)),
    "incident open": (1, lambda found: [row for row in found.incidents if row["issue"] and not row["closed_at"]]),
    "row reviewed": (20, lambda found: [row for row in found.review if row["reviewed"] == "yes"]),
    "row that needs a person": (8, lambda found: [row for row in found.review if row["attention"] == "yes"]),
}
