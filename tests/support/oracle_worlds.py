"""Histories for the oracle: a list of moves, each a few small numbers, played one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Callable

from dora_metrics.config import Settings
from dora_metrics.domain.github_facts import GitHubDeployment, Incident, Release
from dora_metrics.domain.models import Annotation, Tag
from support.oracle_commits import GAPS, SHOP, TO_MIDNIGHT, CommitMoves
from support.oracle_facts import EPOCH, World

ENVIRONMENTS = ("production", "prod", "Production", "staging")
Move = tuple[int, int, int, int]
"""Kind, two numbers, and how much time has gone by before it."""


class WorldBuilder(CommitMoves):
    """Plays moves of every kind."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.moves: Sequence[Callable[[int, int], None]] = (
            self.direct,
            self.merge,
            self.squash,
            self.rebase,
            self.hotfix,
            self.revert,
            self.release_branch,
            self.cherry_pick,
            self.tag,
            self.tag,
            self.release,
            self.deploy,
            self.deploy_again,
            self.incident,
            self.outage,
            self.say_on_commit,
            self.say_on_deployment,
            self.say_on_incident,
        )

    def play(self, moves: Sequence[Move]) -> World:
        for kind, one, other, gap in moves:
            self.now = self.midnight() if gap == TO_MIDNIGHT else self.now + GAPS[gap % len(GAPS)]
            self.moves[kind % len(self.moves)](one, other)
        self.world.tip = self.tip
        self.world.as_of = self.now
        return self.world

    # ---- deployments

    def place(self, one: int) -> str:
        """What is deployed: mostly the newest, sometimes the release branch, something old, or something unknown."""
        if one % 23 == 22:
            return "f" * 40
        choices = (self.tip, self.tip, self.line or self.tip, self.pick(list(self.world.commits), one // 4))
        return choices[one % 4]

    def tag(self, one: int, other: int) -> None:
        self.version += 1
        line, end = ("v1", "v2")[other % 2], "rc1" if other % 11 == 10 else ""
        name = "nightly" if other % 13 == 12 else f"{line}.{self.version}{end}"
        sha = self.place(one)
        if sha in self.world.commits and name not in [tag.name for tag in self.world.tags]:
            at = int((self.now - EPOCH).total_seconds())
            lightweight = other % 3 == 2
            self.world.tags.append(Tag(name, sha, None if lightweight else at, annotated=not lightweight))

    def release(self, one: int, other: int) -> None:
        named = [tag for tag in self.world.tags if tag.name not in [r.tag for r in self.world.releases]]
        if named and one % 7:
            tag = self.pick(named, one).name
            at = None if other % 7 == 6 else self.now
            self.world.releases.append(Release(f"R{tag}", tag, None, at, at is None, other % 7 == 5))
        elif other % 5 == 0:
            self.version += 1
            self.world.releases.append(Release(f"R{self.version}", f"v1.{self.version}", None, self.now, False, False))

    def deploy(self, one: int, other: int) -> None:
        self.to_environment(self.place(one), other)

    def deploy_again(self, one: int, other: int) -> None:
        """Back to what was deployed before, or the same once more."""
        if self.world.github_deployments:
            self.to_environment(
                self.world.github_deployments[-1 - one % len(self.world.github_deployments)].commit_sha, other
            )
        elif self.world.tags:
            self.version += 1
            sha, at = self.pick(self.world.tags, one).commit_sha, int((self.now - EPOCH).total_seconds())
            self.world.tags.append(Tag(f"v1.{self.version}", sha, at, annotated=True))

    def to_environment(self, sha: str, other: int) -> None:
        number = len(self.world.github_deployments) + 8
        ref = next((tag.name for tag in self.world.tags if tag.commit_sha == sha), None)
        succeeded = None if other % 9 == 8 else self.now
        environment = ENVIRONMENTS[other % len(ENVIRONMENTS)]
        made = GitHubDeployment(f"D{number}", number, environment, sha, ref, self.now, succeeded, True)
        self.world.github_deployments.append(made)

    # ---- incidents and words

    def incident(self, one: int, other: int) -> None:
        number = 1000 + len(self.world.incidents)
        texts = ("", "", f"Caused by {self.cause(other)}", "root cause unknown")
        closed = self.now + GAPS[other % len(GAPS)] if one % 5 == 0 else None
        labels = ("bug",) if one % 8 == 7 else ("Incident",)
        opened = self.now - timedelta(hours=1)
        made = Incident(f"I{number}", number, "Down", texts[one % 4], labels, opened, closed, self.now)
        self.world.incidents.append(made)

    def outage(self, one: int, other: int) -> None:
        """Shipped, broken, and repaired; the repair may ship with a later move."""
        self.direct(one, 1)
        self.tag(0, other % 3)
        self.now += timedelta(hours=3 + one % 7)
        self.incident(one, other)
        self.now += timedelta(hours=2)
        self.hotfix(one + other, other)

    def cause(self, other: int) -> str:
        tags = [tag.name for tag in self.world.tags]
        numbers = [f"#{pull.number}" for pull in self.world.pull_requests]
        return self.pick([*tags, *numbers, self.pick(list(self.world.commits), other)], other)

    def say_on_commit(self, one: int, other: int) -> None:
        deployed = [tag.commit_sha for tag in self.world.tags if tag.commit_sha] or [self.tip]
        sha = self.pick(deployed if other % 2 else list(self.world.commits), one)
        moment = f"{self.now - timedelta(hours=30):%Y-%m-%dT%H:%M:%SZ}"
        words = (
            ("is_deployment", "yes"),
            ("is_deployment", "no"),
            ("deployed_at", moment),
            ("is_hotfix", "yes"),
            ("is_hotfix", "no"),
            ("is_rollback", "yes"),
            ("is_rollback", "no"),
            ("deployment_failed", "yes"),
            ("deployment_failed", "no"),
            ("started_at", moment),
            ("resolved_at", moment),
            ("reviewed", "yes"),
            ("caused_by", self.cause(one) if one % 4 else "none"),
        )
        self.say(f"commit:{sha}", *words[other % len(words)])

    def say_on_deployment(self, one: int, other: int) -> None:
        if self.world.github_deployments:
            key = f"deployment:{self.pick(self.world.github_deployments, one).database_id}"
            words = (
                ("deployment_failed", "yes"),
                ("deployment_failed", "no"),
                ("is_rollback", "yes"),
                ("is_hotfix", "no"),
            )
            self.say(key, *words[other % len(words)])

    def say_on_incident(self, one: int, other: int) -> None:
        if self.world.incidents:
            moment = f"{self.now - timedelta(hours=50):%Y-%m-%dT%H:%M:%SZ}"
            words = (
                ("caused_by", self.cause(other)),
                ("caused_by", "none"),
                ("started_at", moment),
                ("resolved_at", moment),
            )
            self.say(f"issue:{self.pick(self.world.incidents, one).number}", *words[other % len(words)])

    def say(self, key: str, column: str, value: str) -> None:
        at = self.now + timedelta(seconds=len(self.world.annotations))
        self.world.annotations.append(Annotation(SHOP, "", key, column, value, at, "0" * 64, 2))
