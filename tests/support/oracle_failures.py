"""The oracle's failures: definitions.md 6, sign by sign, then joined by what they blame."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Optional

from support.oracle_changes import C, row_of, row_on
from support.oracle_deployments import D, typed, visible
from support.oracle_facts import World, is_explicit, said

ORDER = ("annotated_deployment", "annotated_commit", "stated", "rollback", "revert", "inferred")
NOBODY = ("not_in_Dc", "unattributed", "no_deployment")
NEWS = ("initial", "normal", "hotfix")


@dataclass
class F:
    """One sign of an outage, or several that are one."""

    blamed: Optional[D]
    rule: str
    began: Optional[datetime] = None
    ended: Optional[datetime] = None
    rows: list[dict[str, str]] = field(default_factory=list)
    of_incident: bool = False
    tells_an_end: bool = True
    stated: bool = False
    name: str = ""

    @property
    def counts(self) -> bool:
        return self.rule not in NOBODY

    @property
    def explicit(self) -> bool:
        return self.stated or any(map(is_explicit, self.rows))


class Signs:
    """The signs of outages in one world, but for its incidents."""

    def __init__(self, world: World, deployments: list[D], changes: list[C]) -> None:
        self.world, self.deployments, self.changes = world, deployments, changes
        self.row: dict[str, dict[str, str]] = {}
        seen: set[str] = set()
        for d in deployments:
            self.row[d.key] = row_on(world, d, first=d.sha not in seen)
            seen.add(d.sha)

    # ---- what is blamed

    def on(self, d: Optional[D], rule: str) -> F:
        if d is None:
            return F(None, "unattributed")
        return F(d, rule if d.can_fail else "not_in_Dc")

    def first(self, sha: str) -> Optional[D]:
        sha = next((s for s in self.world.commits if s.startswith(sha)), "") if len(sha) > 6 else ""
        for d in self.deployments:
            if sha and sha in d.new:
                return d
        return next((c.deployment for c in self.changes if sha and sha in c.own), None)

    def named(self, text: str) -> F:
        """What a person named in `caused_by`."""
        if text == "none":
            return F(None, "no_deployment")
        made = next((d for d in self.deployments if text and d.tag == text), None)
        made = made or next((d for d in self.deployments if d.key == text), None)
        if made:
            return self.on(made, "annotated_deployment")
        pull = next((c for c in self.changes if c.key == f"pr:{text[1:]}"), None) if text[0] == "#" else None
        return self.on(pull.deployment if pull else self.first(text), "annotated_commit")

    def inferred(self, start: Optional[datetime]) -> F:
        window = timedelta(days=self.world.settings.failures.window_days)
        before = [d for d in self.deployments if d.can_fail and start and d.at <= start <= d.at + window]
        return F(before[-1], "inferred") if before else F(None, "unattributed")

    # ---- signs without an incident

    def annotated(self) -> list[F]:
        found = []
        for d in self.deployments:
            if said(self.row[d.key], "deployment_failed"):
                sign = self.on(d, "annotated_deployment")
                sign.rows, sign.tells_an_end = [self.row[d.key]], False
                found.append(sign)
        made_of = {d.sha for d in self.deployments}
        for key in sorted({a.key for a in self.world.annotations}):
            sha, row = key.partition(":")[2], self.world.row(key)
            if key.startswith("commit:") and sha not in made_of and said(row, "deployment_failed"):
                sign = self.on(self.first(sha), "annotated_commit")
                sign.rows, sign.tells_an_end, sign.name = [row], False, key
                found.append(sign)
        return found

    def rollbacks(self) -> list[F]:
        """For the last of each run of rollbacks in one environment and line, what was live before the run."""
        found = []
        for last in (d for d in self.deployments if d.kind == "rollback"):
            lane = self.lane(last)
            place = next((i for i, d in enumerate(lane) if d is last), -1)
            if place < 0 or [d.kind for d in lane[place + 1 : place + 2]] == ["rollback"]:
                continue
            while place > 0 and lane[place].kind == "rollback":
                place -= 1
            before = lane[: place + 1] if lane[place].kind != "rollback" else []
            blamed = before[-1] if before else None
            if self.world.settings.failures.rollback_blames == "introduced":
                blamed = introduced(before, last.sha) or blamed
            if blamed:
                sign = self.on(blamed, "rollback")
                sign.ended, sign.rows = last.at, [self.row[last.key]]
                found.append(sign)
        return found

    def lane(self, of: D) -> list[D]:
        """What went live where `of` did; a commit from another environment is the deployment it first came with."""
        shown: list[D] = []
        for d in visible(self.deployments, of.environment):
            if d.line != of.line or d.out_of_order:
                continue
            if d.kind != "redeploy":
                shown.append(d)
            elif not shown or shown[-1].sha != d.sha:
                earlier = self.deployments[: self.deployments.index(d)]
                news = [e for e in earlier if e.sha == d.sha and e.kind in NEWS and not e.out_of_order]
                shown.append(news[-1] if news else d)
        return shown

    def reverts(self, changes: list[C]) -> list[F]:
        found = []
        for change in changes:
            row = row_of(self.world, change)
            for target in change.reverts:
                apart = target.deployment and target.deployment is not change.deployment
                if not target.is_revert and (apart or "caused_by" in row):
                    by_rule = self.on(target.deployment, "revert")
                    found.append(self.fixed(change, self.named(row["caused_by"]) if "caused_by" in row else by_rule))
        return found

    def hotfixes(self, changes: list[C]) -> list[F]:
        found = []
        for change in (c for c in changes if c.is_hotfix and not c.reverts):
            row = row_of(self.world, change)
            created = change.pull.created_at if change.pull else None
            cause = self.inferred(change.first_commit or created)
            found.append(self.fixed(change, self.named(row["caused_by"]) if "caused_by" in row else cause))
        return found

    def fixed(self, change: C, sign: F) -> F:
        sign.began, sign.ended = change.started, change.deployment.at if change.deployment else None
        sign.rows, sign.name = [row_of(self.world, change)], change.key
        return sign

    def denied(self, sign: F) -> bool:
        told = sign.rule in ("annotated_deployment", "annotated_commit")
        return bool(sign.blamed) and not told and said(self.row[sign.blamed.key], "deployment_failed") is False

    def with_rows(self, sign: F) -> F:
        """Beginning and end: a person's word, else the deployment's time and what ended it."""
        sign.rows = sign.rows + ([self.row[sign.blamed.key]] if sign.blamed else [])
        starts = [m for row in sign.rows if (m := typed(row, "started_at"))]
        ends = [m for row in sign.rows if (m := typed(row, "resolved_at"))]
        sign.began = min(starts) if starts else sign.blamed.at if sign.blamed else sign.began
        sign.ended = max(ends) if ends else sign.ended
        sign.tells_an_end = sign.tells_an_end or sign.ended is not None
        return sign


def introduced(before: list[D], sha: str) -> Optional[D]:
    """The first that can fail after the newest earlier deployment of the commit rolled back to."""
    places = [i for i, d in enumerate(before) if d.sha == sha]
    return next((d for d in before[places[-1] + 1 :] if d.can_fail), None) if places else None
