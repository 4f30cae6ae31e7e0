"""What each step is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from dora_metrics.config import RepositorySettings, Settings
from dora_metrics.domain.progress import Progress
from dora_metrics.errors import ConfigurationError
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.storage_manager import StorageManager

if TYPE_CHECKING:
    from dora_metrics.domain.github_source import GitHubSource
    from dora_metrics.report.announcement import Asked
    from dora_metrics.storage.csv_handler import CSVHandler

CACHE_FOLDER = "dora-metrics/clones"


@dataclass(frozen=True)
class Workspace:
    """One run: the settings in force, where paths start from, and what only the command line may read."""

    settings: Settings
    root: Path
    """Folder that relative paths are relative to: the configuration file's."""
    now: datetime
    """Aware, in UTC: what counts as now."""
    environ: Mapping[str, str]
    tool_version: str
    actor: str
    """Who runs it, for the history."""
    progress: Progress
    keep_secret: Callable[[str], None] = lambda _secret: None
    """Told of a secret that was found somewhere else than in `environ`, so that no output ever shows it."""
    on_the_clock: bool = False
    """`now` is what this machine's clock says, not `--as-of`."""
    repository: str = ""
    """Only this repository's numbers are wanted; empty = all, pooled."""
    service: str = ""
    """Only the numbers of services of this name are wanted; empty = all, pooled."""

    def storage(self) -> StorageManager:
        """Where the data lie."""
        chosen = self.settings.storage
        return StorageManager(
            chosen.type,
            chosen.s3_bucket or None,
            Path(chosen.path) if chosen.type == "s3" else self.root / chosen.path,
            lock_timeout_s=chosen.lock_timeout,
            single_writer=chosen.single_writer,
        )

    def manager(self) -> RepositoryManager:
        """The numbered commits in `storage`."""
        return RepositoryManager(self.storage(), tool_version=self.tool_version)

    def github_source(self) -> Optional[GitHubSource]:
        """What is asked in place of the configured GitHub; `None` = that one. Only the demo brings its own."""
        return None

    def clone(self, repository: RepositorySettings) -> Path:
        """The clone of a configured repository: its path, or for a URL its place in our cache."""
        if not repository.url:
            return (self.root / repository.path).resolve()
        from dora_metrics.extractors.git_cache import GitCache  # noqa: PLC0415 (only for repositories by URL)

        return GitCache(self.cache(), environ=self.environ).path_of(repository.url)

    def cache(self) -> Path:
        """The folder of our own clones, under the person's cache folder."""
        home = self.environ.get("XDG_CACHE_HOME") or str(Path(self.environ.get("HOME", "~")).expanduser() / ".cache")
        return Path(home) / CACHE_FOLDER

    def name(self, repository: RepositorySettings) -> str:
        """How the repository is called everywhere: `owner/name`, or `local/<folder>` without a GitHub remote."""
        if repository.github:
            return repository.github
        folder = self.clone(repository)
        folder = folder.parent if folder.name == ".git" else folder
        return f"local/{folder.name.removesuffix('.git')}"

    def names(self) -> list[str]:
        """The names of the configured repositories, in order. Two of one name raise `ConfigurationError`."""
        names = [self.name(repository) for repository in self.settings.repositories]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"two configured repositories are both called {twice[0]}"
            raise ConfigurationError(message, remedy='give each its own `github = "owner/name"`')
        return names

    def csv_handler(self) -> CSVHandler:
        """The handler of CSV files, with links to the GitHub in use."""
        from dora_metrics.storage.csv_handler import CSVHandler  # noqa: PLC0415 (only where tables are made or read)

        return CSVHandler(host=web_address(self.settings.github.graphql_url))


def web_address(graphql_url: str) -> str:
    """Where people see the pages of the GitHub that answers at `graphql_url`."""
    host = graphql_url.partition("://")[2].partition("/")[0]
    if host == "api.github.com" or not host:
        return "https://github.com"
    return f"https://{host.removeprefix('api.')}"


@dataclass(frozen=True)
class RunSummary:
    """What a step did, in words for a person."""

    sentences: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    needs_person: bool = False
    asked: Optional[Asked] = None
    """What it asks of people; `None` for a step that asks nothing of them."""
