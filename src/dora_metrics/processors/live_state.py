"""What kind each deployment was: a matter of what was live in its environment before it (definitions.md 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Optional, Protocol

from dora_metrics.domain.history import History
from dora_metrics.domain.models import Deployment

SOURCES_THAT_ROLL_BACK = ("deployment", "annotation")
"""A record of these says by itself that an older commit went live; a tag does not."""


class KindWord(Protocol):
    """A person's word on a deployment's kind."""

    @property
    def is_rollback(self) -> Optional[bool]:
        """`None` = nothing said."""

    @property
    def is_hotfix(self) -> Optional[bool]:
        """`None` = nothing said."""


@dataclass
class _Environment:
    """What is live, by release line, and what ever was."""

    live: dict[str, str] = field(default_factory=dict)
    deployed: set[str] = field(default_factory=set)

    def take(self, deployment: Deployment) -> None:
        self.deployed.add(deployment.commit_sha)
        if "out_of_order" not in deployment.flags:
            self.live[deployment.release_line] = deployment.commit_sha


class _Environments:
    """Every environment of production, one by one, and all of them taken as one.

    Only GitHub says to which one a deployment went; what others tell of counts as all of production.
    """

    def __init__(self) -> None:
        self._all = _Environment()
        self._shared: list[Deployment] = []
        self._named: dict[str, _Environment] = {}

    def of(self, deployment: Deployment) -> _Environment:
        """The one that `deployment` is judged in."""
        if not is_of_one_environment(deployment):
            return self._all
        name = deployment.environment.lower()
        if name not in self._named:
            self._named[name] = _Environment()
            for earlier in self._shared:
                self._named[name].take(earlier)
        return self._named[name]

    def has_elsewhere(self, deployment: Deployment) -> bool:
        """Whether its commit is live in another environment, or has been and comes here for the first time."""
        if not is_of_one_environment(deployment):
            return False
        here = self.of(deployment)
        others = [other for other in self._named.values() if other is not here]
        sha, new_here = deployment.commit_sha, deployment.commit_sha not in here.deployed
        return any(sha in other.live.values() or (new_here and sha in other.deployed) for other in others)

    def take(self, deployment: Deployment) -> None:
        self._all.take(deployment)
        if is_of_one_environment(deployment):
            self.of(deployment).take(deployment)
            return
        self._shared.append(deployment)
        for environment in self._named.values():
            environment.take(deployment)


def is_of_one_environment(deployment: Deployment) -> bool:
    """Whether its source tells environments apart; all others speak of production as a whole."""
    return deployment.source == "deployment"


def judge_kinds(ordered: Sequence[Deployment], history: History, words: Mapping[str, KindWord]) -> list[Deployment]:
    """`ordered` with kind, reason, `withdrawn` and the flags `out_of_order` and `sha_missing`.

    `words` is a person's word by deployment key. Kind `hotfix` by content needs the changes and comes later:
    see `hotfixes.py`.
    """
    environments = _Environments()
    judged = []
    for deployment in ordered:
        kind = _kind(deployment, environments, history, words.get(deployment.key))
        judged.append(kind)
        environments.take(kind)
    return judged


def _kind(
    deployment: Deployment, environments: _Environments, history: History, word: Optional[KindWord]
) -> Deployment:
    environment = environments.of(deployment)
    live = environment.live.get(deployment.release_line)
    behind = _Behind(history, live, deployment.commit_sha)
    deployment = _flagged(deployment, history, behind=behind, deployed_before=environment.deployed)
    if word is not None and word.is_rollback:
        return _judge(deployment, "rollback", "a person said so", behind.withdrawn())
    rolls_back = behind.is_so and (
        deployment.source in SOURCES_THAT_ROLL_BACK or deployment.commit_sha in environment.deployed
    )
    if rolls_back and not (word is not None and word.is_rollback is False):
        return _judge(deployment, "rollback", "goes back to an ancestor of what was live", behind.withdrawn())
    again = _why_again(deployment, live, environments)
    if again:
        return _judge(deployment, "redeploy", again)
    if not environment.deployed:
        return _judge(deployment, "initial", "the first one known")
    if word is not None and word.is_hotfix:
        return _judge(deployment, "hotfix", "a person said so")
    return _judge(deployment, "normal", "")


def _why_again(deployment: Deployment, live: Optional[str], environments: _Environments) -> str:
    """Why users had this commit already, in words; empty when they had not."""
    if not deployment.commit_sha:
        return ""
    if live == deployment.commit_sha:
        return "the same commit was live already"
    return "another environment had the same commit before" if environments.has_elsewhere(deployment) else ""


def _judge(deployment: Deployment, kind: str, reason: str, withdrawn: int = 0) -> Deployment:
    return replace(deployment, kind=kind, kind_reason=reason, withdrawn=withdrawn)


def _flagged(deployment: Deployment, history: History, *, behind: _Behind, deployed_before: set[str]) -> Deployment:
    flags = set(deployment.flags) - {"out_of_order", "sha_missing"}
    if history.find(deployment.commit_sha) is None:
        flags.add("sha_missing")
    never_live = deployment.commit_sha not in deployed_before and deployment.source not in SOURCES_THAT_ROLL_BACK
    if behind.is_so and never_live:
        flags.add("out_of_order")
    return replace(deployment, flags=tuple(sorted(flags)))


class _Behind:
    """Whether a commit is a true ancestor of the live one, and how much lies between."""

    def __init__(self, history: History, live: Optional[str], sha: str) -> None:
        self._graph = history.graph
        self._live = history.find(live)
        self._here = history.find(sha)
        self.is_so = (
            self._live is not None
            and self._here is not None
            and self._live != self._here
            and self._graph.reaches(self._live, self._here)
        )

    def withdrawn(self) -> int:
        """Commits that users no longer have: |Anc(live) minus Anc(this)|."""
        if self._live is None or self._here is None:
            return 0
        return self._graph.count_beyond(self._live, self._here)
