"""Which of git's facts are records of deployments, and when those happened (definitions.md 3)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Callable, Optional

from dora_metrics.config import DeploymentSettings
from dora_metrics.domain.history import History
from dora_metrics.domain.models import Deployment, Tag
from dora_metrics.domain.timestamps import from_seconds
from dora_metrics.processors.versions import is_prerelease, tag_matcher

BACKFILL_AFTER = timedelta(days=30)


def version_tags(tags: Iterable[Tag], settings: DeploymentSettings, prereleases: Collection[str] = ()) -> list[Tag]:
    """The tags that are deployments by their names; those of trees and blobs, and pre-releases, are not.

    `prereleases` are tags that GitHub marks as such, whatever their names.
    """
    named = [tag for tag in tags if tag.commit_sha is not None]
    matches = tag_matcher(settings.tag_pattern, [tag.name for tag in named])
    versions = [tag for tag in named if matches(tag.name)]
    if settings.include_prereleases:
        return versions
    return [tag for tag in versions if not is_prerelease(tag.name) and tag.name not in prereleases]


def tag_deployments(
    tags: Iterable[Tag],
    history: History,
    settings: DeploymentSettings,
    *,
    repository: str,
    service: str = "",
    prereleases: Collection[str] = (),
) -> list[Deployment]:
    """One record a version tag, in no promised order; a tag without a readable time makes none.

    `prereleases`: see `version_tags`.
    """
    line_of = release_line_of(settings.release_line)
    records = []
    for tag in version_tags(tags, settings, prereleases):
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
    touching = touching_positions(oldest_first, history)
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


def touching_positions(oldest_first: Sequence[int], history: History) -> set[int]:
    """Positions on the line whose commits, or what those merged, touch the path prefix in force; without one, all."""
    if not history.path_prefix:
        return set(range(len(oldest_first)))
    brought_by = history.graph.sweep(oldest_first)
    brought = {brought_by[commit] for commit in range(len(history)) if history.in_prefix[commit]}
    return brought - {-1}  # what the line does not reach
