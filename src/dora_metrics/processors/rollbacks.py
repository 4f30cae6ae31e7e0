"""What a rollback says about the deployment before it (definitions.md 6, rule 3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from dora_metrics.domain.models import Deployment
from dora_metrics.processors.causes import KINDS_THAT_CAN_FAIL


def rollback_failures(ordered: Sequence[Deployment], blames: str) -> Iterator[tuple[Deployment, Deployment]]:
    """(the deployment blamed, the rollback that ended it), one for each run of consecutive rollbacks.

    `blames` is `live` (what had put the live commit there) or `introduced` (the first deployment after the one rolled
    back to). Environments and release lines are looked at one by one.
    """
    lanes: dict[tuple[str, str], list[Deployment]] = {}
    for deployment in ordered:
        if deployment.kind != "redeploy" and "out_of_order" not in deployment.flags:
            lanes.setdefault((deployment.environment.lower(), deployment.release_line), []).append(deployment)
    for lane in lanes.values():
        yield from _in_lane(lane, blames)


def _in_lane(lane: Sequence[Deployment], blames: str) -> Iterator[tuple[Deployment, Deployment]]:
    for position, deployment in enumerate(lane):
        ends_run = position + 1 == len(lane) or lane[position + 1].kind != "rollback"
        if deployment.kind != "rollback" or not ends_run:
            continue
        start = position
        while start > 0 and lane[start - 1].kind == "rollback":
            start -= 1
        blamed = _introduced(lane, start, deployment) if blames == "introduced" else None
        if blamed is None and start > 0:
            blamed = lane[start - 1]
        if blamed is not None:
            yield blamed, deployment


def _introduced(lane: Sequence[Deployment], start: int, rollback: Deployment) -> Optional[Deployment]:
    """The first that can fail after the newest earlier deployment of the commit rolled back to."""
    targets = [position for position in range(start) if lane[position].commit_sha == rollback.commit_sha]
    after = lane[targets[-1] + 1 : start] if targets else []
    return next((deployment for deployment in after if deployment.kind in KINDS_THAT_CAN_FAIL), None)
