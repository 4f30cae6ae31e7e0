"""What the synchronisation needs from a client of GitHub: pages of facts, and where to go on after each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Optional, Protocol, TypeVar

from dora_metrics.domain.github_facts import GitHubDeployment, GitHubRepository, Incident, Release
from dora_metrics.domain.models import PullRequest

FactT_co = TypeVar("FactT_co", covariant=True)


@dataclass(frozen=True)
class Page(Generic[FactT_co]):
    """One page of a list, whole: of an incomplete answer there is no page."""

    items: tuple[FactT_co, ...]
    """As GitHub ordered them."""
    cursor: Optional[str]
    """Where a later run may begin without missing anything: the cursor of the last edge that was old enough by the
    server's `Date`; `None` = keep the one before."""
    end: Optional[str] = None
    """Where this page ends: a run that was cut off a moment ago goes on from there. `None` for an empty page."""
    total: Optional[int] = None
    """How many items the whole list has, where that was asked."""


class GitHubSource(Protocol):
    """A client of GitHub. Every method raises `AccessError` or `UnreachableError`; never an empty result instead.

    Owner and name are the two parts of `acme/shop`. Lists begin behind the cursor `after`; `None` = at the beginning.
    A cursor that GitHub refuses restarts the list once.
    """

    @property
    def server_time(self) -> Optional[datetime]:
        """The `Date` of the last answer; `None` before the first one, or when it had none."""

    def get_repository(self, owner: str, name: str, *, known_id: str = "") -> GitHubRepository:
        """What GitHub calls the repository today; where nothing bears the name any more, that of node id `known_id`."""

    def get_pull_requests(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[PullRequest]]:
        """Merged ones, those touched longest ago first (`UPDATED_AT ASC`); a cursor is two minutes old."""

    def get_releases(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[Release]]:
        """All of them, drafts included where the token sees them."""

    def get_deployments(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[GitHubDeployment]]:
        """Oldest first (`CREATED_AT ASC`); a cursor is fourteen days old, so that statuses that come later are seen."""

    def get_deployments_by_id(self, ids: Sequence[str]) -> Iterator[Page[GitHubDeployment]]:
        """Those of these node ids that still exist; one request for a hundred."""

    def get_issues(
        self, owner: str, name: str, *, labels: Sequence[str], after: Optional[str] = None
    ) -> Iterator[Page[Incident]]:
        """Those that bear one of `labels`, touched longest ago first; `total` says how many bear one now."""

    def get_issues_by_id(self, ids: Sequence[str]) -> Iterator[Page[Incident]]:
        """Those of these node ids that still exist, whatever labels they bear; one request for a hundred."""
