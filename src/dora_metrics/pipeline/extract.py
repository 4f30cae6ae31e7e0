"""`extract` and `update`: fetch what is missing, judge everything anew, write the tables and the review file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Optional
from zoneinfo import ZoneInfo

from dora_metrics.domain.models import Dataset
from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.derive import Derived, derive, numbers_of, require_head
from dora_metrics.pipeline.git_facts import GitFacts, GitNews
from dora_metrics.pipeline.views import ReviewView, write_views
from dora_metrics.pipeline.workspace import RunSummary, Workspace, plural
from dora_metrics.processors.judgement import Facts
from dora_metrics.storage.transaction import Transaction

MOST_NAMED = 5
WITHOUT_GITHUB = "GitHub was not asked: labels, reviews, creation times and incident issues are unknown (NA)."


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

    Everything comes from the clone: GitHub is not asked in this version, whatever `github` says. `since` and `until`
    limit what is asked of GitHub and what `calculate` publishes, never the commits, so they change nothing here.
    """
    del since, until
    view = ReviewView(review_file, review_rows)
    git = GitFacts(workspace, workspace.manager(), rebind=rebind, allow_shallow=allow_shallow)
    return _run(workspace, "extract", git, view, full=full, always=True, github=github)


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
    return _run(workspace, "update", git, view, full=False, always=False, github=True)


def _run(
    workspace: Workspace, command: str, git: GitFacts, view: ReviewView, *, full: bool, always: bool, github: bool
) -> RunSummary:
    manager = workspace.manager()
    names = workspace.names()
    fetch_clones(workspace)
    with manager.begin(command=command, actor=workspace.actor, now=workspace.now) as transaction:
        news = [
            git.bring(transaction, name, repository, full=full)
            for name, repository in zip(names, workspace.settings.repositories)
        ]
        moved = any(found.anything for found in news)
        if always or moved or _another_day(transaction, workspace):
            _set_as_of(transaction, workspace)
        before = transaction.head
        record = transaction.commit()
        if record is before and not always:
            return RunSummary(("Nothing new.",), _warnings(news))
        derived = derive(workspace, manager, record=record)
        asking = write_views(workspace, derived, view)
    sentences = [*_sentences(news, derived, full=full), *view.sentences(workspace, asking)]
    if github:
        sentences.append(WITHOUT_GITHUB)
    return RunSummary(tuple(sentences), (*_warnings(news), *_cautions(derived, news)), needs_person=asking > 0)


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


def _sentences(news: list[GitNews], derived: Derived, *, full: bool) -> list[str]:
    sentences = []
    for found in news:
        if found.empty:
            sentences.append(f"{found.name}: no commits on the branch yet.")
            continue
        word = "" if full else "new "
        tags = plural(len(found.tags_added), f"{word}tag")
        heads = f", {plural(found.pull_heads, 'pull request head')}" if found.pull_heads else ""
        sentences.append(f"{found.name}: {plural(found.commits, f'{word}commit')}, {tags}{heads}.")
    counts = numbers_of(derived.datasets)
    times = [d.deployed_at for dataset in derived.datasets for d in dataset.deployments]
    span = f" from {min(times):%Y-%m-%d} to {max(times):%Y-%m-%d}" if times else ""
    sentences.append(
        f"{plural(counts['deployments'], 'deployment')}{span}, {plural(counts['changes'], 'change')}, "
        f"{plural(counts['failures'], 'proposed or confirmed failure')}."
    )
    return sentences


def _warnings(news: list[GitNews]) -> tuple[str, ...]:
    return tuple(warning for found in news for warning in found.warnings)


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
