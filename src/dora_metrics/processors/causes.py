"""Which deployment caused a failure: by a person's word, by what first delivered the culprit, or by time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Optional

from dora_metrics.domain.history import History
from dora_metrics.domain.models import Change, Deployment
from dora_metrics.processors.attribution import UNDEPLOYED, Attribution

KINDS_THAT_CAN_FAIL = ("normal", "hotfix")
"""Dc of definitions.md 6."""
NEAR = timedelta(days=1)
"""Up to here an inferred cause is less doubtful."""


@dataclass(frozen=True)
class Cause:
    """A deployment that is blamed, and by which rule."""

    deployment: Optional[Deployment]
    attribution: str
    because: str
    confidence: str = "medium"


class CauseFinder:
    """Looks up deployments by what people and rules name."""

    def __init__(
        self, history: History, attribution: Attribution, deployments: Sequence[Deployment], changes: Sequence[Change]
    ) -> None:
        """`deployments` in order, of their final kinds; `attribution` is over the same order."""
        self._history = history
        self._attribution = attribution
        self._deployments = deployments
        self._by_key = {deployment.key: deployment for deployment in deployments}
        self._by_tag: Mapping[str, Deployment] = {d.tag: d for d in reversed(deployments) if d.tag}
        self._changes = {change.key: change for change in changes}
        self._can_fail = [d for d in deployments if d.kind in KINDS_THAT_CAN_FAIL]
        self._times = [d.deployed_at for d in self._can_fail]

    def checked(self, deployment: Deployment, attribution: str, because: str, *, confidence: str = "medium") -> Cause:
        """`deployment` as the cause; rule `not_in_Dc` when it is of a kind that cannot fail."""
        if deployment.kind not in KINDS_THAT_CAN_FAIL:
            return Cause(deployment, "not_in_Dc", f"{because}; but {deployment.key} is {deployment.kind}", confidence)
        return Cause(deployment, attribution, because, confidence)

    def of_deployment(self, key: Optional[str], attribution: str, because: str, *, confidence: str = "medium") -> Cause:
        """The deployment with this key as the cause; `unattributed` when there is none."""
        deployment = self._by_key.get(key or "")
        if deployment is None:
            return Cause(None, "unattributed", f"{because}; which no deployment delivered", "low")
        return self.checked(deployment, attribution, because, confidence=confidence)

    def of_commit(self, sha: str, attribution: str, because: str) -> Cause:
        """The first deployment of a commit as the cause; `unattributed` when it never reached users."""
        return self.of_deployment(self._first_of(sha), attribution, because)

    def _first_of(self, sha: str) -> Optional[str]:
        """Key of the deployment that first delivered a commit, itself or as part of a squash; `None` = none did."""
        commit = self._history.find(sha)
        if commit is None:
            return None
        position = self._attribution.first[commit]
        if position != UNDEPLOYED:
            return self._deployments[position].key
        return self._delivered_with.get(self._history.sha(commit))

    @cached_property
    def _delivered_with(self) -> Mapping[str, Optional[str]]:
        """By hash, the deployment of the change that each commit is part of."""
        return {sha: change.deployment for change in self._changes.values() for sha in change.commits}

    def stated(self, target: str, said_by: str) -> Optional[Cause]:
        """The deployment of what an incident's text names, `#12`, a tag or a commit; `None` when it names none."""
        named = self._by_tag.get(target) or self._by_key.get(target)
        change = self._changes.get(f"pr:{target[1:]}") if target.startswith("#") else None
        key = named.key if named is not None else change.deployment if change is not None else self._first_of(target)
        if key is None:
            return None
        return self.of_deployment(key, "stated", f"{said_by} says that {target} caused it", confidence="high")

    def named(self, text: str) -> Cause:
        """What a person named: a tag or a deployment's key, `#123`, a commit, or `none`."""
        because = f"a person named {text}"
        if text == "none":
            return Cause(None, "no_deployment", "a person said that no deployment caused it", "high")
        named = self._by_tag.get(text) or self._by_key.get(text)
        if named is not None:
            return self.checked(named, "annotated_deployment", because, confidence="high")
        change = self._changes.get(f"pr:{text[1:]}") if text.startswith("#") else None
        if change is not None:
            return self.of_deployment(change.deployment, "annotated_commit", because)
        return self.of_commit(text.partition(":")[2] or text, "annotated_commit", because)

    def inferred(self, start: Optional[datetime], window_days: int, because: str, began: str) -> Cause:
        """The last deployment before `start` that is near enough; `unattributed` when there is none.

        `because` says what is taken as a sign, `began` what happened at `start`.
        """
        last = None if start is None else self.last_before(start, timedelta(days=window_days))
        if last is None or start is None:
            return Cause(None, "unattributed", f"{because}; no deployment in the {window_days} days before it", "low")
        near = start - last.deployed_at <= NEAR
        return Cause(last, "inferred", f"{because}, {began} after this deployment", "medium" if near else "low")

    def change(self, key: str) -> Optional[Change]:
        """The change with this key; `None` when there is none."""
        return self._changes.get(key)

    def last_before(self, moment: datetime, window: timedelta) -> Optional[Deployment]:
        """The last deployment that can fail, at or before `moment` and within `window` of it."""
        position = bisect_right(self._times, moment) - 1
        if position < 0 or moment - self._times[position] > window:
            return None
        return self._can_fail[position]
