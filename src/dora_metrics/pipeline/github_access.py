"""Whether GitHub is asked in this run, and why not; opens the way to it and closes it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from dora_metrics.pipeline.github_window import CURSORS, Window
from dora_metrics.pipeline.staging_place import staging_place
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.transaction import Transaction

if TYPE_CHECKING:
    from dora_metrics.pipeline.github_facts import GitHubFacts
    from dora_metrics.pipeline.github_news import GitHubNews

UNKNOWN = "labels, reviews, creation times and incident issues are unknown (NA)"
AS_BEFORE = "what it said when it was last asked still counts"


@dataclass(frozen=True)
class GitHubAccess:
    """GitHub's facts for one run, or the reason why there are none."""

    workspace: Workspace
    facts: Optional[GitHubFacts]
    because: str = ""
    """Why it is not asked, in words; empty when it is."""

    def meet(self) -> list[str]:
        """As `GitHubFacts.meet`; nothing when GitHub is not asked."""
        return self.facts.meet() if self.facts else []

    def bring(self, transaction: Transaction, *, full: bool) -> list[GitHubNews]:
        """As `GitHubFacts.bring` for each repository that has a name on GitHub; nothing when it is not asked."""
        if self.facts is None:
            return []
        return [
            self.facts.bring(transaction, name, repository, full=full)
            for name, repository in zip(self.workspace.names(), self.workspace.settings.repositories)
            if repository.github
        ]

    def tidy(self) -> None:
        """After the commit."""
        if self.facts is not None:
            self.facts.tidy()

    def sentences(self, record: CommitRecord) -> list[str]:
        """What people should know when GitHub was not asked; nothing when it was."""
        if self.facts is not None:
            return []
        known = any(CURSORS in record.cursors.get(name, {}) for name in self.workspace.names())
        return [f"GitHub was not asked ({self.because}): {AS_BEFORE if known else UNKNOWN}."]


@contextmanager
def asking_github(
    workspace: Workspace, manager: RepositoryManager, *, wanted: bool, rebind: bool, window: Window
) -> Iterator[GitHubAccess]:
    """GitHub, when it is wanted, a repository has a name there and there is a token; nothing is asked yet.

    Raises `AccessError` for a token that no request could carry, `ConfigurationError` for an address that is not safe.
    """
    if not wanted:
        yield GitHubAccess(workspace, None, "--no-github")
        return
    if not any(repository.github for repository in workspace.settings.repositories):
        yield GitHubAccess(workspace, None, "no `github` is set in dora-metrics.toml")
        return
    from dora_metrics.pipeline.github_facts import GitHubFacts  # noqa: PLC0415 (only where GitHub is asked)

    own = workspace.github_source()
    if own is not None:
        yield GitHubAccess(workspace, GitHubFacts(workspace, manager, own, rebind=rebind, window=window))
        return
    from dora_metrics.extractors.github_token import find_token  # noqa: PLC0415 (not for git alone)

    chosen = workspace.settings.github
    token = find_token(workspace.environ, chosen.graphql_url)
    if token is None:
        yield GitHubAccess(workspace, None, "there is no token: set GITHUB_TOKEN")
        return
    workspace.keep_secret(token.value)
    from dora_metrics.extractors.github_address import open_http  # noqa: PLC0415 (with httpx: not without a token)
    from dora_metrics.extractors.github_client import GitHubGraphQLClient  # noqa: PLC0415
    from dora_metrics.extractors.github_wait import CountdownWaiter  # noqa: PLC0415

    with open_http() as http, staging_place(workspace) as staging:
        source = GitHubGraphQLClient(
            http,
            url=chosen.graphql_url,
            token=token.value,
            wait=CountdownWaiter(workspace.progress),
            page_size=chosen.page_size,
            max_page_size=chosen.max_page_size,
            requests_per_minute=chosen.requests_per_minute,
            max_wait_minutes=chosen.max_wait,
        )
        facts = GitHubFacts(workspace, manager, source, rebind=rebind, window=window, staging=staging)
        yield GitHubAccess(workspace, facts)
