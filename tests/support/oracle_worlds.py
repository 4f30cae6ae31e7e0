"""Histories for the oracle, made by hypothesis: a list of moves, each a few small numbers, played one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any, Callable, Optional
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from dora_metrics.config import Settings
from dora_metrics.domain.github_facts import GitHubDeployment, Incident, Release
from dora_metrics.domain.models import Annotation, Commit, PullRequest, Tag
from support.oracle_facts import EPOCH, World
from support.oracle_numbers import midnight
from support.small_history import settings_with

SHOP = "acme/shop"
BEGIN = datetime(2025, 2, 20, 22, 30, tzinfo=timezone.utc)
"""Before the clocks change in New York (9 March) and Berlin (30 March)."""
GAPS = tuple(timedelta(seconds=s) for s in (0, 60, 3_600, 20_000, 86_400, 200_000, 500_000, 1_500_000, 4_000_000))
TO_MIDNIGHT = len(GAPS)
SKEWS = tuple(timedelta(seconds=s) for s in (0, 0, 0, -7_200, -400_000, 60, 290, 3_600, 90_000, -700_000_000))
"""Author's clock against the committer's: true, a little ahead, and impossible ones."""
ENVIRONMENTS = ("production", "prod", "Production", "staging")
Move = tuple[int, int, int, int]
Cuts = tuple[Optional[int], Optional[int]]


class WorldBuilder:
    """Plays moves; each takes its two numbers modulo what there is to choose from."""

    def __init__(self, settings: Settings) -> None:
        self.world = World(settings, SHOP, "", BEGIN)
        self.now = BEGIN
        self.tip = self.line = ""
        self.count = self.number = self.version = 0
        self.plain("begin")
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

    def midnight(self) -> datetime:
        """The next local midnight: where periods meet."""
        zone = ZoneInfo(self.world.settings.metrics.timezone)
        return midnight(self.now.astimezone(zone).date() + timedelta(days=1), zone)

    # ---- commits and pull requests

    def commit(self, message: str, *parents: str, skew: int = 0, author: str = "Ada") -> str:
        """A commit of now; the clock of its author is off by one of `SKEWS`."""
        self.count += 1
        sha = hashlib.sha1(b"%d" % self.count, usedforsecurity=False).hexdigest()
        at = int((self.now - EPOCH).total_seconds())
        written = at + int(SKEWS[skew % len(SKEWS)].total_seconds())
        message = message if "\n" in message else f"{message} {self.count}"
        self.world.commits[sha] = Commit(sha, tuple(p for p in parents if p), author, written, at, message, ())
        return sha

    def plain(self, message: str, **more: Any) -> str:
        self.tip = self.commit(message, self.tip, **more)
        return self.tip

    def direct(self, one: int, other: int) -> None:
        self.plain("a change", skew=one, author="renovate[bot]" if other % 4 == 0 else "Ada")

    def branch(self, one: int, title: str) -> list[str]:
        base = self.pick(list(self.world.commits), one // 3) if one % 3 == 0 else self.tip
        found = [self.commit(title, base, skew=one)]
        if one % 2:
            self.now += timedelta(hours=1)
            found.append(self.commit(title, found[0], skew=one // 2))
        self.now += timedelta(minutes=20 * (one % 7))
        return found

    def pull(self, title: str, commits: Sequence[str], merge: Optional[str], **more: Any) -> PullRequest:
        self.number += 1
        made = [self.world.commits[sha] for sha in commits]
        created = EPOCH + timedelta(seconds=max([commit.committed_s or 0 for commit in made], default=0))
        known = {"author": "ada", "is_bot": False, "labels": (), "head_branch": f"topic-{self.number}", **more}
        times = tuple((commit.authored_s or 0, commit.committed_s or 0) for commit in made)
        pull = PullRequest(
            number=self.number,
            title=title,
            merge_sha=merge,
            head_sha=commits[-1],
            commits=tuple(commits),
            commit_times=times,
            base_branch="main",
            created_at=created,
            ready_at=created,
            merged_at=self.now,
            **known,
        )
        self.world.pull_requests.append(pull)
        return pull

    def merge(self, one: int, other: int) -> None:
        commits = self.branch(one, "branch work")
        self.tip = self.commit(f"Merge pull request #{self.number + 1} from acme/topic", self.tip, commits[-1])
        self.pull("A merge", commits, self.tip if other % 5 else None, is_bot=other % 4 == 0)

    def squash(self, one: int, other: int, title: str = "A squash", body: str = "", **more: Any) -> None:
        commits = self.branch(one, "to squash")
        self.plain(f"{title} (#{self.number + 1})\n{body}", skew=other)
        self.pull(title, commits, self.tip, **{"is_bot": other % 5 == 4, **more})
        if one % 5 == 0:
            for sha in commits:  # the branch is gone: only GitHub knows its times
                if not any(
                    sha in commit.parents for commit in self.world.commits.values() if commit.sha not in commits
                ):
                    self.world.commits.pop(sha)

    def rebase(self, one: int, other: int) -> None:
        commits = self.branch(one, "to rebase")
        for sha in commits:
            made = self.world.commits[sha]
            self.tip = self.commit(f"{made.message}\n", self.tip)
            copy = self.world.commits[self.tip]
            self.world.commits[self.tip] = copy._replace(authored_s=made.authored_s, message=made.message)
        self.pull("A rebase", commits, self.tip, is_bot=other % 5 == 4)

    def hotfix(self, one: int, other: int) -> None:
        issue = self.pick(self.world.incidents, other // 3 % 3).number if self.world.incidents else 0
        title = f"hotfix: repair #{issue}" if other % 3 == 0 else "Repair it"
        labels, head = ("HotFix",) if other % 3 == 1 else (), "hotfix/it" if other % 3 == 2 else "topic"
        closes = (issue,) if issue and one % 2 else ()
        self.squash(one, 1, title, labels=labels, head_branch=head, closes=closes)
        self.close(issue, self.number, one)

    def close(self, issue: int, number: int, one: int) -> None:
        """The pull request closes the issue: at its merge, within two minutes, just after, or it does not."""
        wait = (timedelta(0), timedelta(seconds=120), timedelta(seconds=121), timedelta(hours=9))[one % 4]
        for place, incident in enumerate(self.world.incidents):
            if incident.number == issue and incident.closed_at is None and one % 3:
                closed = replace(incident, closed_at=self.now + wait, closed_by_pull_request=number)
                self.world.incidents[place] = closed

    def revert(self, one: int, other: int) -> None:
        target = self.pick(list(self.world.commits), one)
        numbers = [p.number for p in self.world.pull_requests]
        named = f"Reverts #{self.pick(numbers, one)}" if other % 2 and numbers else f"This reverts commit {target}."
        if other % 3 == 0:
            self.plain(f'Revert "it"\n\n{named}')
        else:
            self.squash(other // 2, 1, 'Revert "it"', f"\n{named}")

    def release_branch(self, one: int, other: int) -> None:
        base = self.line if self.line and one % 3 else self.pick(list(self.world.commits), other)
        self.line = self.commit("on a release branch", base, skew=one)

    def cherry_pick(self, one: int, other: int) -> None:
        picked = self.pick([sha for sha in self.world.commits if not self.world.is_merge(sha)], one)
        trailer = f"\n\n(cherry picked from commit {picked})"
        if other % 2:
            self.line = self.commit("picked" + trailer, self.line or self.pick(list(self.world.commits), other))
        else:
            self.plain("picked" + trailer, skew=other)

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

    @staticmethod
    def pick(choices: Sequence[Any], number: int) -> Any:
        """The newest for 0, older ones for more."""
        return choices[-1 - number % len(choices)]


SETTINGS: dict[str, tuple[Any, ...]] = {
    "sources": (("deployment", "release", "tag"), ("tag",), ("merge",), ("deployment", "merge"), ("release", "tag")),
    "environment": ("^prod(uction)?$|^live$", "prod|staging"),
    "release_line": ("", r"^v(\d+)"),
    "include_prereleases": (False, True),
    "include_initial": (False, True),
    "rollback_blames": ("live", "introduced"),
    "window_days": (7, 1, 60),
    "timezone": ("UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Pacific/Apia"),
    "period": ("weekly", "monthly", "quarterly", "yearly", "7d", "30d", "all"),
    "fiscal_start_month": (1, 4, 12),
    "lead_time_start": ("first_commit", "first_commit", "ready", "created", "merged"),
    "exclude_bots": (False, True),
}

MOVES = st.lists(
    st.tuples(st.integers(0, 17), st.integers(0, 99), st.integers(0, 99), st.integers(0, TO_MIDNIGHT)), max_size=22
)
CHOICES = st.tuples(*(st.sampled_from(values) for values in SETTINGS.values()))
CUT_DAYS: tuple[Cuts, ...] = (*[(None, None)] * 6, (9, None), (None, 30), (10, 40), (3, 400), (500, None), (30, 10))
CUTS = st.sampled_from(CUT_DAYS)


Plan = tuple[list[Move], tuple[Any, ...], Cuts]

PLANS: st.SearchStrategy[Plan] = st.tuples(MOVES, CHOICES, CUTS)
"""Any history under any settings: moves, a choice of each of `SETTINGS`, and the days of `since` and `until`."""


def world_of(plan: Plan) -> World:
    """The facts that a plan makes."""
    moves, choices, cuts = plan
    world = WorldBuilder(settings_with(**dict(zip(SETTINGS, choices)))).play(moves)
    world.since, world.until = (None if d is None else BEGIN + timedelta(days=d) for d in cuts)
    return world


def plan_number(number: int) -> Plan:
    """A full plan by chance, the same one for the same number: for counting how soon a planted bug is found."""
    chance = Random(number)  # noqa: S311 (not for secrets)
    moves = [
        (chance.randint(0, 17), chance.randint(0, 99), chance.randint(0, 99), chance.randint(0, TO_MIDNIGHT))
        for _ in range(22)
    ]
    return moves, tuple(chance.choice(values) for values in SETTINGS.values()), chance.choice(CUT_DAYS)
