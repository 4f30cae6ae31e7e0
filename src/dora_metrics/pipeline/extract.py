"""`extract` and `update`: fetch what is missing, judge everything anew, write the tables and the review file."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Optional
from zoneinfo import ZoneInfo

from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.git_facts import GitFacts, GitNews
from dora_metrics.pipeline.github_access import GitHubAccess, asking_github
from dora_metrics.pipeline.github_window import Window
from dora_metrics.pipeline.review_place import ReviewView
from dora_metrics.pipeline.run_news import RunNews
from dora_metrics.pipeline.stored import require_head, stored_as, views_made
from dora_metrics.pipeline.workspace import RunSummary, Workspace
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.transaction import Transaction

OVERLAP = timedelta(hours=2)
"""By how much a run that began later can be done earlier: the other one waited for GitHub, or for the lock."""


def extract(  # noqa: PLR0913 (each is an option of the command)
    workspace: Workspace,
    *,
    full: bool,
    since: Optional[datetime] = None,
    until: Optional[datetime] = None,
    github: bool = True,
    review_file: Optional[Path] = None,
    allow_shallow: bool = False,
    rebind: bool = False,
    review_rows: str = "auto",
) -> RunSummary:
    """Store what is missing, or with `full` everything anew; then write `processed/` and the review file.

    GitHub is asked for repositories with a name there, when there is a token and `github` is true. `since` and `until`
    limit the pull requests that it is asked for, by when they were last touched, and what `calculate` publishes; never
    the commits, tags, releases, deployments and issues. Interrupted at any moment, the next run goes on from the last
    page that GitHub gave.
    """
    manager = workspace.manager()
    git = GitFacts(workspace, manager, rebind=rebind, allow_shallow=allow_shallow)
    view = ReviewView(review_file, review_rows)
    with asking_github(workspace, manager, wanted=github, rebind=rebind, window=Window(since, until)) as access:
        return _run(workspace, manager, "extract", git, access, view, full=full, always=True)


def update(
    workspace: Workspace,
    *,
    review_file: Optional[Path] = None,
    allow_shallow: bool = False,
    rebind: bool = False,
    review_rows: str = "auto",
) -> RunSummary:
    """Store what is new since the last run. Nothing new changes no byte, but for `as_of` once a day.

    Raises `ConfigurationError` when nothing was extracted yet.
    """
    manager = workspace.manager()
    require_head(workspace, manager)
    git = GitFacts(workspace, manager, rebind=rebind, allow_shallow=allow_shallow)
    view = ReviewView(review_file, review_rows)
    with asking_github(workspace, manager, wanted=True, rebind=rebind, window=Window(as_before=True)) as access:
        return _run(workspace, manager, "update", git, access, view, full=False, always=False)


def _run(
    workspace: Workspace,
    manager: RepositoryManager,
    command: str,
    git: GitFacts,
    access: GitHubAccess,
    view: ReviewView,
    *,
    full: bool,
    always: bool,
) -> RunSummary:
    met = access.meet()
    fetch_clones(workspace)

    def build(transaction: Transaction) -> tuple[RunNews, Optional[CommitRecord]]:
        news = RunNews(_bring_git(workspace, git, transaction, full=full), access.bring(transaction, full=full), met)
        if always or news.anything or _another_day(transaction, workspace):
            _set_as_of(transaction, workspace)
        return news, transaction.head

    with manager.apply(build, command=command, actor=workspace.actor, now=workspace.now) as (record, built):
        news, before = built
        access.tidy()
        if record is before and not always and views_made(workspace, record):
            return RunSummary(("Nothing new.",), news.warnings_of_all())
        from dora_metrics.pipeline.conclude import conclude  # noqa: PLC0415 (half of the start-up: only with news)

        told = conclude(workspace, manager, record, news, view, full=full)
    warnings = (*news.warnings_of_all(), *told.warnings)
    sentences = (*told.sentences, *access.sentences(record), stored_as(record))
    if told.asked is not None:  # without the lock: a service that hangs must hold up nobody
        from dora_metrics.pipeline.announce import announce  # noqa: PLC0415 (only with news)

        announce(workspace, told.asked, sentences, notifies=command == "update")
    return RunSummary(sentences, warnings, needs_person=told.needs_person, asked=told.asked)


def _bring_git(workspace: Workspace, git: GitFacts, transaction: Transaction, *, full: bool) -> list[GitNews]:
    return [
        git.bring(transaction, name, repository, full=full)
        for name, repository in zip(workspace.names(), workspace.settings.repositories)
    ]


def fetch_clones(workspace: Workspace) -> None:
    """Clone or fetch what is configured by URL, into our own cache; a person's own clone is never fetched."""
    for repository in workspace.settings.repositories:
        if repository.url:
            from dora_metrics.extractors.git_cache import GitCache  # noqa: PLC0415 (only for repositories by URL)

            workspace.progress.begin(f"Fetching {workspace.name(repository)}")
            GitCache(workspace.cache(), environ=workspace.environ).refresh(repository.url)
            workspace.progress.end()


def _set_as_of(transaction: Transaction, workspace: Workspace) -> None:
    stored = transaction.head.as_of if transaction.head else None
    if stored is not None and workspace.on_the_clock and timedelta(0) <= stored - workspace.now <= OVERLAP:
        return  # what this run read, it read after the other one was done
    if stored is not None and workspace.now < stored:
        if workspace.on_the_clock and stored <= datetime.now(tz=timezone.utc):
            return  # another run that began later was quicker: the data reach further than ours alone
        message = f"the clock says {workspace.now:%Y-%m-%d %H:%M}, but the data reach to {stored:%Y-%m-%d %H:%M} UTC"
        raise ConfigurationError(message, remedy="correct the clock, or --as-of")
    transaction.set_as_of(workspace.now)


def _another_day(transaction: Transaction, workspace: Workspace) -> bool:
    """Whether the local date has changed since the data were last known to be complete."""
    stored = transaction.head.as_of if transaction.head else None
    zone = ZoneInfo(workspace.settings.metrics.timezone)
    return stored is None or workspace.now.astimezone(zone).date() > stored.astimezone(zone).date()
