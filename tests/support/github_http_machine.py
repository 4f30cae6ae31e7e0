"""The same machine with the real client, its queries, and the local GitHub that executes the official schema."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Optional

from dora_metrics.domain.github_source import GitHubSource
from dora_metrics.extractors.github_client import GitHubGraphQLClient
from support.github_machine import Change, GitHubMachine
from support.github_memory import LABEL
from support.github_server import TOKEN, URL, FakeGitHub
from support.github_sync import Sync
from support.github_world import FakeDeployment, FakeRelease, FakeStatus


class HttpMachine(GitHubMachine):
    """Each run asks a `FakeGitHub`; equal is what a store says that was filled in one quiet run."""

    def __init__(self) -> None:
        super().__init__()
        self.github = FakeGitHub(limit=None)
        self.releases: dict[int, FakeRelease] = {}
        self.deployments: dict[int, FakeDeployment] = {}

    def source(
        self, page_size: int, before: Callable[[int], None] = lambda _: None, lags: Sequence[int] = (0,)
    ) -> GitHubSource:
        del lags  # the server has one state
        world = self.github.world
        self.github = FakeGitHub(world, limit=None)
        for number in range(1, 15):
            self.github.before[number] = lambda number=number: before(number)
        return client_of(self.github, page_size)

    def wrong(self) -> dict[str, Any]:
        folder = Path(tempfile.mkdtemp())
        try:
            fresh = Sync(folder / "data")
            fresh.run(client_of(FakeGitHub(self.github.world, limit=None), 100))
            both = [_by_id(each) for each in (self.sync, fresh)]
        finally:
            shutil.rmtree(folder)
        keys = both[0].keys() | both[1].keys()
        return {key: (both[0].get(key), both[1].get(key)) for key in keys if both[0].get(key) != both[1].get(key)}

    def happen(self, change: Change) -> None:
        what, number, labels, passed = change
        world = self.github.world
        pull = world.repository.pulls.get(number)
        if what == "tick":
            world.tick(passed)
        elif what == "merge" and not pull:
            world.add_pull(number, labels=[*labels])
        elif what == "label" and pull:
            world.touch(pull, labels=[*labels])
        elif what == "publish" and number not in self.releases:
            self.releases[number] = world.add_release(f"v{number}")
        elif what == "publish":
            self.releases[number].tag_name = f"v{number}{''.join(labels)}"
        elif what == "delete" and number in self.releases:
            del world.repository.releases[self.releases.pop(number).id]
        elif what == "deploy" and number not in self.deployments:
            self.deployments[number] = world.add_deployment("IN_PROGRESS")
        elif what == "finish" and number in self.deployments:
            self.deployments[number].statuses.append(FakeStatus("SUCCESS", int(world.now_s)))
            self.deployments[number].state = "ACTIVE"
        else:
            self._change_issue(what, number + 100, labels)

    def _change_issue(self, what: str, number: int, labels: tuple[str, ...]) -> None:
        world = self.github.world
        issue = world.repository.issues.get(number)
        if what == "open" and not issue:
            world.add_issue(number)
        elif what == "open" and issue:
            world.touch(issue, labels=[LABEL, *labels], closed_s=None)
        elif what == "unlabel" and issue:
            world.touch(issue, labels=[*labels])
        elif what == "close" and issue:
            world.touch(issue, closed_s=int(world.now_s))


def client_of(github: FakeGitHub, page_size: Optional[int] = None) -> GitHubGraphQLClient:
    """The real client, asking `github` without a network; `page_size` is that of all lists."""
    sizes = {} if page_size is None else {"page_size": page_size, "max_page_size": page_size}
    return GitHubGraphQLClient(github.client(), url=URL, token=TOKEN, wait=github.waiter(), jitter=lambda: 0.0, **sizes)


def _by_id(sync: Sync) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for facts in sync.facts().values():
        found.update({fact.node_id: fact for fact in facts})  # type: ignore[attr-defined]
    return {key: fact for key, fact in found.items() if not key.startswith("I_") or LABEL in fact.labels}
