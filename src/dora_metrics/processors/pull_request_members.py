"""Which commits belong to which of GitHub's pull requests: by its own lists, else by the history (definitions.md 4)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from dora_metrics.domain.history import History
from dora_metrics.domain.models import PullRequest
from dora_metrics.processors.membership import NOBODY, Membership, TiedPullRequest
from dora_metrics.processors.pull_request_ladder import merged_order


def members_from_github(history: History, tied: Sequence[TiedPullRequest], by_walk: Membership) -> Membership:
    """Membership of `tied` where GitHub lists each pull request's commits.

    Earlier merged ones come first: what belongs to one belongs to no later one. Where GitHub gave no list, or not all
    of it, `by_walk` says what the merge brought. The commits that a rebase made on the branch belong to the pull
    request, and are its own in place of those that they repeat.
    """
    return _Claims(history, tied, by_walk).settle()


@dataclass(frozen=True)
class _Listed:
    """A pull request's commits before earlier ones took theirs."""

    commits: Sequence[int]
    """Without merges."""
    whole: bool
    """All of them are known, here or by their times."""


class _Claims:
    """Who owns what, settled in the order of merging."""

    def __init__(self, history: History, tied: Sequence[TiedPullRequest], by_walk: Membership) -> None:
        self._history = history
        self._tied = tied
        self._by_walk = by_walk
        self._owner = array("i", [NOBODY]) * len(history)
        self._own: list[Sequence[int]] = [() for _ in tied]
        self._begun_with: dict[int, Sequence[int]] = {}
        self._absent_times: dict[int, Sequence[tuple[int, int]]] = {}
        self._absent_owner: dict[str, int] = {}
        self._carriers: set[int] = set()

    def settle(self) -> Membership:
        ordered = sorted(range(len(self._tied)), key=lambda p: merged_order(self._tied[p].pull_request))
        for position in sorted(ordered, key=self._merged_something_else):
            merge = self._merge(position)
            if merge is not None and self._owner[merge] == NOBODY:
                self._owner[merge] = position
        for position in ordered:
            self._take(position)
        return Membership(
            self._owner,
            self._own,
            frozenset(self._carriers),
            self._by_walk.order,
            self._begun_with,
            self._absent_times,
        )

    def _merge(self, position: int) -> Optional[int]:
        tie = self._tied[position]
        return tie.merge if tie.merge is not None else self._history.find(tie.pull_request.merge_sha)

    def _merged_something_else(self, position: int) -> bool:
        """False where the merge is one of the pull request's own commits: of two with one merge it is that one's."""
        pull = self._tied[position].pull_request
        return pull.merge_sha not in (pull.commits or ())

    def _take(self, position: int) -> None:
        pull = self._tied[position].pull_request
        listed = self._listed(position, pull)
        absent = self._absent(position, pull)
        own = [commit for commit in listed.commits if self._is_free(commit, position)]
        landed = self._landed(position, listed.commits)
        for commit in (*own, *landed):
            self._owner[commit] = position
        self._own[position] = landed or own
        if absent:
            self._absent_times[position] = absent
        if not listed.whole:
            self._begun_with[position] = ()
        elif landed:
            self._begun_with[position] = [*own, *landed]
        if listed.whole and listed.commits and not own and not landed and not absent:
            self._carriers.add(position)

    def _is_free(self, commit: int, position: int) -> bool:
        return self._owner[commit] in (NOBODY, position)

    def _listed(self, position: int, pull: PullRequest) -> _Listed:
        named = [self._history.find(sha) for sha in pull.commits or ()]
        known = [commit for commit in named if commit is not None and not self._history.is_merge(commit)]
        if pull.commits and not pull.incomplete:
            return _Listed(known, whole=None not in named or len(pull.commit_times) == len(named))
        walked = self._by_walk.own[position]
        if not walked and position in self._by_walk.carriers:
            self._carriers.add(position)
        return _Listed(list(dict.fromkeys((*walked, *known))), whole=True)

    def _absent(self, position: int, pull: PullRequest) -> list[tuple[int, int]]:
        """Times of its commits that the clone lacks and that belong to no earlier pull request."""
        return [
            times
            for sha, times in zip(pull.commits or (), pull.commit_times)
            if self._history.find(sha) is None and self._absent_owner.setdefault(sha, position) == position
        ]

    def _landed(self, position: int, listed: Sequence[int]) -> Sequence[int]:
        """The commits that a rebase made on the branch, oldest first; empty for any other way of merging.

        First parents back from the merge, while author time and subject are those of a commit of the branch.
        """
        wanted = {self._look(commit) for commit in listed}
        here = self._merge(position)
        found: list[int] = []
        while here is not None and len(found) < len(listed) and self._is_repeat(here, position, wanted):
            found.append(here)
            here = self._history.graph.first_parent(here)
        return found[::-1] if len(found) > 1 else ()

    def _is_repeat(self, commit: int, position: int, wanted: set[tuple[int, str]]) -> bool:
        free = self._is_free(commit, position) and not self._history.is_merge(commit)
        return free and self._look(commit) in wanted

    def _look(self, commit: int) -> tuple[int, str]:
        """What a rebase keeps of a commit."""
        return (self._history.raw_authored_s(commit), self._history.subjects[commit])
