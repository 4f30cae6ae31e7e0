"""Pull requests, from GitHub or from messages, each with the commits that are its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Optional

from dora_metrics.domain.history import History
from dora_metrics.domain.models import PullRequest
from dora_metrics.processors.membership import Membership, TiedPullRequest, find_members
from dora_metrics.processors.pull_request_ladder import Ladder, Lines
from dora_metrics.processors.pull_request_members import members_from_github
from dora_metrics.processors.pull_requests import pull_requests_from_history


def tied_by_messages(
    history: History, line: Sequence[int], deployed: Sequence[int], heads: Mapping[int, str]
) -> tuple[list[TiedPullRequest], Membership]:
    """The pull requests that messages tell of; `line` is the branch's, newest first."""
    tips = [*line[:1], *deployed]
    reachable = history.graph.reach(tips, bytearray(len(history)))
    pulls = pull_requests_from_history(history, line, reachable, heads)
    tied = [TiedPullRequest(pull, history.find(pull.merge_sha), "subject") for pull in pulls]
    return tied, find_members(history, tips, tied, heads)


def tied_by_github(
    history: History, pulls: Sequence[PullRequest], lines: Lines, heads: Mapping[int, str]
) -> tuple[list[TiedPullRequest], Membership]:
    """GitHub's merged pull requests; `heads` are the clone's `refs/pull/*/head`, for what GitHub does not say."""
    tied = Ladder(history, lines, heads).climb(pulls)
    named = {pull.number: pull.head_sha for pull in pulls if history.find(pull.head_sha) is not None}
    known_heads = {**heads, **{number: sha for number, sha in named.items() if sha}}
    by_walk = find_members(history, lines.tips, tied, known_heads)
    return tied, members_from_github(history, tied, by_walk)


Association = tuple[list[TiedPullRequest], Membership]
MOST_KEPT = 3
"""Answers that are kept; each holds some bytes a commit and a record a pull request."""


class Associations:
    """The pull requests of one repository and their commits, found once for all services that may share the answer.

    The answer depends on what was deployed only where that is off the branch: most services of a monorepo are released
    from the branch and have one answer.
    """

    def __init__(self, history: History, line: Sequence[int], heads: Mapping[int, str]) -> None:
        """`line` is the branch's first-parent line, newest first; `heads` are the clone's `refs/pull/*/head`."""
        self._history = history
        self._line = line
        self._on_line = bytearray(len(history))
        for commit in line:
            self._on_line[commit] = 1
        self._heads = heads
        self._found: dict[tuple[int, ...], Association] = {}

    def find(
        self, deployed: Sequence[int], *, branch: str = "", pulls: Optional[Collection[PullRequest]] = None
    ) -> Association:
        """The pull requests, GitHub's `pulls` or without them those of the messages; `deployed` in their order."""
        beside = tuple(dict.fromkeys(commit for commit in deployed if not self._on_line[commit]))
        if pulls is None:
            beside = tuple(commit for commit in beside if not self._reached[commit])
        found = self._found.get(beside)
        if found is None:
            if len(self._found) >= MOST_KEPT:
                del self._found[next(key for key in self._found if key)]
            found = self._found[beside] = self._associate(beside, branch, pulls)
        return found

    def _associate(self, beside: Sequence[int], branch: str, pulls: Optional[Collection[PullRequest]]) -> Association:
        if pulls is None:
            return tied_by_messages(self._history, self._line, beside, self._heads)
        return tied_by_github(self._history, list(pulls), Lines(branch, self._line, beside), self._heads)

    @cached_property
    def _reached(self) -> bytearray:
        """One byte a commit: 1 where the branch reaches it."""
        return self._history.graph.ancestors(self._line[0]) if self._line else bytearray(len(self._history))
