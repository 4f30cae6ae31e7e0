"""The sync of GitHub's facts alone: no git, no judging; runs, and what the store then says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Optional

from dora_metrics.config import RepositorySettings, Settings, StorageSettings
from dora_metrics.domain.github_source import GitHubSource
from dora_metrics.domain.progress import NoProgress
from dora_metrics.pipeline.github_facts import GitHubFacts, Window
from dora_metrics.pipeline.github_news import GitHubNews
from dora_metrics.pipeline.github_streams import GitHubPart, read_github_part
from dora_metrics.pipeline.workspace import Workspace
from support.github_memory import LABEL, START, MemoryWorld

SHOP = "acme/shop"
NOTHING: GitHubPart = {"pull_requests": (), "releases": (), "github_deployments": (), "incidents": ()}


class Sync:
    """One data folder that is brought up to date again and again."""

    def __init__(self, root: Path, *, settings: Optional[Settings] = None) -> None:
        chosen = settings or Settings(repositories=(RepositorySettings(github=SHOP),))
        self.workspace = Workspace(
            settings=replace(chosen, storage=StorageSettings(path=str(root))),
            root=root,
            now=START,
            environ={},
            tool_version="0.1.0",
            actor="ada",
            progress=NoProgress(),
        )
        self.root = root

    def run(
        self, source: GitHubSource, *, full: bool = False, rebind: bool = False, window: Optional[Window] = None
    ) -> GitHubNews:
        """One run to its end; what it raises is raised."""
        manager = self.workspace.manager()
        github = GitHubFacts(self.workspace, manager, source, rebind=rebind, window=window or Window(as_before=True))
        self.warnings = github.meet()
        with manager.begin(command="update", actor="ada", now=self.workspace.now) as transaction:
            news = github.bring(transaction, SHOP, self.workspace.settings.repositories[0], full=full)
            transaction.commit()
            github.tidy()
        return news

    def facts(self) -> GitHubPart:
        """What the store says; nothing when there is no record."""
        manager = self.workspace.manager()
        head = manager.head()
        return NOTHING if head is None else read_github_part(manager, SHOP, head)

    def records(self) -> int:
        """How many changes there were."""
        head = self.workspace.manager().head()
        return head.number if head else 0


def difference(part: GitHubPart, world: MemoryWorld, *, at: Optional[datetime] = None) -> dict[str, Any]:
    """Where the store and the server differ: node id to both; an issue without the label counts nowhere."""
    from dora_metrics.domain.github_facts import GitHubDeployment, Incident, Release  # noqa: PLC0415
    from dora_metrics.domain.models import PullRequest  # noqa: PLC0415

    here: dict[str, Any] = {}
    for facts in part.values():
        here.update({fact.node_id: fact for fact in facts})  # type: ignore[attr-defined]
    there = {
        fact.node_id: fact
        for kind in (PullRequest, Release, GitHubDeployment, Incident)
        for fact in world.facts(kind, at)
    }
    both = [{key: fact for key, fact in side.items() if _counts(fact)} for side in (here, there)]
    keys = both[0].keys() | both[1].keys()
    return {key: (both[0].get(key), both[1].get(key)) for key in keys if both[0].get(key) != both[1].get(key)}


def _counts(fact: Any) -> bool:
    return not fact.node_id.startswith("I_") or LABEL in fact.labels
