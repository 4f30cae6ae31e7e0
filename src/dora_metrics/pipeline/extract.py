"""`extract` and `update`: fetch what is missing, judge everything anew, write the tables and the review file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Optional
from zoneinfo import ZoneInfo

from dora_metrics.domain.models import Dataset
from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.derive import Derived, derive, numbers_of, require_head
from dora_metrics.pipeline.git_facts import GitFacts, GitNews
from dora_metrics.pipeline.github_access import GitHubAccess, asking_github
from dora_metrics.pipeline.github_facts import Window
from dora_metrics.pipeline.github_news import GitHubNews
from dora_metrics.pipeline.views import ReviewView, write_views
from dora_metrics.pipeline.workspace import RunSummary, Workspace, plural
from dora_metrics.processors.judgement import Facts
from dora_metrics.storage.transaction import Transaction

MOST_NAMED = 5


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
        return _run(workspace, "extract", git, access, view, full=full, always=True)


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
        return _run(workspace, "update", git, access, view, full=False, always=False)


@dataclass(frozen=True)
class _News:
    """What a run brought."""

    git: list[GitNews]
    github: list[GitHubNews]
    warnings: list[str]
    """Those about GitHub's repositories and clock."""

    @property
    def anything(self) -> bool:
        return any(found.anything for found in self.git) or any(found.anything for found in self.github)


def _run(
    workspace: Workspace,
    command: str,
    git: GitFacts,
    access: GitHubAccess,
    view: ReviewView,
    *,
    full: bool,
    always: bool,
) -> RunSummary:
    manager = workspace.manager()
    warnings = access.meet()
    fetch_clones(workspace)
    with manager.begin(command=command, actor=workspace.actor, now=workspace.now) as transaction:
        news = _News(_bring_git(workspace, git, transaction, full=full), access.bring(transaction, full=full), warnings)
        if always or news.anything or _another_day(transaction, workspace):
            _set_as_of(transaction, workspace)
        before = transaction.head
        record = transaction.commit()
        access.tidy()
        if record is before and not always:
            return RunSummary(("Nothing new.",), _warnings(news))
        derived = derive(workspace, manager, record=record)
        asking = write_views(workspace, derived, view)
    sentences = [*_sentences(news, derived, full=full), *view.sentences(workspace, asking), *access.sentences(record)]
    return RunSummary(tuple(sentences), (*_warnings(news), *_cautions(derived, news.git)), needs_person=asking > 0)


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
    if stored is not None and workspace.now < stored:
        message = f"the clock says {workspace.now:%Y-%m-%d %H:%M}, but the data reach to {stored:%Y-%m-%d %H:%M} UTC"
        raise ConfigurationError(message, remedy="correct the clock, or --as-of")
    transaction.set_as_of(workspace.now)


def _another_day(transaction: Transaction, workspace: Workspace) -> bool:
    """Whether the local date has changed since the data were last known to be complete."""
    stored = transaction.head.as_of if transaction.head else None
    zone = ZoneInfo(workspace.settings.metrics.timezone)
    return stored is None or workspace.now.astimezone(zone).date() > stored.astimezone(zone).date()


def _sentences(news: _News, derived: Derived, *, full: bool) -> list[str]:
    sentences = []
    for found in news.git:
        if found.empty:
            sentences.append(f"{found.name}: no commits on the branch yet.")
            continue
        word = "" if full else "new "
        tags = plural(len(found.tags_added), f"{word}tag")
        heads = f", {plural(found.pull_heads, 'pull request head')}" if found.pull_heads else ""
        sentences.append(f"{found.name}: {plural(found.commits, f'{word}commit')}, {tags}{heads}.")
    sentences += [found.sentence(full=full) for found in news.github]
    counts = numbers_of(derived.datasets)
    times = [d.deployed_at for dataset in derived.datasets for d in dataset.deployments]
    span = f" from {min(times):%Y-%m-%d} to {max(times):%Y-%m-%d}" if times else ""
    sentences.append(
        f"{plural(counts['deployments'], 'deployment')}{span}, {plural(counts['changes'], 'change')}, "
        f"{plural(counts['failures'], 'proposed or confirmed failure')}."
    )
    return sentences


def _warnings(news: _News) -> tuple[str, ...]:
    about_git = [warning for found in news.git for warning in found.warnings]
    return (*news.warnings, *about_git, *[warning for found in news.github for warning in found.warnings()])


def _cautions(derived: Derived, news: list[GitNews]) -> list[str]:
    """What a person should know about the numbers before they use them."""
    return [
        f"{dataset.repository}: {caution}"
        for dataset, facts, found in zip(derived.datasets, derived.facts, news)
        for caution in _cautions_of(dataset, facts, found)
    ]


def _cautions_of(dataset: Dataset, facts: Facts, news: GitNews) -> Iterator[str]:
    if dataset.unreachable:
        yield f"{plural(len(dataset.unreachable), 'stored commit')} can no longer be reached from any ref (force-push?)"
    if news.origin_tip is not None and facts.history.find(news.origin_tip) is None:
        yield "the branch is behind its remote: run `git pull` (or `git fetch` in a bare clone) for the newest commits"
    if dataset.undated_tags:
        names = ", ".join(dataset.undated_tags[:MOST_NAMED])
        yield f"{plural(len(dataset.undated_tags), 'tag')} without a readable time left out: {names}"
    if dataset.undated_commits:
        yield f"{plural(dataset.undated_commits, 'commit')} without a readable time"
    if not dataset.deployments and facts.branch_tip is not None:
        yield (
            "no deployment found; set `tag_pattern` or `sources` (`dora-metrics init` shows what there is), or mark "
            "deployments in the review file"
        )
