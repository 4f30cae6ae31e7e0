"""What a person said about deployments, and what that does to a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Optional

from dora_metrics.domain.models import Deployment


@dataclass(frozen=True)
class DeploymentWord:
    """What a person said about the deployment of one commit, or of one record."""

    is_deployment: Optional[bool] = None
    deployed_at: Optional[datetime] = None
    is_rollback: Optional[bool] = None
    is_hotfix: Optional[bool] = None
    reviewed: bool = False

    @property
    def confirms(self) -> bool:
        """Whether it says that this was a deployment."""
        return self.is_deployment is True or (self.is_deployment is None and self.deployed_at is not None)


@dataclass(frozen=True)
class DeploymentWords:
    """A person's word on deployments, by commit and by the key of a record."""

    by_commit: Mapping[str, DeploymentWord] = field(default_factory=dict)
    by_key: Mapping[str, DeploymentWord] = field(default_factory=dict)


def nearest(same_commit: Sequence[Deployment], word: DeploymentWord) -> Optional[Deployment]:
    """The record that a person's word joins: nearest to the time they gave, else the first one."""
    if not same_commit:
        return None
    moment = word.deployed_at
    if moment is None:
        return min(same_commit, key=lambda d: (d.deployed_at, d.key))
    return min(same_commit, key=lambda d: (abs(d.deployed_at - moment), d.deployed_at, d.key))


def with_word(deployment: Deployment, word: DeploymentWord) -> Deployment:
    """`deployment` as a person confirmed it: its key stays, its time is theirs when they gave one."""
    if not (word.confirms or word.reviewed):
        return deployment
    return replace(deployment, explicit=True, deployed_at=word.deployed_at or deployment.deployed_at)
