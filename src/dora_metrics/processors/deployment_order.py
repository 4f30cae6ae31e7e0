"""The order of deployments: by time, then as the history has them, then by version (definitions.md 4)."""

from __future__ import annotations

from collections.abc import Sequence

from dora_metrics.domain.history import History
from dora_metrics.domain.models import Deployment
from dora_metrics.processors.versions import VersionKey, version_key


def order_deployments(found: Sequence[Deployment], history: History) -> list[Deployment]:
    """By time; at equal times ancestors first and, of those ready, the lowest version, then the key."""
    by_time = sorted(found, key=lambda deployment: deployment.deployed_at)
    ordered: list[Deployment] = []
    start = 0
    for end in range(1, len(by_time) + 1):
        if end == len(by_time) or by_time[end].deployed_at != by_time[start].deployed_at:
            tied = by_time[start:end]
            ordered.extend(tied if len(tied) == 1 else _order_tied(tied, history))
            start = end
    return ordered


def _order_tied(tied: Sequence[Deployment], history: History) -> list[Deployment]:
    def rank(deployment: Deployment) -> tuple[VersionKey, str]:
        return (version_key(deployment.tag or deployment.key), deployment.key)

    waiting = sorted(tied, key=rank)
    below = _ancestry_among(waiting, history)
    ordered: list[Deployment] = []
    while waiting:
        held = {deployment.commit_sha for deployment in waiting}
        ready = next(deployment for deployment in waiting if not below[deployment.commit_sha] & held)
        ordered.append(ready)
        waiting.remove(ready)
    return ordered


def _ancestry_among(tied: Sequence[Deployment], history: History) -> dict[str, set[str]]:
    """For each commit of `tied`, which of the others are its ancestors."""
    below: dict[str, set[str]] = {deployment.commit_sha: set() for deployment in tied}
    found = ((history.find(sha), sha) for sha in below)
    known = {commit: sha for commit, sha in found if commit is not None}
    if len(known) > 1:
        for commit, ancestors in history.graph.ancestors_among(known).items():
            below[known[commit]] = {known[ancestor] for ancestor in ancestors}
    return below
