"""A GitHub in memory: the same promises as the real client's, without HTTP, and a world that changes between pages.

Every fact keeps its versions, so that a replica that lags can show what was there a minute ago.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Optional

from dora_metrics.domain.github_facts import GitHubDeployment, GitHubRepository, Incident, Release
from dora_metrics.domain.github_source import Page
from dora_metrics.domain.models import PullRequest
from dora_metrics.errors import UnreachableError

START = datetime(2025, 1, 1, tzinfo=timezone.utc)
TWO_MINUTES = timedelta(minutes=2)
FOURTEEN_DAYS = timedelta(days=14)
LABEL = "incident"


class MemoryWorld:
    """What GitHub knows; each change happens at `now`, which only `tick` moves."""

    def __init__(self) -> None:
        self.now = START
        self._versions: dict[str, list[tuple[datetime, Any]]] = {}
        self.repository = GitHubRepository("R_1", "acme/shop", "main")

    def tick(self, **passed: float) -> None:
        self.now += timedelta(**passed)

    def put(self, fact: Any) -> None:
        self._versions.setdefault(fact.node_id, []).append((self.now, fact))

    def remove(self, node_id: str) -> None:
        self._versions[node_id].append((self.now, None))

    def facts(self, kind: type, at: Optional[datetime] = None) -> list[Any]:
        """All of one kind as they stood at `at` (default: now)."""
        found = (self.find(node_id, at) for node_id in self._versions)
        return [fact for fact in found if isinstance(fact, kind)]

    def find(self, node_id: str, at: Optional[datetime] = None) -> Any:
        """A fact as it stood at `at`; `None` when it was not there."""
        versions = self._versions.get(node_id, [])
        place = bisect_right([when for when, _ in versions], at or self.now)
        return versions[place - 1][1] if place else None

    # ---- what people do

    def merge_pull(self, number: int, **given: Any) -> None:
        commits = (f"{number:040x}",)
        facts = {"title": f"pull {number}", "merge_sha": commits[0], "head_sha": commits[0], "commits": commits}
        times = {"created_at": self.now, "merged_at": self.now, "updated_at": self.now}
        self.put(PullRequest(**{"number": number, "node_id": f"PR_{number}", "labels": (), **facts, **times, **given}))

    def touch_pull(self, number: int, **changes: Any) -> None:
        self.put(replace(self.find(f"PR_{number}"), updated_at=self.now, **changes))

    def publish(self, number: int, **given: Any) -> None:
        facts = {"tag": f"v{number}", "commit_sha": None, "is_draft": False, "is_prerelease": False}
        self.put(Release(**{"node_id": f"RE_{number}", "published_at": self.now, **facts, **given}))

    def deploy(self, number: int, **given: Any) -> None:
        facts = {"database_id": number, "environment": "production", "commit_sha": f"{number:040x}", "ref": None}
        times = {"created_at": self.now, "succeeded_at": None, "is_terminal": False}
        self.put(GitHubDeployment(**{"node_id": f"DE_{number}", **facts, **times, **given}))

    def finish(self, number: int) -> None:
        self.put(replace(self.find(f"DE_{number}"), succeeded_at=self.now, is_terminal=True))

    def open_issue(self, number: int, **given: Any) -> None:
        facts = {"title": f"issue {number}", "body": "", "labels": (LABEL,), "closed_at": None}
        times = {"created_at": self.now, "updated_at": self.now}
        self.put(Incident(**{"node_id": f"I_{number}", "number": number, **facts, **times, **given}))

    def touch_issue(self, number: int, **changes: Any) -> None:
        self.put(replace(self.find(f"I_{number}"), updated_at=self.now, **changes))


@dataclass
class MemoryGitHub:
    """The client of a `MemoryWorld`; `GitHubSource` describes its methods."""

    world: MemoryWorld
    page_size: int = 100
    before: Callable[[int], None] = lambda _number: None
    """Called with the number of each request, from 1, before it is answered; what it raises is raised."""
    lag_s: Callable[[int], float] = lambda _number: 0
    """How old the answer to that request is."""
    descending: bool = False
    """A bug to plant: pull requests come newest first."""
    requests: list[tuple[str, Optional[str]]] = field(default_factory=list)
    """Of each request what was asked and behind which cursor."""
    server_time: Optional[datetime] = None

    @property
    def asked(self) -> list[str]:
        """What was asked, in order."""
        return [what for what, _ in self.requests]

    def get_repository(self, owner: str, name: str, *, known_id: str = "") -> GitHubRepository:
        del known_id
        self._request("repository", f"{owner}/{name}")
        return self.world.repository

    def get_pull_requests(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[PullRequest]]:
        del owner, name
        return self._pages("pull_requests", after, TWO_MINUTES, self._pulls, backwards=self.descending)

    def get_releases(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[Release]]:
        del owner, name
        return self._pages("releases", after, None, lambda at: [(START, each) for each in self._all(Release, at)])

    def get_deployments(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[GitHubDeployment]]:
        del owner, name
        return self._pages("deployments", after, FOURTEEN_DAYS, self._deployments)

    def get_deployments_by_id(self, ids: Sequence[str]) -> Iterator[Page[GitHubDeployment]]:
        return self._by_id("deployments_by_id", ids)

    def get_issues(
        self, owner: str, name: str, *, labels: Sequence[str], after: Optional[str] = None
    ) -> Iterator[Page[Incident]]:
        del owner, name
        return self._pages("issues", after, TWO_MINUTES, lambda at: self._issues(at, set(labels)))

    def get_issues_by_id(self, ids: Sequence[str]) -> Iterator[Page[Incident]]:
        return self._by_id("issues_by_id", ids)

    def _all(self, kind: type, at: datetime) -> list[Any]:
        return self.world.facts(kind, at)

    def _pulls(self, at: datetime) -> list[tuple[datetime, Any]]:
        return [(each.updated_at, each) for each in self._all(PullRequest, at)]

    def _deployments(self, at: datetime) -> list[tuple[datetime, Any]]:
        return [(each.created_at, each) for each in self._all(GitHubDeployment, at)]

    def _issues(self, at: datetime, labels: set[str]) -> list[tuple[datetime, Any]]:
        return [(each.updated_at, each) for each in self._all(Incident, at) if labels & set(each.labels)]

    def _request(self, what: str, after: Optional[str]) -> datetime:
        """One request; the moment whose state it is answered from."""
        self.requests.append((what, after))
        self.before(len(self.requests))
        self.server_time = self.world.now
        return self.world.now - timedelta(seconds=self.lag_s(len(self.requests)))

    def _pages(
        self,
        what: str,
        after: Optional[str],
        margin: Optional[timedelta],
        rows: Callable[[datetime], Iterable[tuple[datetime, Any]]],
        *,
        backwards: bool = False,
    ) -> Iterator[Page[Any]]:
        more = True
        while more:
            at = self._request(what, after)
            keyed = sorted(((f"{key:%Y%m%d%H%M%S}.{fact.node_id}", key, fact) for key, fact in rows(at)), key=_first)
            total = len(keyed)
            keyed = keyed[::-1] if backwards else keyed
            rest = [row for row in keyed if after is None or (row[0] < after if backwards else row[0] > after)]
            found, more = rest[: self.page_size], len(rest) > self.page_size
            old = [row[0] for row in found if margin is None or row[1] <= self.world.now - margin]
            after = found[-1][0] if found else after
            items = tuple(row[2] for row in found)
            yield Page(items, old[-1] if old else None, found[-1][0] if found else None, total)

    def _by_id(self, what: str, ids: Sequence[str]) -> Iterator[Page[Any]]:
        for start in range(0, len(ids), 100):
            at = self._request(what, None)
            found = (self.world.find(node_id, at) for node_id in ids[start : start + 100])
            yield Page(tuple(fact for fact in found if fact is not None), None)


def _first(row: tuple[str, datetime, Any]) -> str:
    return row[0]


def unreachable_at(number: int) -> Callable[[int], None]:
    """For `before`: the request of that number, and none before it, fails."""

    def check(asked: int) -> None:
        if asked == number:
            message = "GitHub does not answer"
            raise UnreachableError(message, remedy="run the same command again")

    return check
