"""Commits, pull requests, hotfixes and reverts of the histories that the oracle is tried on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, Optional
from zoneinfo import ZoneInfo

from dora_metrics.config import Settings
from dora_metrics.domain.models import Commit, PullRequest
from support.oracle_facts import EPOCH, World
from support.oracle_numbers import midnight

SHOP = "acme/shop"
BEGIN = datetime(2025, 2, 20, 22, 30, tzinfo=timezone.utc)
"""Before the clocks change in New York (9 March) and Berlin (30 March)."""
GAPS = tuple(timedelta(seconds=s) for s in (0, 60, 3_600, 20_000, 86_400, 200_000, 500_000, 1_500_000, 4_000_000))
TO_MIDNIGHT = len(GAPS)
SKEWS = tuple(timedelta(seconds=s) for s in (0, 0, 0, -7_200, -400_000, 60, 290, 3_600, 90_000, -700_000_000))
"""Author's clock against the committer's: true, a little ahead, and impossible ones."""


class CommitMoves:
    """Moves that write and merge; each takes its two numbers modulo what there is to choose from."""

    def __init__(self, settings: Settings) -> None:
        self.world = World(settings, SHOP, "", BEGIN)
        self.now = BEGIN
        self.tip = self.line = ""
        self.count = self.number = self.version = 0
        self.plain("begin")

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

    @staticmethod
    def pick(choices: Sequence[Any], number: int) -> Any:
        """The newest for 0, older ones for more."""
        return choices[-1 - number % len(choices)]
