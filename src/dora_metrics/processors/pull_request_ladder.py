"""GitHub's merged pull requests, each tied to the history by the first rule of definitions.md 4 that answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Optional

from dora_metrics.domain.history import History
from dora_metrics.domain.models import PullRequest
from dora_metrics.processors.membership import TiedPullRequest
from dora_metrics.processors.pull_requests import MERGED, SQUASHED

NEAR_ITS_MERGE = timedelta(days=1)
"""How far a commit that only bears a pull request's number may be from the merge that GitHub tells of."""
_BEFORE_ALL = datetime.min.replace(tzinfo=timezone.utc)


def merged_order(pull: PullRequest) -> tuple[datetime, int]:
    """Sorts pull requests as they were merged."""
    return (pull.merged_at or _BEFORE_ALL, pull.number)


@dataclass(frozen=True)
class Lines:
    """The measured branch, and what was deployed."""

    branch: str
    """Name of the branch that is measured; empty = unknown."""
    main: Sequence[int]
    """Its first-parent line."""
    deployed: Sequence[int]
    """Commits of deployments."""

    @property
    def tips(self) -> list[int]:
        """The branch's newest commit, and those of deployments."""
        return [*self.main[:1], *self.deployed]

    def reached(self, history: History) -> bytearray:
        """One byte a commit: 1 where the branch or a deployment reaches it."""
        seen = bytearray(len(history))
        for _ in history.graph.reach(self.tips, seen):
            pass
        return seen

    def beside(self, history: History) -> list[int]:
        """The first-parent lines of deployments, without what is on the branch's own."""
        seen = set(self.main)
        found: list[int] = []
        for tip in self.deployed:
            here: Optional[int] = tip
            while here is not None and here not in seen:
                seen.add(here)
                found.append(here)
                here = history.graph.first_parent(here)
        return found


class Ladder:
    """Ties pull requests to commits."""

    def __init__(self, history: History, lines: Lines, heads: Mapping[int, str]) -> None:
        """`heads` are the clone's `refs/pull/*/head`, used where GitHub names no head."""
        self._history = history
        self._lines = lines
        self._heads = heads
        self._reach = lines.reached(history)

    def climb(self, pulls: Iterable[PullRequest]) -> list[TiedPullRequest]:
        """One for each of `pulls`, by number; `unresolved` where no rule answers."""
        ordered = sorted(pulls, key=lambda pull: pull.number)
        merges = [self._reached(pull.merge_sha) for pull in ordered]
        heads = [self._reached(pull.head_sha or self._heads.get(pull.number)) for pull in ordered]
        picks = self._picks(ordered)
        names = self._names(ordered, merges)
        numbered = _Numbered(self._history, self._lines, names, {merge for merge in merges if merge is not None})
        tied = []
        for pull, merge, head in zip(ordered, merges, heads):
            via = "merge_commit" if merge is not None else "head" if head is not None else ""
            via = via or ("cherry_pick" if pull.number in picks else "")
            tied.append(TiedPullRequest(pull, merge, via) if via else self._by_subject(pull, numbered))
        carried = [_present(merge, head, *picks.get(p.number, ())) for p, merge, head in zip(ordered, merges, heads)]
        return _with_parents(tied, carried, names)

    def _names(self, pulls: Sequence[PullRequest], merges: Sequence[Optional[int]]) -> frozenset[str]:
        """The names that the branch had: its own, and the bases of pull requests whose merges are on its line.

        Of merged pull requests GitHub keeps the base's name when the branch is renamed. Empty when the own is unknown.
        """
        if not self._lines.branch:
            return frozenset()
        on_line = set(self._lines.main)
        former = {pull.base_branch for pull, merge in zip(pulls, merges) if merge in on_line and pull.base_branch}
        return frozenset({self._lines.branch, *former})

    def _by_subject(self, pull: PullRequest, numbered: _Numbered) -> TiedPullRequest:
        head = self._history.find(pull.head_sha or self._heads.get(pull.number))
        merge = numbered.find(pull, head)
        return TiedPullRequest(pull, merge, "unresolved" if merge is None else "subject")

    def _reached(self, sha: Optional[str]) -> Optional[int]:
        commit = self._history.find(sha)
        return commit if commit is not None and self._reach[commit] else None

    def _picks(self, pulls: Sequence[PullRequest]) -> dict[int, list[int]]:
        """By number, the reached commits that say they were picked from its merge or commits, directly or by others."""
        number_of = _numbers_by_sha(pulls)
        found: dict[int, list[int]] = {}
        for commit in self._history.picked_from:
            if not self._reach[commit]:
                continue
            own = number_of.get(self._history.sha(commit))
            for sha in self._history.repeated(commit):
                known = self._history.find(sha)
                number = number_of.get(sha if known is None else self._history.sha(known))
                if number not in (None, own):
                    found.setdefault(number, []).append(commit)
        return found


def _numbers_by_sha(pulls: Sequence[PullRequest]) -> dict[str, int]:
    """The pull request of each commit that GitHub names: a merge's own, else the earliest that lists the commit."""
    numbers = {pull.merge_sha: pull.number for pull in pulls if pull.merge_sha}
    for pull in sorted(pulls, key=merged_order):
        for sha in pull.commits or ():
            numbers.setdefault(sha, pull.number)
    return numbers


def _present(*commits: Optional[int]) -> tuple[int, ...]:
    return tuple(commit for commit in commits if commit is not None)


class _Numbered:
    """Commits whose subjects bear a pull request's number, as a merge's or a squash's do."""

    def __init__(self, history: History, lines: Lines, names: frozenset[str], taken: set[int]) -> None:
        """`names` are the branch's; `taken` are merges of pull requests that are tied already."""
        self._history = history
        self._names = names
        self._on_branch = self._by_number(lines.main, taken)
        self._beside = self._by_number(lines.beside(history), taken)

    def _by_number(self, line: Iterable[int], taken: set[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for commit in line:
            subject = self._history.subjects[commit]
            if commit not in taken and "#" in subject:
                named = MERGED.match(subject)
                number = named[1] if named else (squashed := SQUASHED.match(subject)) and squashed["number"]
                if number:
                    found.setdefault(int(number), []).append(commit)
        return found

    def find(self, pull: PullRequest, head: Optional[int]) -> Optional[int]:
        """The first-parent commit of the pull request's base that bears its number, nearest to the merge."""
        on_branch = not self._names or pull.base_branch is None or pull.base_branch in self._names
        candidates = (self._on_branch if on_branch else self._beside).get(pull.number, ())
        merged_at = pull.merged_at
        if merged_at is None:
            return None
        near = [
            (abs(committed_at - merged_at), position, commit)
            for position, commit in enumerate(candidates)
            if (committed_at := self._history.committed_at(commit)) is not None
            and abs(committed_at - merged_at) <= NEAR_ITS_MERGE
            and self._merges(commit, head)
        ]
        return min(near)[2] if near else None

    def _merges(self, commit: int, head: Optional[int]) -> bool:
        """Whether `head`, where it is known, is among the parents of a "Merge pull request": forks bear such too."""
        if head is None or not MERGED.match(self._history.subjects[commit]):
            return True
        return head in self._history.graph.parents(commit)


def _with_parents(
    tied: Sequence[TiedPullRequest], carried: Sequence[tuple[int, ...]], names: frozenset[str]
) -> list[TiedPullRequest]:
    """`tied`, where what no rule found goes with the pull request of the branch that it was merged into.

    That is the next one merged from that branch (definitions.md 11). The newest come first, so that a whole stack of
    them is resolved from its top.
    """
    found = list(tied)
    by_head: dict[str, list[int]] = {}
    for position in sorted(range(len(tied)), key=lambda p: merged_order(tied[p].pull_request)):
        by_head.setdefault(tied[position].pull_request.head_branch or "", []).append(position)
    brought = [part or _present(tie.merge) for part, tie in zip(carried, tied)]
    lost = [position for position, tie in enumerate(tied) if tie.via == "unresolved"]
    for position in sorted(lost, key=lambda p: merged_order(tied[p].pull_request), reverse=True):
        pull = tied[position].pull_request
        if not names or not pull.base_branch or pull.base_branch in names:
            continue
        after = (
            p for p in by_head.get(pull.base_branch, ()) if merged_order(tied[p].pull_request) > merged_order(pull)
        )
        parent = next(after, None)
        if parent is not None and found[parent].via != "unresolved":
            brought[position] = brought[parent]
            found[position] = TiedPullRequest(pull, None, "parent_pr", brought[parent])
    return found
