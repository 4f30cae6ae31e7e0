"""Which facts are deployments, when they happened, and what kind each was (definitions.md 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Callable, Optional

from dora_metrics.config import DeploymentSettings
from dora_metrics.domain.history import History
from dora_metrics.domain.models import Deployment, Tag
from dora_metrics.domain.timestamps import from_seconds
from dora_metrics.processors.deployment_order import order_deployments
from dora_metrics.processors.live_state import judge_kinds
from dora_metrics.processors.versions import is_prerelease, tag_matcher

BACKFILL_AFTER = timedelta(days=30)
PRECEDENCE = ("deployment", "release", "tag", "merge")
"""Sources other than annotations, the one whose time counts first."""


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


def version_tags(tags: Iterable[Tag], settings: DeploymentSettings) -> list[Tag]:
    """The tags that are deployments by their names; those of trees and blobs, and pre-releases, are not."""
    named = [tag for tag in tags if tag.commit_sha is not None]
    matches = tag_matcher(settings.tag_pattern, [tag.name for tag in named])
    return [tag for tag in named if matches(tag.name) and (settings.include_prereleases or not is_prerelease(tag.name))]


def tag_deployments(
    tags: Iterable[Tag], history: History, settings: DeploymentSettings, *, repository: str, service: str = ""
) -> list[Deployment]:
    """One record a version tag, in no promised order; a tag without a readable time makes none."""
    line_of = release_line_of(settings.release_line)
    records = []
    for tag in version_tags(tags, settings):
        deployed_at, flags = tag_time(tag, history)
        if deployed_at is not None and tag.commit_sha is not None:
            records.append(
                Deployment(
                    key=f"tag:{tag.name}",
                    repository=repository,
                    service=service,
                    commit_sha=tag.commit_sha,
                    deployed_at=deployed_at,
                    source="tag",
                    tag=tag.name,
                    release_line=line_of(tag.name),
                    flags=flags,
                )
            )
    return records


def tag_time(tag: Tag, history: History) -> tuple[Optional[datetime], tuple[str, ...]]:
    """An annotated tag's own time, a lightweight one's commit time; no time when neither can be read."""
    commit = history.find(tag.commit_sha)
    committed_at = None if commit is None else history.committed_at(commit)
    tagged_at = from_seconds(tag.tagged_s) if tag.annotated else None
    if tagged_at is None:
        return committed_at, ()
    late = committed_at is not None and tagged_at - committed_at > BACKFILL_AFTER
    return tagged_at, ("backfilled_tag",) if late else ()


def release_line_of(pattern: str) -> Callable[[str], str]:
    """What reads a tag's release line: the pattern's group, or the empty text for all that it does not match."""
    if not pattern:
        return lambda _name: ""
    compiled = re.compile(pattern)

    def line_of(name: str) -> str:
        found = compiled.search(name)
        return (found.group(1) or "") if found else ""

    return line_of


def merge_deployments(line: Sequence[int], history: History, *, repository: str, service: str = "") -> list[Deployment]:
    """One record a commit of the branch's first-parent line (`line`, newest first), in order of time.

    Each at the latest committer time on the line up to it: a commit whose clock was behind went out with, not before,
    what it stands on.
    """
    records: list[Deployment] = []
    latest: Optional[datetime] = None
    oldest_first = list(reversed(line))
    touching = _touching(oldest_first, history)
    for position, commit in enumerate(oldest_first):
        committed_at = history.committed_at(commit)
        if committed_at is not None and (latest is None or committed_at > latest):
            latest = committed_at
        if latest is not None and position in touching:
            sha = history.sha(commit)
            records.append(
                Deployment(
                    key=f"merge:{sha}",
                    repository=repository,
                    service=service,
                    commit_sha=sha,
                    deployed_at=latest,
                    source="merge",
                )
            )
    return records


def _touching(oldest_first: Sequence[int], history: History) -> set[int]:
    """Positions on the line whose commits, or what those merged, touch the path prefix in force."""
    brought_by = history.graph.sweep(oldest_first)
    return {brought_by[commit] for commit in range(len(history)) if history.in_prefix[commit]}


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
        word = self._words.by_key.get(record.key)
        if word is not None and word.is_deployment is not None:
            return not word.is_deployment
        word = self._words.by_commit.get(record.commit_sha)
        return word is not None and word.is_deployment is False

    def _join(self, found: list[Deployment], lower: list[Deployment]) -> list[Deployment]:
        """`found` with `lower`: a lower record is evidence of the nearest one of its commit that is no rollback."""
        if not found or not lower:
            return found or lower
        open_to_evidence: dict[str, list[Deployment]] = {}
        for deployment in self._judged(found):
            if deployment.kind != "rollback":
                open_to_evidence.setdefault(deployment.commit_sha, []).append(deployment)
        evidence: dict[str, list[Deployment]] = {}
        separate: list[Deployment] = []
        for record in sorted(lower, key=lambda record: (record.deployed_at, record.key)):
            near = open_to_evidence.get(record.commit_sha)
            if near:
                best = min(near, key=lambda d: (abs(d.deployed_at - record.deployed_at), d.deployed_at, d.key))
                evidence.setdefault(best.key, []).append(record)
            else:
                separate.append(record)
        return [_with_evidence(deployment, evidence.get(deployment.key, ())) for deployment in found] + separate

    def _confirmed(self, found: list[Deployment]) -> list[Deployment]:
        """`found` with what a person said: confirmed, moved in time, or added."""
        by_key = {deployment.key: deployment for deployment in found}
        for key, word in sorted(self._words.by_key.items()):
            if key in by_key:
                by_key[key] = _with_word(by_key[key], word)
        by_commit: dict[str, list[Deployment]] = {}
        for deployment in by_key.values():
            by_commit.setdefault(deployment.commit_sha, []).append(deployment)
        for sha, word in sorted(self._words.by_commit.items()):
            nearest = _nearest(by_commit.get(sha, ()), word)
            if nearest is not None:
                by_key[nearest.key] = _with_word(nearest, word)
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
        return _with_word(added, word)

    def _brought_at(self, sha: str) -> Optional[datetime]:
        """Committer time of the first-parent commit that brought `sha` to the branch, else its own."""
        commit = self._history.find(sha)
        if commit is None:
            return None
        oldest_first = list(reversed(self._line))
        position = self._history.graph.sweep(oldest_first)[commit]
        return self._history.committed_at(oldest_first[position] if position >= 0 else commit)

    def _judged(self, found: list[Deployment]) -> list[Deployment]:
        ordered = order_deployments(found, self._history)
        return judge_kinds(ordered, self._history, self._words_on_kind(ordered))

    def _words_on_kind(self, ordered: Sequence[Deployment]) -> dict[str, DeploymentWord]:
        """By the deployment's key: its own row's word, or that of its commit's row for the commit's first record."""
        words: dict[str, DeploymentWord] = {}
        seen: set[str] = set()
        for deployment in ordered:
            word = self._words.by_key.get(deployment.key)
            if word is None and deployment.commit_sha not in seen:
                word = self._words.by_commit.get(deployment.commit_sha)
            seen.add(deployment.commit_sha)
            if word is not None:
                words[deployment.key] = word
        return words


def _nearest(same_commit: Sequence[Deployment], word: DeploymentWord) -> Optional[Deployment]:
    """The record that a person's word joins: nearest to the time they gave, else the first one."""
    if not same_commit:
        return None
    moment = word.deployed_at
    if moment is None:
        return min(same_commit, key=lambda d: (d.deployed_at, d.key))
    return min(same_commit, key=lambda d: (abs(d.deployed_at - moment), d.deployed_at, d.key))


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


def _with_word(deployment: Deployment, word: DeploymentWord) -> Deployment:
    """`deployment` as a person confirmed it: its key stays, its time is theirs when they gave one."""
    if not (word.confirms or word.reviewed):
        return deployment
    return replace(deployment, explicit=True, deployed_at=word.deployed_at or deployment.deployed_at)
