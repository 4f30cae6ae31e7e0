"""A shop that shipped three times, and a fix on top: what incidents of tests are about."""

from __future__ import annotations

from typing import Any, Optional

from dora_metrics.domain.models import Dataset, Failure
from dora_metrics.domain.outages import Outage, outages_by_deployment
from support.github_history import GitHubHistory


def shipped() -> GitHubHistory:
    """a, b, c shipped one by one: v1.0 at day 1, v1.1 at day 2, v1.2 at day 3; b is #20, c is #30."""
    history = GitHubHistory()
    history.line("abc", step=0.5).tag("v1.0", "a", at=1).tag("v1.1", "b", at=2).tag("v1.2", "c", at=3)
    return history.pull(20, merged=0.5, merge="b").pull(30, merged=1, merge="c")


def only(dataset: Dataset) -> Failure:
    [failure] = dataset.failures
    return failure


def outage(dataset: Dataset) -> Outage:
    [found] = outages_by_deployment(dataset.failures).values()
    return found


def fixed(
    *, merged: float = 4, deployed: Optional[float] = 5, number: int = 40, letter: str = "h", **more: Any
) -> GitHubHistory:
    """`shipped`, and a fix on top of it, by default merged at day 4 and deployed at day 5."""
    history = shipped()
    history.commit(letter, "c", at=merged).pull(number, merged=merged, merge=letter, **more)
    if deployed is not None:
        history.tag("v1.3", letter, at=deployed)
    return history
