"""The oracle's incidents: which are one outage, what each blames, and when it was over (definitions.md 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from dora_metrics.domain.github_facts import Incident
from support.oracle_changes import C, row_of
from support.oracle_deployments import D, typed
from support.oracle_facts import said
from support.oracle_failures import NOBODY, ORDER, F, Signs

TWO_MINUTES = timedelta(seconds=120)


@dataclass
class Failed:
    """A deployment that failed: once, however many signs say so."""

    explicit: bool
    began: datetime
    restored: Optional[datetime]
    """`None` = open."""


class Outages(Signs):
    """All failures of one world."""

    def failures(self) -> list[F]:
        """Each incident, and each other sign that is about no deployment which an incident blames."""
        groups = self.groups()
        incidents = [f for group, fixes in groups for f in self.of_incidents(group, fixes)]
        joined = {c.key for _, fixes in groups for c in fixes}
        apart = [c for c in self.changes if c.key not in joined and not c.is_listed_only]
        signs = [*self.annotated(), *self.rollbacks(), *self.reverts(apart), *self.hotfixes(apart)]
        told = list(incidents)
        for sign in (self.with_rows(sign) for sign in signs if not self.denied(sign)):
            same = [f for f in incidents if sign.counts and f.counts and f.blamed is sign.blamed]
            for f in same:
                f.stated = f.explicit or sign.explicit
            if not same:
                told.append(sign)
        return told

    def failed(self, told: list[F]) -> dict[str, Failed]:
        """By the deployment's key: from the earliest beginning to the latest end, open while one sign is."""
        found = {}
        for d in self.deployments:
            signs = [f for f in told if f.blamed is d and f.counts]
            if signs:
                ends = [f for f in signs if f.tells_an_end] or signs
                begins = [f.began for f in signs if f.began]
                closed = [f.ended for f in ends if f.ended]
                restored = max(closed) if len(closed) == len(ends) else None
                found[d.key] = Failed(any(f.explicit for f in signs), min(begins), restored)
        return found

    def listed(self, told: list[F]) -> list[tuple[str, Optional[datetime]]]:
        """(rule, beginning) of what blames nobody; several signs about one deployment or thing are one."""
        found: dict[str, tuple[str, Optional[datetime]]] = {}
        for place, f in enumerate(told):
            if f.rule in NOBODY:
                name = f"{place}" if f.of_incident else f.blamed.key if f.blamed else f.name
                began = [m for m in (f.began, found.get(name, ("", None))[1]) if m]
                found[name] = (f.rule, min(began, default=None))
        return list(found.values())

    def groups(self) -> list[tuple[list[Incident], list[C]]]:
        """Incidents that bear an incident label now, together where they share a fix."""
        labels = [label.lower() for label in self.world.settings.failures.incident_labels]
        counted = [i for i in self.world.incidents if any(label.lower() in labels for label in i.labels)]
        groups: list[tuple[list[Incident], list[C]]] = []
        for incident in sorted(counted, key=lambda i: i.number):
            merged = ([incident], [c for c in self.changes if self.fixes(c, incident)])
            for group in [g for g in groups if any(c in g[1] for c in merged[1])]:
                groups.remove(group)
                both = [c for c in self.changes if c in group[1] or c in merged[1]]
                merged = (sorted(group[0] + merged[0], key=lambda i: i.number), both)
            groups.append(merged)
        return groups

    def fixes(self, change: C, incident: Incident) -> bool:
        """Whether the change closed the issue, is linked as closing it, or is a hotfix or revert that names it."""
        if change.pull and incident.closed_by_pull_request == change.pull.number:
            return True
        if incident.closed_by_commit in change.everything:
            return True
        if change.is_listed_only:
            return False
        if change.pull and incident.number in change.pull.closes:
            return True
        texts = [change.title, (change.pull.body or "") if change.pull else ""]
        texts += [self.world.commits[sha].message for sha in change.everything]
        closing = any(
            re.search(rf"\b(?:close[sd]?|fix(?:e[sd])?) #{incident.number}\b", t, re.IGNORECASE) for t in texts
        )
        mention = re.search(rf"(?<!\w)#{incident.number}\b", change.title) is not None
        return (change.is_hotfix or change.is_revert) and (closing or mention)

    def of_incidents(self, group: list[Incident], fixes: list[C]) -> list[F]:
        shared = self.cause(group, fixes)
        denied = shared.blamed and said(self.row[shared.blamed.key], "deployment_failed") is False
        if denied and shared.rule not in ("annotated_deployment", "annotated_commit"):
            shared = F(None, "unattributed")
        found = []
        for incident in group:
            row = self.world.row(f"issue:{incident.number}")
            cause = self.named(row["caused_by"]) if "caused_by" in row else shared
            found.append(self.timed(incident, fixes, F(cause.blamed, cause.rule)))
        return found

    def cause(self, group: list[Incident], fixes: list[C]) -> F:
        """By the uppermost rule that answers: a person's word, the text's own, a revert, the last one before."""
        rows = [self.world.row(f"issue:{i.number}") for i in group] + [row_of(self.world, c) for c in fixes]
        told = [self.named(row["caused_by"]) for row in rows if "caused_by" in row]
        stated = [f for i in group for text in texts_of(i) if (f := self.stated(text))]
        reverted = [
            self.on(target.deployment, "revert")
            for fix in fixes
            for target in fix.reverts
            if not target.is_revert and target.deployment and target.deployment is not fix.deployment
        ]
        for answers in (told, stated, reverted):
            if answers:
                return min(answers, key=lambda f: (*ORDER, *NOBODY).index(f.rule))
        return self.inferred(min(self.opened(i) for i in group))

    def stated(self, text: str) -> Optional[F]:
        d: Optional[D] = next((d for d in self.deployments if text in (d.tag, d.key)), None)
        if d is None and text.startswith("#"):
            d = next((c.deployment for c in self.changes if c.key == f"pr:{text[1:]}"), None)
        d = d or self.first(text)
        return self.on(d, "stated") if d else None

    def opened(self, incident: Incident) -> datetime:
        return typed(self.world.row(f"issue:{incident.number}"), "started_at") or incident.created_at

    def timed(self, incident: Incident, fixes: list[C], f: F) -> F:
        rows = [self.world.row(f"issue:{incident.number}"), *(row_of(self.world, fix) for fix in fixes)]
        rows += [self.row[f.blamed.key]] if f.blamed else []
        starts = [m for row in rows if (m := typed(row, "started_at"))]
        ends = [m for row in rows if (m := typed(row, "resolved_at"))]
        f.rows, f.of_incident, f.stated = rows, True, f.rule == "stated"
        f.began = min(starts) if starts else incident.created_at
        f.ended = max(ends) if ends else incident.closed_at
        if incident.closed_at and not ends and closed_by_merge(incident, fixes):
            reached = [fix.deployment.at for fix in fixes if fix.deployment]
            f.ended = max(reached) if len(reached) == len(fixes) else None
        return f


def texts_of(incident: Incident) -> list[str]:
    return re.findall(r"caused by (\S+)", f"{incident.title}\n{incident.body}", re.IGNORECASE)


def closed_by_merge(incident: Incident, fixes: list[C]) -> bool:
    """GitHub closes an issue when its fix is merged, before users have it."""
    at = incident.closed_at
    assert at is not None
    near = any(fix.merged and abs(at - fix.merged) <= TWO_MINUTES for fix in fixes)
    return near or any(incident.closed_by_commit in fix.everything for fix in fixes)
