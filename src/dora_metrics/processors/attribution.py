"""Which deployment first delivered which commit (definitions.md 4)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dora_metrics.domain.history import History
from dora_metrics.domain.models import Deployment

UNDEPLOYED = -1


@dataclass(frozen=True)
class Attribution:
    """The first deployment of each commit, by position in the ordered deployments."""

    first: array[int]
    """For each commit a position, or -1."""
    deployments: Sequence[Deployment]
    """In order, with `new_commits` counted."""
    truncated_at: int
    """Position of the first deployment with a known commit: all history before it is its own. -1 = none."""


def attribute(history: History, ordered: Sequence[Deployment]) -> Attribution:
    """First deliveries under `ordered` (see `order_deployments`).

    Each commit belongs to the first deployment in that order that reaches it, whatever lies between: the union of all
    earlier deployments counts, not only the previous one. One sweep, each edge looked at once.
    """
    tips = [history.find(deployment.commit_sha) for deployment in ordered]
    first = history.graph.sweep([UNDEPLOYED if tip is None else tip for tip in tips])
    new_commits = [0] * len(ordered)
    for commit, position in enumerate(first):
        if position != UNDEPLOYED and history.graph.known(commit):
            new_commits[position] += 1
    counted = [_counted(deployment, new) for deployment, new in zip(ordered, new_commits)]
    known = (position for position, tip in enumerate(tips) if tip is not None)
    return Attribution(first, counted, next(known, UNDEPLOYED))


def _counted(deployment: Deployment, new_commits: int) -> Deployment:
    empty = new_commits == 0 and deployment.kind not in ("redeploy", "rollback")
    flags = {*deployment.flags, "no_new_changes"} if empty else deployment.flags
    return replace(deployment, new_commits=new_commits, flags=tuple(sorted(flags)))
