"""The streams of GitHub's facts as they are stored: later versions are appended, reading keeps the newest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Callable, Generic, Optional, TypedDict, TypeVar, Union

from dora_metrics.domain.github_facts import GitHubDeployment, Incident, Release
from dora_metrics.domain.models import PullRequest
from dora_metrics.domain.timestamps import EPOCH
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.github_codec import DEPLOYMENT, INCIDENT, PULL_REQUEST, RELEASE, Codec
from dora_metrics.storage.repository_manager import RepositoryManager

Fact = TypeVar("Fact", PullRequest, Release, GitHubDeployment, Incident)


@dataclass(frozen=True)
class FactStream(Generic[Fact]):
    """One kind of fact: what it is called, how a line of it looks, which of two versions counts."""

    name: str
    noun: str
    codec: Codec[Fact]
    version: Callable[[Fact], Any]
    """Of two versions of a fact the greater one counts; of equals the one that was read later."""
    order: Callable[[Fact], Any]

    def latest(self, facts: Iterable[Fact]) -> dict[str, Fact]:
        """The version of each fact that counts, by node id."""
        found: dict[str, Fact] = {}
        for fact in facts:
            before = found.get(fact.node_id)
            if before is None or self.version(fact) >= self.version(before):
                found[fact.node_id] = fact
        return found

    def stored(self, manager: RepositoryManager, name: str, record: Optional[CommitRecord]) -> Iterator[Fact]:
        """Every stored version, oldest first; nothing without a record."""
        return iter(()) if record is None else manager.read_facts(name, self.name, self.codec.decode, record=record)

    def folded(self, manager: RepositoryManager, name: str, record: CommitRecord) -> tuple[Fact, ...]:
        """What counts of the stored facts, in a fixed order."""
        return tuple(sorted(self.latest(self.stored(manager, name, record)).values(), key=self.order))


def _updated(fact: Union[PullRequest, Incident]) -> Any:
    return fact.updated_at or EPOCH


PULL_REQUESTS = FactStream[PullRequest](
    "pull_requests", "pull request", PULL_REQUEST, _updated, lambda pull: (pull.number, pull.node_id)
)
RELEASES = FactStream[Release]("releases", "release", RELEASE, lambda _: 0, lambda release: release.node_id)
DEPLOYMENTS = FactStream[GitHubDeployment](
    "deployments", "deployment", DEPLOYMENT, lambda _: 0, lambda deployment: (deployment.created_at, deployment.node_id)
)
ISSUES = FactStream[Incident](
    "issues", "incident issue", INCIDENT, _updated, lambda issue: (issue.number, issue.node_id)
)
STREAMS: tuple[FactStream[Any], ...] = (PULL_REQUESTS, RELEASES, DEPLOYMENTS, ISSUES)


class GitHubPart(TypedDict):
    """What GitHub said about one repository, in a fixed order; empty where it was never asked."""

    pull_requests: tuple[PullRequest, ...]
    releases: tuple[Release, ...]
    github_deployments: tuple[GitHubDeployment, ...]
    incidents: tuple[Incident, ...]


def read_github_part(manager: RepositoryManager, name: str, record: CommitRecord) -> GitHubPart:
    """The stored facts of GitHub about repository `name` as of `record`."""
    return {
        "pull_requests": PULL_REQUESTS.folded(manager, name, record),
        "releases": RELEASES.folded(manager, name, record),
        "github_deployments": DEPLOYMENTS.folded(manager, name, record),
        "incidents": ISSUES.folded(manager, name, record),
    }
