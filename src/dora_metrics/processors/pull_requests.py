"""Pull requests read from the history alone: "Merge pull request #N from owner/branch" and "title (#N)"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Optional

from dora_metrics.domain.history import History
from dora_metrics.domain.models import PullRequest

MERGED = re.compile(r"^Merge pull request #(\d+) from ([^\s/]+)/(\S+)")
SQUASHED = re.compile(r"^(?P<title>.+?)\s*\(#(?P<number>\d+)\)$")


@dataclass(frozen=True)
class _Claim:
    """A commit whose subject says that it merged a pull request."""

    number: int
    commit: int
    title: str
    head_branch: Optional[str]
    head: Optional[int]
    """The merged branch's tip, where the commit is a merge."""


def pull_requests_from_history(
    history: History, line: Iterable[int], reachable: Iterable[int], heads: Mapping[int, str]
) -> list[PullRequest]:
    """The pull requests that the messages of `reachable` commits name, by number.

    `line` is the branch's first-parent line, newest first; of a number used twice the oldest commit on it wins, then
    the oldest elsewhere. `heads` are the clone's `refs/pull/*/head`: where it has one for a merge's number, that commit
    must be among the merge's parents (a fork's own pull requests bear the same subjects); a number below the highest
    head that has no head is an issue's, not a pull request's. What only GitHub knows stays `None`.
    """
    oldest_on_line = {commit: -position for position, commit in enumerate(line)}
    claims: dict[int, tuple[tuple[bool, int, int, str], _Claim]] = {}
    highest = max(heads, default=0)
    for commit in reachable:
        claim = _claim(commit, history)
        if claim is None or not _possible(claim, history, heads, highest):
            continue
        rank = _rank(claim, oldest_on_line, history)
        if claim.number not in claims or rank < claims[claim.number][0]:
            claims[claim.number] = (rank, claim)
    return [_pull_request(claim, history, heads) for _, (_, claim) in sorted(claims.items())]


def _rank(claim: _Claim, on_line: Mapping[int, int], history: History) -> tuple[bool, int, int, str]:
    """Smaller = the better claim on a number: on the line, then oldest."""
    committed = history.committed_s(claim.commit)
    return (
        claim.commit not in on_line,
        on_line.get(claim.commit, 0),
        committed if committed is not None else 0,
        history.sha(claim.commit),
    )


def _claim(commit: int, history: History) -> Optional[_Claim]:
    subject = history.subjects[commit]
    if history.is_merge(commit):
        merged = MERGED.match(subject)
        if merged is None:
            return None
        title = history.second_lines.get(commit) or subject
        head = next(iter(history.graph.other_parents(commit)), None)
        return _Claim(int(merged[1]), commit, title, merged[3], head)
    squashed = SQUASHED.match(subject)
    if squashed is None:
        return None
    return _Claim(int(squashed["number"]), commit, squashed["title"], None, None)


def _possible(claim: _Claim, history: History, heads: Mapping[int, str], highest: int) -> bool:
    head = heads.get(claim.number)
    if head is None:
        return claim.number > highest
    if claim.head is None:
        return True
    return history.find(head) in history.graph.parents(claim.commit)


def _pull_request(claim: _Claim, history: History, heads: Mapping[int, str]) -> PullRequest:
    head = heads.get(claim.number)
    if head is None and claim.head is not None:
        head = history.sha(claim.head)
    return PullRequest(
        number=claim.number,
        title=claim.title,
        merge_sha=history.sha(claim.commit),
        head_sha=head,
        commits=None,
        head_branch=claim.head_branch,
        merged_at=history.committed_at(claim.commit),
    )
