"""GitHub's Releases and Deployments as records of deployments (definitions.md 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dora_metrics.config import DeploymentSettings
from dora_metrics.domain.github_facts import GitHubDeployment, Release
from dora_metrics.domain.models import Deployment, Tag
from dora_metrics.processors.deployments import release_line_of


def prerelease_tags(releases: Iterable[Release], settings: DeploymentSettings) -> frozenset[str]:
    """Tags whose releases are marked as pre-releases and count no more than these; empty when pre-releases count."""
    if settings.include_prereleases:
        return frozenset()
    return frozenset(release.tag for release in releases if release.is_prerelease and not release.is_draft)


def release_deployments(
    releases: Iterable[Release],
    tags: Iterable[Tag],
    settings: DeploymentSettings,
    *,
    repository: str,
    service: str = "",
) -> list[Deployment]:
    """One record a published release, in no promised order; of drafts, and of pre-releases by default, none.

    The commit is what the clone's tag names, else what GitHub says that it names; empty when the tag is gone.
    """
    line_of = release_line_of(settings.release_line)
    commits = {tag.name: tag.commit_sha for tag in tags}
    return [
        Deployment(
            key=f"release:{release.tag}",
            repository=repository,
            service=service,
            commit_sha=commits.get(release.tag) or release.commit_sha or "",
            deployed_at=release.published_at,
            source="release",
            tag=release.tag,
            release_line=line_of(release.tag),
        )
        for release in releases
        if not release.is_draft
        and release.published_at is not None
        and (settings.include_prereleases or not release.is_prerelease)
    ]


def github_deployment_records(
    deployments: Iterable[GitHubDeployment],
    tags: Sequence[Tag],
    settings: DeploymentSettings,
    *,
    repository: str,
    service: str = "",
) -> list[Deployment]:
    """One record a GitHub Deployment that succeeded in an environment of production, in no promised order."""
    is_production = re.compile(settings.environment, re.IGNORECASE)
    line_of = release_line_of(settings.release_line)
    named = {(ref, tag.commit_sha): tag.name for tag in tags for ref in (tag.name, f"refs/tags/{tag.name}")}
    records = []
    for made in deployments:
        if made.succeeded_at is None or not is_production.search(made.environment):
            continue
        tag = named.get((made.ref or "", made.commit_sha), "")
        records.append(
            Deployment(
                key=f"deployment:{made.database_id}",
                repository=repository,
                service=service,
                commit_sha=made.commit_sha,
                deployed_at=made.succeeded_at,
                source="deployment",
                tag=tag,
                environment=made.environment,
                release_line=line_of(tag) if tag else "",
            )
        )
    return records
