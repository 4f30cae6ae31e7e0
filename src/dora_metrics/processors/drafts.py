"""Changes before their delivery is known: who, what, from which commits, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Optional

from dora_metrics.config import DeploymentSettings, MetricSettings
from dora_metrics.domain.history import History, is_bad_author_time
from dora_metrics.domain.models import Change, PullRequest
from dora_metrics.domain.timestamps import from_seconds
from dora_metrics.processors.hotfixes import HotfixRule
from dora_metrics.processors.membership import NOBODY, Membership, TiedPullRequest

_BAD_AUTHOR_DATE = ("bad_author_date",)
_NO_PULL_REQUEST = PullRequest(number=0, title="", merge_sha=None, head_sha=None, commits=None)
"""What a commit that belongs to none is told of: nothing."""


@dataclass(frozen=True)
class Conventions:
    """The settings that say how changes are made and counted."""

    deployments: DeploymentSettings
    metrics: MetricSettings
    hotfixes: HotfixRule


class Begun(NamedTuple):
    """The beginning of a change."""

    first_commit_at: Optional[datetime]
    first_committed_at: Optional[datetime]
    started_at: Optional[datetime]
    flags: tuple[str, ...]


class Delivery(NamedTuple):
    """How a change reached users, and what of it counts: fields of `Change`."""

    via: str
    started_at: Optional[datetime]
    left_out: str
    flags: tuple[str, ...]
    deployment: Optional[str] = None
    deployed_at: Optional[datetime] = None
    lead_time: Optional[timedelta] = None


class Draft(NamedTuple):
    """A change without its delivery, and the commits it stands for."""

    key: str
    title: str
    author: str
    is_bot: bool
    hotfix_reason: str
    begun: Begun
    merge: Optional[int]
    own: Sequence[int]
    """Its own non-merge commits."""
    commits: Sequence[int]
    """Its own commits, those it was made of otherwise, and its merge last."""
    via: str
    """The rule that ties `merge` to it."""
    pull_request: Optional[PullRequest] = None
    """`None` for a commit that belongs to none."""
    head: Optional[int] = None
    also: Sequence[int] = ()
    """Commits that it was made of and that are not its own: those before a rebase, a merge that was replaced."""
    carried_by: Sequence[int] = ()
    """Commits that brought it without being its own (rule `parent_pr`)."""
    absent: Sequence[str] = ()
    """Hashes of its commits that the clone lacks."""
    left_out: str = ""
    """Why it is no change, whatever becomes of it; empty = it is one."""


class Drafter:
    """Makes the drafts of one repository's changes."""

    def __init__(self, history: History, conventions: Conventions, *, repository: str, service: str = "") -> None:
        self._history = history
        self._hotfixes = conventions.hotfixes
        self._start = conventions.metrics.lead_time_start
        self._bots = {bot.lower().replace("[bot]", "") for bot in conventions.metrics.bots}
        self._bot_names: dict[str, bool] = {}
        """Whether it is a bot's, of each name that was met."""
        self._repository = repository
        self._service = service

    def drafts(self, tied: Sequence[TiedPullRequest], members: Membership, heads: Mapping[int, str]) -> list[Draft]:
        """One for each of `tied`, then one for each non-merge commit that belongs to no pull request.

        Only of what touches the path prefix in force.
        """
        touching = [
            self._of_pull_request(position, tie, members, heads)
            for position, tie in enumerate(tied)
            if _touches(self._history, tie, position, members)
        ]
        return touching + [self._of_commit(commit) for commit in members.order if self._stands_alone(commit, members)]

    def _stands_alone(self, commit: int, members: Membership) -> bool:
        return (
            members.owner[commit] == NOBODY
            and not self._history.is_merge(commit)
            and bool(self._history.in_prefix[commit])
        )

    def _of_pull_request(
        self, position: int, tie: TiedPullRequest, members: Membership, heads: Mapping[int, str]
    ) -> Draft:
        pull, own = tie.pull_request, members.own[position]
        head = self._history.find(pull.head_sha or heads.get(pull.number))
        authors = self._authors(own, tie.merge)
        only_squash = own == [tie.merge] and head != tie.merge
        begun_with = [] if only_squash else members.begun_with.get(position, own)
        also, absent = _named(self._history, pull, position, members)
        merge = [] if tie.merge is None else [tie.merge]
        return Draft(
            key=f"pr:{pull.number}",
            title=pull.title,
            author=pull.author or (authors[0] if authors else ""),
            is_bot=self._is_bot(pull, authors),
            hotfix_reason=self._hotfixes.reason(title=pull.title, branch=pull.head_branch, labels=pull.labels),
            begun=self._begun(begun_with, tie.merge, pull, members.absent_times.get(position, ())),
            merge=tie.merge,
            own=own,
            commits=list(dict.fromkeys((*own, *also, *merge))),
            via=tie.via,
            pull_request=pull,
            head=head,
            also=also,
            carried_by=tie.carried_by,
            absent=absent,
            left_out="carrier" if position in members.carriers else "unresolved" if tie.via == "unresolved" else "",
        )

    def _of_commit(self, commit: int) -> Draft:
        subject, author = self._history.subjects[commit], self._history.authors[commit]
        alone = (commit,)
        return Draft(
            key=f"commit:{self._history.sha(commit)}",
            title=subject,
            author=author,
            is_bot=self._named_bot(author),
            hotfix_reason=self._hotfixes.reason(title=subject, branch=None, labels=None),
            begun=self._begun_alone(commit),
            merge=commit,
            own=alone,
            commits=alone,
            via="commit",
        )

    def change(self, draft: Draft, delivery: Delivery, reverts: Optional[Sequence[str]]) -> Change:
        """What `draft` becomes by its delivery; `reverts` are the keys of what it takes back, `None` = no revert."""
        sha_of, begun = self._history.sha, draft.begun
        pull = draft.pull_request or _NO_PULL_REQUEST
        return Change(
            key=draft.key,
            repository=self._repository,
            title=draft.title,
            commits=tuple(map(sha_of, draft.own)),
            also=tuple(map(sha_of, draft.also)),
            service=self._service,
            pull_request=pull.number or None,
            labels=pull.labels,
            author=draft.author,
            is_bot=draft.is_bot,
            merge_commit=None if draft.pull_request is None else self._merge_commit(pull, draft.merge),
            first_commit_at=begun.first_commit_at,
            first_committed_at=begun.first_committed_at,
            created_at=pull.created_at,
            ready_at=pull.ready_at,
            first_review_at=pull.first_review_at,
            merged_at=pull.merged_at,
            started_at=delivery.started_at,
            via=delivery.via,
            deployment=delivery.deployment,
            deployed_at=delivery.deployed_at,
            lead_time=delivery.lead_time,
            is_hotfix=bool(draft.hotfix_reason),
            hotfix_reason=draft.hotfix_reason,
            is_revert=reverts is not None,
            reverts=tuple(reverts or ()),
            flags=delivery.flags,
            left_out=delivery.left_out,
        )

    def _merge_commit(self, pull: PullRequest, merge: Optional[int]) -> Optional[str]:
        return pull.merge_sha if merge is None else self._history.sha(merge)

    def _authors(self, own: Sequence[int], merge: Optional[int]) -> list[str]:
        """Who wrote it: of a squash only its own author, as GitHub names there who opened the pull request."""
        is_squash = merge is not None and not self._history.is_merge(merge)
        commits = [merge] if merge is not None and (is_squash or not own) else own
        return [self._history.authors[commit] for commit in commits]

    def _is_bot(self, pull: PullRequest, authors: Sequence[str]) -> bool:
        """By GitHub's word; else when every one of the authors is a bot."""
        if pull.is_bot is not None:
            return pull.is_bot or self._named_bot(pull.author or "")
        return bool(authors) and all(map(self._named_bot, authors))

    def _named_bot(self, name: str) -> bool:
        found = self._bot_names.get(name)
        if found is None:
            found = self._bot_names[name] = name.lower().endswith("[bot]") or name.lower() in self._bots
        return found

    def _begun(
        self,
        own: Sequence[int],
        merge: Optional[int],
        pull: Optional[PullRequest],
        absent: Sequence[tuple[int, int]] = (),
    ) -> Begun:
        """When the first of `own`, or of the `absent` ones by their times, was written; where the lead time begins."""
        written = [self._history.written_s(commit) for commit in own]
        bad = [self._history.has_bad_author_date(commit) for commit in own]
        for authored_s, committed_s in absent:
            bad.append(is_bad_author_time(authored_s, committed_s))
            written.append(committed_s if bad[-1] else authored_s)
        committed = [self._history.committed_s(commit) for commit in own] + [times[1] for times in absent]
        first = from_seconds(_earliest(written))
        flags = list(_BAD_AUTHOR_DATE) if any(bad) else []
        started = self._configured_start(first, pull)
        if started is None and self._start == "first_commit":
            started, flag = self._fallback(merge, pull)
            flags += flag
        return Begun(first, from_seconds(_earliest(committed)), started, tuple(flags))

    def _begun_alone(self, commit: int) -> Begun:
        """As `_begun`, of one commit that belongs to no pull request: they are many."""
        history = self._history
        bad, committed_s = history.has_bad_author_date(commit), history.committed_s(commit)
        committed = from_seconds(committed_s)
        authored_s = history.raw_authored_s(commit)
        first = committed if bad or authored_s == committed_s else from_seconds(authored_s)
        return Begun(first, committed, self._configured_start(first, None), _BAD_AUTHOR_DATE if bad else ())

    def _configured_start(self, first: Optional[datetime], pull: Optional[PullRequest]) -> Optional[datetime]:
        if self._start == "first_commit":
            return first
        if pull is None:
            return None
        return {"ready": pull.ready_at, "created": pull.created_at, "merged": pull.merged_at}[self._start]

    def _fallback(self, merge: Optional[int], pull: Optional[PullRequest]) -> tuple[Optional[datetime], list[str]]:
        """Commits unknown: the pull request's creation; without GitHub the author time of the commit that merged."""
        if pull is not None and pull.created_at is not None:
            return pull.created_at, ["start=pr_created"]
        if merge is None:
            return None, []
        flag = "start=merge_commit" if self._history.is_merge(merge) else "start=squash_commit"
        return from_seconds(self._history.written_s(merge)), [flag]


def _earliest(moments: Iterable[Optional[int]]) -> Optional[int]:
    return min((moment for moment in moments if moment is not None), default=None)


def _touches(history: History, tie: TiedPullRequest, position: int, members: Membership) -> bool:
    """Whether a pull request is of the path prefix in force: one of its commits, its squash included, touches it."""
    if not history.path_prefix:
        return True
    touched = history.in_prefix
    if any(touched[commit] for commit in members.own[position]) or (tie.merge is not None and touched[tie.merge]):
        return True
    return any(touched[commit] for commit in _named(history, tie.pull_request, position, members)[0])


def _named(history: History, pull: PullRequest, position: int, members: Membership) -> tuple[list[int], list[str]]:
    """Commits that GitHub names, that are its and not among its own, and hashes of those the clone lacks."""
    own = set(members.own[position])
    found: list[int] = []
    absent: list[str] = []
    for sha in (*(pull.commits or ()), *filter(None, (pull.merge_sha,))):
        commit = history.find(sha)
        if commit is None:
            absent.append(sha)
        elif members.owner[commit] == position and commit not in own:
            found.append(commit)
    return found, absent
