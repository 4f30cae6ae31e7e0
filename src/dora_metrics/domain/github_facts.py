"""Facts that only GitHub knows, as it said them. What they mean is for the processors to judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from dora_metrics.domain.timestamps import require_utc


@dataclass(frozen=True)
class GitHubRepository:
    """What GitHub calls the repository today."""

    node_id: str
    """Stays when the repository is renamed or moved; another one means another repository."""
    name_with_owner: str
    default_branch: Optional[str]
    """`None` for an empty repository."""


@dataclass(frozen=True)
class Release:
    """A GitHub Release, drafts and pre-releases included."""

    node_id: str
    tag: str
    commit_sha: Optional[str]
    """What the tag finally names; `None` when the tag is gone."""
    published_at: Optional[datetime]
    """`None` for a draft."""
    is_draft: bool
    is_prerelease: bool

    def __post_init__(self) -> None:
        require_utc(self.published_at)


@dataclass(frozen=True)
class GitHubDeployment:
    """A GitHub Deployment to one environment."""

    node_id: str
    database_id: int
    """Its key is `deployment:<database_id>`."""
    environment: str
    """As typed by whoever deployed: "Production", "prod-eu"."""
    commit_sha: str
    ref: Optional[str]
    """Branch or tag that was asked for; `None` when unknown."""
    created_at: datetime
    succeeded_at: Optional[datetime]
    """Time of the first SUCCESS status; `None` = it never succeeded so far."""
    is_terminal: bool
    """No further status is expected: it need not be read again."""

    def __post_init__(self) -> None:
        require_utc(self.created_at)
        require_utc(self.succeeded_at)


@dataclass(frozen=True)
class Incident:
    """An issue that bears, or bore, an incident label."""

    node_id: str
    number: int
    title: str
    body: str
    """At most 64 KiB, e-mail addresses taken out."""
    labels: tuple[str, ...]
    """Those it bears now; without an incident label it counts no more."""
    created_at: datetime
    closed_at: Optional[datetime]
    """`None` = open, also when it was closed once and reopened."""
    updated_at: datetime
    closed_by_pull_request: Optional[int] = None
    """Number of the pull request of this repository that closed it; of several the one merged last."""
    closed_by_commit: Optional[str] = None

    def __post_init__(self) -> None:
        for moment in (self.created_at, self.closed_at, self.updated_at):
            require_utc(moment)
