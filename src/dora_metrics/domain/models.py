"""Facts (what git said) and judgements (what we make of it): different types, all frozen.

A fact is stored as it was said. A judgement is made anew each time from facts, settings and words, and names its rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Optional

from dora_metrics.domain.timestamps import from_seconds, require_utc


class Commit(NamedTuple):
    """One commit as git has it. Times are raw Unix seconds: git holds years that no datetime can."""

    sha: str
    """Full hash: 40 hex digits, or 64 in a sha256 repository."""
    parents: tuple[str, ...]
    """Full hashes, first parent first; empty for a root."""
    author: str
    """Author name, without the address."""
    authored_s: Optional[int]
    """Author time; `None` when git cannot read it."""
    committed_s: Optional[int]
    """Committer time; `None` when git cannot read it."""
    message: str
    """At most 64 KiB, e-mail addresses taken out."""
    files_changed: tuple[str, ...]
    """Paths against the first parent, in git's order; empty for a merge."""

    @property
    def authored_at(self) -> Optional[datetime]:
        """Author time; `None` when it is no date of the years 1 to 9999."""
        return from_seconds(self.authored_s)

    @property
    def committed_at(self) -> Optional[datetime]:
        """Committer time; `None` when it is no date of the years 1 to 9999."""
        return from_seconds(self.committed_s)

    @property
    def date(self) -> Optional[datetime]:
        """The committer time."""
        return self.committed_at


@dataclass(frozen=True)
class Tag:
    """A tag, peeled to what it finally names."""

    name: str
    """Without `refs/tags/`."""
    commit_sha: Optional[str]
    """`None` when the tag names a tree or a blob."""
    tagged_s: Optional[int]
    """The tagger's time as Unix seconds; `None` for a lightweight tag, or one whose tagger is missing."""
    annotated: bool


@dataclass(frozen=True)
class PullHead:
    """`refs/pull/<number>/head`: where a pull request's branch last stood, merged or not."""

    number: int
    sha: str


@dataclass(frozen=True)
class PullRequest:
    """A merged pull request. What its source does not know is `None`, never invented."""

    number: int
    title: str
    merge_sha: Optional[str]
    """The merge, squash or last rebased commit."""
    head_sha: Optional[str]
    commits: Optional[tuple[str, ...]]
    """The branch's commits as its source lists them; `None` = unknown."""
    commit_times: tuple[tuple[int, int], ...] = ()
    """Author's and committer's Unix seconds of each of `commits`, in that order; empty where the source has no times.

    The branch of a squashed pull request may be gone: then only GitHub knows when its work began."""
    head_branch: Optional[str] = None
    base_branch: Optional[str] = None
    author: Optional[str] = None
    is_bot: Optional[bool] = None
    labels: Optional[tuple[str, ...]] = None
    body: Optional[str] = None
    created_at: Optional[datetime] = None
    ready_at: Optional[datetime] = None
    first_review_at: Optional[datetime] = None
    merged_at: Optional[datetime] = None
    node_id: str = ""
    """GitHub's; empty for one read from the history."""
    updated_at: Optional[datetime] = None
    """When GitHub last saw it touched: of two versions of one pull request the later counts."""
    closes: tuple[int, ...] = ()
    """Numbers of this repository's issues that GitHub links as closed by it."""
    incomplete: bool = False
    """GitHub would not give all of it: commits or labels may be missing."""

    def __post_init__(self) -> None:
        for moment in (self.created_at, self.ready_at, self.first_review_at, self.merged_at, self.updated_at):
            require_utc(moment)


@dataclass(frozen=True)
class Deployment:
    """A commit reached users."""

    key: str
    """`deployment:<id>`, `release:<tag>`, `tag:<tag>`, `merge:<sha>` or `annotation:<sha>`."""
    repository: str
    commit_sha: str
    """Full hash of the newest commit that went out."""
    deployed_at: datetime
    source: str
    """`annotation`, `deployment`, `release`, `tag` or `merge`: the source whose time counts."""
    tag: str = ""
    service: str = ""
    environment: str = "production"
    kind: str = "normal"
    """`initial`, `normal`, `hotfix`, `rollback` or `redeploy`."""
    kind_reason: str = ""
    """The rule that gave the kind, in words."""
    release_line: str = ""
    evidence: tuple[str, ...] = ()
    """Keys of lower sources' records about the same deployment, and `annotation:` keys that confirm it."""
    explicit: bool = False
    """A person said that this was a deployment."""
    flags: tuple[str, ...] = ()
    """Of `backfilled_tag`, `out_of_order`, `sha_missing`, `no_new_changes`."""
    new_commits: int = 0
    """|New(d)|: commits that reached users first with this deployment."""
    changes: int = 0
    """Changes first delivered by it."""
    withdrawn: int = 0
    """For a rollback: commits that users no longer had."""

    def __post_init__(self) -> None:
        require_utc(self.deployed_at)


class Change(NamedTuple):
    """A merged pull request, or a commit that belongs to none, and its way to users.

    Its times are those of facts, which are in UTC. A tuple, since there are hundreds of thousands: a frozen dataclass
    takes four times as long to make.
    """

    key: str
    """`pr:<number>` or `commit:<sha>`."""
    repository: str
    title: str
    commits: tuple[str, ...]
    """Its own non-merge commits (definitions.md 4, K), oldest first; hashes."""
    also: tuple[str, ...] = ()
    """Commits that it was made of and that are not its own any more: those that a rebase repeated; hashes."""
    service: str = ""
    pull_request: Optional[int] = None
    labels: Optional[tuple[str, ...]] = None
    """`None` = unknown: only GitHub knows labels."""
    author: str = ""
    is_bot: bool = False
    merge_commit: Optional[str] = None
    first_commit_at: Optional[datetime] = None
    first_committed_at: Optional[datetime] = None
    """The earliest committer time of its commits, which a rebase moves; not used but by another tool's definitions."""
    created_at: Optional[datetime] = None
    ready_at: Optional[datetime] = None
    first_review_at: Optional[datetime] = None
    merged_at: Optional[datetime] = None
    started_at: Optional[datetime] = None
    """Where its lead time begins, under the rule in force."""
    via: str = "unresolved"
    """The rule that tied it to the history: `commit`, `merge_commit`, `head`, `subject`, `cherry_pick`, `parent_pr`."""
    deployment: Optional[str] = None
    """Key of the deployment that first delivered it; `None` = undeployed."""
    deployed_at: Optional[datetime] = None
    lead_time: Optional[timedelta] = None
    """`None` when undeployed or left out."""
    is_hotfix: bool = False
    hotfix_reason: str = ""
    is_revert: bool = False
    reverts: tuple[str, ...] = ()
    """Keys of the changes that it takes back."""
    flags: tuple[str, ...] = ()
    left_out: str = ""
    """Why a deployed change has no lead time, or is no change at all; empty = counted."""


@dataclass(frozen=True)
class Failure:
    """Evidence of one outage, joined, and the deployment it is blamed on."""

    key: str
    """`issue:<number>`, or `failure:<deployment key>` without an issue."""
    repository: str
    title: str
    attribution: str
    """The rule: `annotated_deployment`, `annotated_commit`, `stated`, `rollback`, `revert`, `inferred`, `unattributed`,
    `not_in_Dc` or `no_deployment`."""
    provenance: str
    """`explicit` (a person said so) or `inferred` (a proposal)."""
    because: str
    """The reason in words."""
    confidence: str = "medium"
    """`high`, `medium` or `low`."""
    service: str = ""
    issue: Optional[int] = None
    deployment: Optional[str] = None
    """Key of the failed deployment; `None` when unattributed or when no deployment caused it."""
    began_at: Optional[datetime] = None
    restored_at: Optional[datetime] = None
    """`None` = still open."""
    restored_by: Optional[str] = None
    """Key of the deployment, or the annotation, that ended it."""
    fixed_by: Optional[str] = None
    """Key of the change that fixed it."""
    opened_at: Optional[datetime] = None
    closed_at: Optional[datetime] = None
    """Of an incident issue, as GitHub says, whatever was made of it; `None` without an issue, or while it is open."""
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_utc(self.began_at)
        require_utc(self.restored_at)


class Annotation(NamedTuple):
    """A person's decision about one cell: stays in force until a later import names the same key and column."""

    repository: str
    service: str
    key: str
    """`commit:<full hash>`, `issue:<number>`, or a deployment's key."""
    column: str
    """A decision column of pending_review.csv."""
    value: str
    """In canonical form: `yes`, `no`, an ISO time with `Z`, a reference, or text."""
    accepted_at: datetime
    source: str
    """SHA-256 of the file it came from."""
    line: int
    """Line of that file, the header being 1."""


class CommitLead(NamedTuple):
    """A non-merge commit, and how long it took to users."""

    sha: str
    deployment: str
    """Key of the deployment that first contained it."""
    seconds: int


@dataclass(frozen=True)
class Dataset:
    """All judgements about one service, in a fixed order: what the master dataset's CSV files hold."""

    repository: str
    service: str = ""
    changes: tuple[Change, ...] = ()
    """Deployed ones by time of deployment, then undeployed ones; then by key."""
    deployments: tuple[Deployment, ...] = ()
    """By time, ties as definitions.md 4 orders them."""
    failures: tuple[Failure, ...] = ()
    """By time of beginning, then key."""
    commit_leads: tuple[CommitLead, ...] = ()
    """Of commits delivered after the first known deployment, by deployment in order, then by hash."""
    line: tuple[str, ...] = ()
    """Hashes on the branch's first-parent line, newest first."""
    unreachable: tuple[str, ...] = ()
    """Hashes of stored commits that no ref reaches any more."""
    truncated: bool = False
    """The clone was shallow: old commits are missing."""
    undated_tags: tuple[str, ...] = ()
    """Tags that would be deployments and whose time no calendar holds."""
    undated_commits: int = 0
    """Commits of which neither time can be read."""
    unresolved: tuple[int, ...] = ()
    """Numbers of merged pull requests that no rule could tie to the history."""

    @property
    def name(self) -> str:
        """What people call it: the repository and, where it has several, the service."""
        return dataset_name(self.repository, self.service)


def dataset_name(repository: str, service: str) -> str:
    """`acme/shop`, or `acme/shop: api` for one of its services."""
    return f"{repository}: {service}" if service else repository
