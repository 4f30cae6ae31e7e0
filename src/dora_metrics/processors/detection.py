"""Records of all sources, joined into deployments (definitions.md 3)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Optional

from dora_metrics.domain.history import History
from dora_metrics.domain.models import Deployment
from dora_metrics.processors.deployment_order import order_deployments
from dora_metrics.processors.deployment_words import DeploymentWord, DeploymentWords, nearest, with_word
from dora_metrics.processors.live_state import judge_kinds

PRECEDENCE = ("deployment", "release", "tag", "merge")
"""Sources other than annotations, the one whose time counts first."""


class Detection:
    """All records of all sources, joined into deployments, in order, with a person's word and their kinds."""

    def __init__(
        self, history: History, line: Sequence[int], words: DeploymentWords, *, repository: str, service: str = ""
    ) -> None:
        """`line` is the branch's first-parent line, newest first."""
        self._history = history
        self._line = line
        self._words = words
        self._repository = repository
        self._service = service

    def deployments(self, records: Iterable[Deployment]) -> list[Deployment]:
        """The deployments, ordered as definitions.md 4 says, each of its kind but for `hotfix` by content."""
        kept = [record for record in records if not self._struck(record)]
        found: list[Deployment] = []
        for source in PRECEDENCE:
            found = self._join(found, [record for record in kept if record.source == source])
        return self._judged(self._confirmed(found))

    def _struck(self, record: Deployment) -> bool:
        for key in _keys_of_one(record):
            word = self._words.by_key.get(key)
            if word is not None and word.is_deployment is not None:
                return not word.is_deployment
        word = self._words.by_commit.get(record.commit_sha)
        return word is not None and word.is_deployment is False

    def _join(self, found: list[Deployment], lower: list[Deployment]) -> list[Deployment]:
        """`found` with `lower`: a lower record is evidence of the nearest one of its commit that is no rollback.

        But a tag is always evidence of its release, or of what the release is evidence of.
        """
        if not found or not lower:
            return found or lower
        holds = {key: deployment for deployment in found for key in (deployment.key, *deployment.evidence)}
        open_to_evidence: dict[str, list[Deployment]] = {}
        for deployment in self._judged(found):
            if deployment.kind != "rollback":
                open_to_evidence.setdefault(deployment.commit_sha, []).append(deployment)
        evidence: dict[str, list[Deployment]] = {}
        separate: list[Deployment] = []
        for record in sorted(lower, key=lambda record: (record.deployed_at, record.key)):
            near = open_to_evidence.get(record.commit_sha)
            release = holds.get(f"release:{record.tag}") if record.source == "tag" else None
            if release is not None:
                evidence.setdefault(release.key, []).append(record)
            elif near:
                best = min(near, key=lambda d: (abs(d.deployed_at - record.deployed_at), d.deployed_at, d.key))
                evidence.setdefault(best.key, []).append(record)
            else:
                separate.append(record)
        return [_with_evidence(deployment, evidence.get(deployment.key, ())) for deployment in found] + separate

    def _confirmed(self, found: list[Deployment]) -> list[Deployment]:
        """`found` with what a person said: confirmed, moved in time, or added."""
        by_key = {deployment.key: deployment for deployment in found}
        holder = {key: deployment.key for deployment in found for key in deployment.evidence}
        for named, word in sorted(self._words.by_key.items(), key=lambda said: (said[0] in by_key, said[0])):
            key = holder.get(named, named)
            if key in by_key:
                by_key[key] = with_word(by_key[key], word)
        by_commit: dict[str, list[Deployment]] = {}
        for deployment in by_key.values():
            by_commit.setdefault(deployment.commit_sha, []).append(deployment)
        for sha, word in sorted(self._words.by_commit.items()):
            joins = nearest(by_commit.get(sha, ()), word)
            if joins is not None:
                by_key[joins.key] = with_word(joins, word)
            elif word.confirms:
                added = self._added(sha, word)
                if added is not None:
                    by_key[added.key] = added
        return list(by_key.values())

    def _added(self, sha: str, word: DeploymentWord) -> Optional[Deployment]:
        deployed_at = word.deployed_at or self._brought_at(sha)
        if deployed_at is None:
            return None
        added = Deployment(
            key=f"annotation:{sha}",
            repository=self._repository,
            service=self._service,
            commit_sha=sha,
            deployed_at=deployed_at,
            source="annotation",
        )
        return with_word(added, word)

    def _brought_at(self, sha: str) -> Optional[datetime]:
        """Committer time of the first-parent commit that brought `sha` to the branch, else its own."""
        commit = self._history.find(sha)
        if commit is None:
            return None
        bringing = self._brought_by[commit]
        return self._history.committed_at(self._line[bringing] if bringing >= 0 else commit)

    @cached_property
    def _brought_by(self) -> array[int]:
        """For each commit the position in the line of the one that brought it, or -1: one sweep for all words."""
        newest = len(self._line) - 1
        swept = self._history.graph.sweep(list(reversed(self._line)))
        return array("i", [newest - position if position >= 0 else -1 for position in swept])

    def _judged(self, found: list[Deployment]) -> list[Deployment]:
        ordered = order_deployments(found, self._history)
        return judge_kinds(ordered, self._history, self._words_on_kind(ordered))

    def _words_on_kind(self, ordered: Sequence[Deployment]) -> dict[str, DeploymentWord]:
        """By the deployment's key: its own row's word, or that of its commit's row for the commit's first record."""
        words: dict[str, DeploymentWord] = {}
        seen: set[str] = set()
        for deployment in ordered:
            own = (self._words.by_key.get(key) for key in (deployment.key, *deployment.evidence))
            word = next((word for word in own if word is not None), None)
            if word is None and deployment.commit_sha not in seen:
                word = self._words.by_commit.get(deployment.commit_sha)
            seen.add(deployment.commit_sha)
            if word is not None:
                words[deployment.key] = word
        return words


def _keys_of_one(record: Deployment) -> tuple[str, ...]:
    """The record's key and, of a tag and its release, the other one's: they are always one deployment."""
    other = {"tag": "release", "release": "tag"}.get(record.source)
    return (record.key,) if other is None else (record.key, f"{other}:{record.tag}")


def _with_evidence(deployment: Deployment, records: Sequence[Deployment]) -> Deployment:
    """`deployment` and the lower records about it; it takes a tag and a release line that it lacks from them."""
    if not records:
        return deployment
    tagged = next((record for record in records if record.tag), None)
    return replace(
        deployment,
        evidence=deployment.evidence + tuple(key for record in records for key in (record.key, *record.evidence)),
        tag=deployment.tag or (tagged.tag if tagged else ""),
        release_line=deployment.release_line or (tagged.release_line if tagged else ""),
    )
