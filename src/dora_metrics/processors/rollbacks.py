"""What a rollback says about the deployment before it (definitions.md 6, rule 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Optional

from dora_metrics.domain.models import Deployment
from dora_metrics.processors.causes import KINDS_THAT_CAN_FAIL
from dora_metrics.processors.live_state import is_of_one_environment

_ALL = ""
"""Names the lane of what counts as all of production."""


def rollback_failures(ordered: Sequence[Deployment], blames: str) -> Iterator[tuple[Deployment, Deployment]]:
    """(the deployment blamed, the rollback that ended it), one for each run of consecutive rollbacks.

    `blames` is `live` (what had put the live commit there) or `introduced` (the first deployment after the one rolled
    back to). Environments and release lines are looked at one by one; records that tell no environment are in each.
    """
    for (environment, _), lane in _lanes(ordered).items():
        for blamed, last in _in_lane(lane, blames):
            if _environment(last) == environment:
                yield blamed, last


def _environment(deployment: Deployment) -> str:
    return deployment.environment.lower() if is_of_one_environment(deployment) else _ALL


def _lanes(ordered: Sequence[Deployment]) -> dict[tuple[str, str], list[Deployment]]:
    """By environment and release line what went live there, in order.

    For a commit that another environment had first, the deployment that it first came with stands in its place.
    """
    names = sorted({_environment(deployment) for deployment in ordered} | {_ALL})
    lanes: dict[tuple[str, str], list[Deployment]] = {}
    came_with: dict[str, Deployment] = {}
    for deployment in ordered:
        if "out_of_order" in deployment.flags:
            continue
        if deployment.kind not in ("redeploy", "rollback"):
            came_with[deployment.commit_sha] = deployment
        here = _environment(deployment)
        for name in names if here == _ALL else (_ALL, here):
            _append(lanes.setdefault((name, deployment.release_line), []), deployment, came_with)
    return lanes


def _append(lane: list[Deployment], deployment: Deployment, came_with: Mapping[str, Deployment]) -> None:
    if deployment.kind != "redeploy":
        lane.append(deployment)
    elif not lane or lane[-1].commit_sha != deployment.commit_sha:
        lane.append(came_with.get(deployment.commit_sha, deployment))


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
