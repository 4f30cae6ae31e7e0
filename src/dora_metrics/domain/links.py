"""Addresses of pages on GitHub, for people to click; empty for a repository that is not there."""

from __future__ import annotations

from urllib.parse import quote

from dora_metrics.domain.models import Deployment

GITHUB = "https://github.com"


def pull_request_url(repository: str, number: int, host: str = GITHUB) -> str:
    """The pull request's page."""
    return _page(repository, f"pull/{number}", host)


def issue_url(repository: str, number: int, host: str = GITHUB) -> str:
    """The issue's page."""
    return _page(repository, f"issues/{number}", host)


def commit_url(repository: str, sha: str, host: str = GITHUB) -> str:
    """The commit's page."""
    return _page(repository, f"commit/{sha}", host)


def deployment_url(deployment: Deployment, host: str = GITHUB) -> str:
    """The page of the deployment's tag or release, else of its commit."""
    if deployment.tag:
        return _page(deployment.repository, f"releases/tag/{quote(deployment.tag, safe='/')}", host)
    return commit_url(deployment.repository, deployment.commit_sha, host)


def _page(repository: str, path: str, host: str) -> str:
    return "" if repository.startswith("local/") else f"{host}/{repository}/{path}"
