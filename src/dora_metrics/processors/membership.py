"""Which commits belong to which pull request (definitions.md 4, K), in one walk over the history."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from dora_metrics.domain.history import History
from dora_metrics.domain.models import PullRequest

NOBODY = -1


@dataclass(frozen=True)
class TiedPullRequest:
    """A merged pull request and the commit that merged it, as far as a rule could find it."""

    pull_request: PullRequest
    merge: Optional[int]
    """The merge, squash or last rebased commit; `None` = the clone has none."""
    via: str
    """The rule of definitions.md 4 that ties it to the history, or `unresolved`."""
    carried_by: tuple[int, ...] = ()
    """Under `parent_pr`: the commits that brought the pull request into whose branch it was merged."""


@dataclass(frozen=True)
class Membership:
    """Commits and the pull requests they belong to, by position in the list that was given."""

    owner: array[int]
    """For each commit the position of its pull request, or -1."""
    own: Sequence[Sequence[int]]
    """For each pull request its own non-merge commits, parents before children."""
    carriers: frozenset[int]
    """Positions of pull requests that only carried what earlier ones had brought."""
    order: Sequence[int]
    """Every commit that the tips reach, parents before children."""
    begun_with: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """By position, the commits whose earliest begins the pull request, where those are not its own ones."""
    absent_times: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    """By position, author's and committer's Unix seconds of its own commits that the clone lacks."""


def find_members(
    history: History, tips: Iterable[int], tied: Sequence[TiedPullRequest], heads: Mapping[int, str]
) -> Membership:
    """Which of the commits that `tips` reach belong to which of `tied`.

    A merge's pull request owns what its other parents bring and no inner pull request owns. A squash owns the commits
    of `refs/pull/N/head` (`heads`) that nothing else reaches; without that head, only itself.
    """
    walk = _Walk(history, tied)
    for tip in tips:
        walk.visit(tip)
    own: list[list[int]] = [[] for _ in tied]
    for commit in walk.order:
        position = walk.owner[commit]
        if position != NOBODY and not history.is_merge(commit):
            own[position].append(commit)
    _add_squashed(history, tied, heads, walk, own)
    return Membership(walk.owner, own, _carriers(history, tied, heads, walk, own), walk.order)


class _Walk:
    """Visits commits parents first, knowing at each the pull request that is being merged around it."""

    def __init__(self, history: History, tied: Sequence[TiedPullRequest]) -> None:
        self._graph = history.graph
        self._merged_by = {tie.merge: position for position, tie in enumerate(tied) if tie.merge is not None}
        self._seen = bytearray(len(history))
        self.owner = array("i", [NOBODY]) * len(history)
        self.order: list[int] = []
        self.inside: set[int] = set()
        """Pull requests whose merge brought another pull request's merge."""

    def visit(self, tip: int) -> None:
        """Take in what `tip` reaches and no earlier tip did."""
        frames = [_Frame(self._unseen_line(tip), NOBODY)]
        while frames:
            frame = frames[-1]
            if not frame.waiting:
                frames.pop()
                continue
            here = frame.waiting[-1]
            side = next((p for p in self._graph.other_parents(here) if not self._seen[p]), None)
            if side is None:
                frame.waiting.pop()
                self._take(here, frame.around)
            else:
                frames.append(_Frame(self._unseen_line(side), self._merged_by.get(here, frame.around)))

    def _unseen_line(self, tip: int) -> list[int]:
        line: list[int] = []
        here: Optional[int] = tip
        while here is not None and not self._seen[here]:
            line.append(here)
            here = self._graph.first_parent(here)
        return line

    def _take(self, commit: int, around: int) -> None:
        self._seen[commit] = 1
        self.order.append(commit)
        merged = self._merged_by.get(commit, NOBODY)
        self.owner[commit] = around if merged == NOBODY else merged
        if NOBODY not in (merged, around):
            self.inside.add(around)

    def seen(self, commit: int) -> bool:
        return bool(self._seen[commit])

    def mark_seen(self) -> bytearray:
        return bytearray(self._seen)


@dataclass
class _Frame:
    """A line of commits still to visit, the next one last, and the pull request that merges them."""

    waiting: list[int]
    around: int


def _add_squashed(
    history: History,
    tied: Sequence[TiedPullRequest],
    heads: Mapping[int, str],
    walk: _Walk,
    own: list[list[int]],
) -> None:
    """Give each squash the commits of its branch; in the order of merging, so that a stacked one gets only its own."""
    seen = walk.mark_seen()
    squashes = {tie.merge: position for position, tie in enumerate(tied) if tie.merge is not None}
    for commit in walk.order:
        position = squashes.get(commit)
        if position is None or history.is_merge(commit):
            continue
        head = history.find(heads.get(tied[position].pull_request.number))
        if head is None or seen[head]:
            continue
        branch = [c for c in history.graph.reach((head,), seen) if not history.is_merge(c)]
        for member in branch:
            walk.owner[member] = position
        if branch:
            own[position] = sorted(branch, key=lambda c: (history.written_s(c) or 0, history.sha(c)))


def _carriers(
    history: History,
    tied: Sequence[TiedPullRequest],
    heads: Mapping[int, str],
    walk: _Walk,
    own: Sequence[Sequence[int]],
) -> frozenset[int]:
    found = set()
    for position, tie in enumerate(tied):
        if own[position] or tie.merge is None or not walk.seen(tie.merge):
            continue
        head = history.find(tie.pull_request.head_sha or heads.get(tie.pull_request.number))
        by_another = head is not None and walk.owner[head] not in (NOBODY, position)
        if position in walk.inside or by_another:
            found.add(position)
    return frozenset(found)
