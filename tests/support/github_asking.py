"""A client that asks a `FakeGitHub`, with time that passes at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dora_metrics.domain.github_source import Page
from dora_metrics.domain.models import PullRequest
from dora_metrics.extractors.github_client import GitHubGraphQLClient
from support.github_server import TOKEN, URL, FakeGitHub
from support.github_world import FakeWaiter, World

Item = TypeVar("Item")


@dataclass
class Asking:
    """World, server, time and client together."""

    world: World = field(default_factory=World)
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.github = FakeGitHub(self.world)
        self.waiter: FakeWaiter = self.github.waiter()
        self.client = self.client_of(**self.options)

    def client_of(self, **options: Any) -> GitHubGraphQLClient:
        """Another client of the same GitHub."""
        given = {"url": URL, "token": TOKEN, "wait": self.waiter, "jitter": lambda: 0.0, **options}
        return GitHubGraphQLClient(self.github.client(), **given)

    def pulls(self, after: Any = None) -> list[PullRequest]:
        """All merged pull requests."""
        return items(self.client.get_pull_requests("acme", "shop", after))

    @property
    def sizes(self) -> list[Any]:
        """The page size of each request."""
        return [request.first for request in self.github.requests]

    @property
    def operations(self) -> list[str]:
        """The name of each request."""
        return [request.operation for request in self.github.requests]

    @property
    def pauses(self) -> list[float]:
        """Seconds of each wait."""
        return [seconds for seconds, _ in self.waiter.slept]


def items(pages: Iterable[Page[Item]]) -> list[Item]:
    """The items of all pages."""
    return [item for page in pages for item in page.items]
