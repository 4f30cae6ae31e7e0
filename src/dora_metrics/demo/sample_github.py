"""A GitHub that knows the sample project alone, in memory: no token, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Optional, TypeVar, Union

from dora_metrics.domain.github_facts import GitHubDeployment, GitHubRepository, Incident, Release
from dora_metrics.domain.github_source import Page
from dora_metrics.domain.models import PullRequest

FactT = TypeVar("FactT", bound=Union[PullRequest, Release, GitHubDeployment, Incident])


@dataclass(frozen=True)
class SampleFacts:
    """What GitHub says about the sample project, each list in the order in which GitHub gives it."""

    repository: GitHubRepository
    pull_requests: tuple[PullRequest, ...]
    releases: tuple[Release, ...]
    deployments: tuple[GitHubDeployment, ...]
    incidents: tuple[Incident, ...]


class SampleGitHub:
    """The source of these facts, as `GitHubSource` describes it: each list is one page, behind which nothing comes."""

    def __init__(self, facts: SampleFacts, now: datetime) -> None:
        self._facts = facts
        self._now = now

    @property
    def server_time(self) -> Optional[datetime]:
        """Now."""
        return self._now

    def get_repository(self, owner: str, name: str, *, known_id: str = "") -> GitHubRepository:
        """The only one there is."""
        del owner, name, known_id
        return self._facts.repository

    def get_pull_requests(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[PullRequest]]:
        """All of them."""
        del owner, name
        return _behind(self._facts.pull_requests, after)

    def get_releases(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[Release]]:
        """All of them."""
        del owner, name
        return _behind(self._facts.releases, after)

    def get_deployments(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[GitHubDeployment]]:
        """All of them."""
        del owner, name
        return _behind(self._facts.deployments, after)

    def get_deployments_by_id(self, ids: Sequence[str]) -> Iterator[Page[GitHubDeployment]]:
        """Those with these node ids."""
        return _named(self._facts.deployments, ids)

    def get_issues(
        self, owner: str, name: str, *, labels: Sequence[str], after: Optional[str] = None
    ) -> Iterator[Page[Incident]]:
        """Those that bear one of `labels`."""
        del owner, name
        wanted = set(labels)
        return _behind([issue for issue in self._facts.incidents if wanted.intersection(issue.labels)], after)

    def get_issues_by_id(self, ids: Sequence[str]) -> Iterator[Page[Incident]]:
        """Those with these node ids."""
        return _named(self._facts.incidents, ids)


def _behind(facts: Sequence[FactT], after: Optional[str]) -> Iterator[Page[FactT]]:
    """What comes behind the cursor `after`: a cursor is the number of facts up to it."""
    rest = tuple(facts[int(after or 0) :])
    end = str(len(facts)) if rest else None
    yield Page(rest, end, end, len(facts))


def _named(facts: Sequence[FactT], ids: Sequence[str]) -> Iterator[Page[FactT]]:
    yield Page(tuple(fact for fact in facts if fact.node_id in ids), None)
