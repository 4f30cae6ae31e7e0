"""A small history together with what GitHub says of it: pull requests, releases, deployments, incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Optional

from dora_metrics.domain.github_facts import GitHubDeployment, Incident, Release
from dora_metrics.domain.models import Dataset, PullRequest
from dora_metrics.domain.timestamps import to_seconds
from dora_metrics.processors.judgement import Facts
from support.small_history import SmallHistory, change, day, sha

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class GitHubHistory(SmallHistory):
    """Each of GitHub's facts by one short line; the branch is called main."""

    def __init__(self) -> None:
        super().__init__()
        self.pulls: list[PullRequest] = []
        self.releases: list[Release] = []
        self.deployed: list[GitHubDeployment] = []
        self.incidents: list[Incident] = []

    def pull(
        self,
        number: int,
        *,
        merged: float,
        merge: str = "",
        head: str = "",
        commits: Optional[str] = None,
        written: Sequence[float] = (),
        created: Optional[float] = None,
        base: str = "main",
        **more: Any,
    ) -> GitHubHistory:
        """A merged pull request; commits by their letters, `commits=None` = GitHub gave no list.

        `written` is the day of each commit, for those that the clone lacks.
        """
        created_at = day(merged if created is None else created)
        known = {
            "title": f"Pull {number}",
            "labels": (),
            "is_bot": False,
            "author": "ada",
            "head_branch": f"feature-{number}",
            "created_at": created_at,
            "ready_at": created_at,
            "node_id": f"PR_{number}",
            **more,
        }
        self.pulls.append(
            PullRequest(
                number=number,
                merge_sha=sha(merge) if merge else None,
                head_sha=sha(head) if head else None,
                commits=None if commits is None else tuple(map(sha, commits)),
                commit_times=tuple((to_seconds(day(at)), to_seconds(day(at))) for at in written),
                base_branch=base,
                merged_at=day(merged),
                **known,
            )
        )
        return self

    def release(
        self, tag: str, letter: str, *, at: Optional[float], draft: bool = False, prerelease: bool = False
    ) -> GitHubHistory:
        """A Release; an empty letter = its tag is gone."""
        published_at = None if at is None else day(at)
        commit = sha(letter) if letter else None
        self.releases.append(Release(f"RE_{tag}", tag, commit, published_at, draft, prerelease))
        return self

    def deploy(
        self, number: int, letter: str, *, at: Optional[float], to: str = "production", ref: Optional[str] = None
    ) -> GitHubHistory:
        """A GitHub Deployment that succeeded at that time; `at=None` = it never did."""
        created_at = day(0 if at is None else at - 0.01)
        succeeded_at = None if at is None else day(at)
        made = GitHubDeployment(f"DE_{number}", number, to, sha(letter), ref, created_at, succeeded_at, at is not None)
        self.deployed.append(made)
        return self

    def incident(
        self,
        number: int,
        *,
        opened: float,
        closed: Optional[float] = None,
        labels: tuple[str, ...] = ("incident",),
        title: str = "Checkout is down",
        body: str = "",
        by_pull: Optional[int] = None,
        by_commit: str = "",
    ) -> GitHubHistory:
        """An incident issue; `closed=None` = open."""
        closed_at = None if closed is None else day(closed)
        self.incidents.append(
            Incident(
                node_id=f"I_{number}",
                number=number,
                title=title,
                body=body,
                labels=labels,
                created_at=day(opened),
                closed_at=closed_at,
                updated_at=closed_at or day(opened),
                closed_by_pull_request=by_pull,
                closed_by_commit=sha(by_commit) if by_commit else None,
            )
        )
        return self

    def facts(self) -> Facts:
        """What git and GitHub would have said."""
        return replace(
            super().facts(),
            branch="main",
            from_github=True,
            pull_requests=self.pulls,
            releases=self.releases,
            github_deployments=self.deployed,
            incidents=self.incidents,
        )


def history_of(letters: str = "a") -> GitHubHistory:
    """A line of these commits, with nothing of GitHub's yet."""
    history = GitHubHistory()
    history.line(letters)
    return history


def commits_of(dataset: Dataset, name: str) -> str:
    """The letters of a change's own commits."""
    letters = {sha(letter): letter for letter in LETTERS}
    return "".join(letters[own] for own in change(dataset, name).commits)


def keys(dataset: Dataset) -> set[str]:
    """All changes: commits by their letters, pull requests by their keys."""
    letters = {f"commit:{sha(letter)}": letter for letter in LETTERS}
    return {letters.get(found.key, found.key) for found in dataset.changes}
