"""From GitHub into the store: pull requests, issues, deployments and releases of one repository, in one transaction.

The long lists come first and can be resumed at any page; the releases come last, since they are read whole each time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Optional

from dora_metrics.config import RepositorySettings
from dora_metrics.domain.github_facts import GitHubDeployment, GitHubRepository, Incident
from dora_metrics.domain.github_source import GitHubSource
from dora_metrics.domain.timestamps import format_utc, parse_utc
from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.github_news import GitHubNews, note_releases
from dora_metrics.pipeline.github_reading import Merged, Reading, limited, merge
from dora_metrics.pipeline.github_streams import (
    DEPLOYMENTS,
    ISSUES,
    PULL_REQUESTS,
    RELEASES,
    STREAMS,
    Fact,
    FactStream,
)
from dora_metrics.pipeline.github_window import CURSORS, Window
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.staging import Staging
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.transaction import Transaction

MOST_CLOCK_ERROR = timedelta(minutes=5)


@dataclass
class _Visit:
    """One repository in one run."""

    name: str
    slug: tuple[str, str]
    transaction: Transaction
    staging: Staging
    node_id: str
    old: Optional[CommitRecord]
    """The record whose facts still stand; `None` when all is read anew."""
    before: dict[str, Any]
    """The cursors that it left."""
    after: dict[str, Any] = field(default_factory=dict)


class GitHubFacts:
    """Brings what GitHub knows into a transaction; made once for a run, and asks nothing until `meet`."""

    def __init__(
        self,
        workspace: Workspace,
        manager: RepositoryManager,
        source: GitHubSource,
        *,
        rebind: bool = False,
        window: Window = Window(),  # noqa: B008 (frozen)
        staging: Optional[StorageManager] = None,
    ) -> None:
        """`staging`: where pages wait for the commit; by default in the store itself."""
        self._workspace = workspace
        self._manager = manager
        self._source = source
        self._rebind = rebind
        self._window = window
        self._staging = staging or workspace.storage()
        self._met: dict[str, GitHubRepository] = {}
        self._visits: list[_Visit] = []

    def meet(self) -> list[str]:
        """Ask what GitHub calls each repository, before any long work; returns warnings.

        Raises `AccessError` when the token is refused or a repository is not visible to it.
        """
        warnings = []
        began_s = time.monotonic()
        head = self._manager.head()
        for repository in self._workspace.settings.repositories:
            if repository.github:
                owner, _, name = repository.github.partition("/")
                stored = head.repositories.get(repository.github) if head else None
                known = stored.github_id if stored else ""
                found = self._met[repository.github] = self._source.get_repository(owner, name, known_id=known)
                if found.name_with_owner.casefold() != repository.github.casefold():
                    warnings.append(
                        f"{repository.github} is now called {found.name_with_owner} on GitHub: its facts stay under "
                        "the old name; leave `github` as it is, or start over under the new one"
                    )
        return [*warnings, *self._clock_warning(timedelta(seconds=time.monotonic() - began_s))]

    def _clock_warning(self, passed: timedelta) -> list[str]:
        server, here = self._source.server_time, self._workspace.now + passed
        if server is None or not self._workspace.on_the_clock or abs(server - here) <= MOST_CLOCK_ERROR:
            return []
        return [
            f"this machine's clock says {here:%Y-%m-%d %H:%M}, GitHub's {server:%Y-%m-%d %H:%M} UTC: correct it, since "
            "the newest period ends where this one stands"
        ]

    def bring(self, transaction: Transaction, name: str, repository: RepositorySettings, *, full: bool) -> GitHubNews:
        """Append what the store lacks. Nothing new is one request a stream, and no line.

        Raises `ConfigurationError` when GitHub's repository is another one than the stored and nobody said `--rebind`,
        `AccessError` or `UnreachableError` when GitHub does not give the facts: what came until then is kept for the
        next run, in `staging/`.
        """
        news = GitHubNews(name)
        visit = self._visit(transaction, name, repository, full=full)
        for step in (self._pull_requests, self._issues, self._deployments, self._releases):
            step(visit, news)
        news.cursors_moved = visit.after != visit.before
        transaction.set_cursors(name, {**transaction.cursors(name), CURSORS: visit.after})
        return news

    def tidy(self) -> None:
        """Remove what was staged, once it is committed; never fails."""
        for visit in self._visits:
            visit.staging.clear()

    def _visit(self, transaction: Transaction, name: str, repository: RepositorySettings, *, full: bool) -> _Visit:
        found = self._met[repository.github]
        stored = transaction.head.repositories.get(name) if transaction.head else None
        known = stored.github_id if stored else ""
        if known not in ("", found.node_id) and not self._rebind:
            message = f"{repository.github} on GitHub is not the repository that {name} was extracted from"
            raise ConfigurationError(message, remedy="correct `github`, or say --rebind to go over to this one")
        anew = full or known not in ("", found.node_id)
        if anew:
            _drop(transaction, name)
        _identify(transaction, name, found.node_id)
        owner, _, short = repository.github.partition("/")
        visit = _Visit(
            name=name,
            slug=(owner, short),
            transaction=transaction,
            staging=Staging(self._staging, name),
            node_id=found.node_id,
            old=None if anew else transaction.head,
            before=dict(transaction.cursors(name).get(CURSORS, {})),
        )
        self._visits.append(visit)
        return visit

    def _pull_requests(self, visit: _Visit, news: GitHubNews) -> None:
        since, base = self._since(visit), visit.before.get(PULL_REQUESTS.name)
        if format_utc(since) != (visit.before.get("since") or ""):
            base = None
        reading = self._open(visit, PULL_REQUESTS, base, since=format_utc(since))
        owner, name = visit.slug
        reading.read(
            lambda after: limited(self._source.get_pull_requests(owner, name, after), since, self._window.until), base
        )
        merged = self._merge(visit, reading)
        news.incomplete = merged.incomplete
        self._conclude(visit, news, reading, merged, base)
        visit.after["since"] = format_utc(since) or None

    def _since(self, visit: _Visit) -> Optional[datetime]:
        """From when on: where the first run began, unless this one reaches further back."""
        asked = self._window.since
        if not visit.before:
            return None if self._window.as_before else asked
        before = visit.before.get("since")
        if before is None:
            return None
        begun = parse_utc(before)
        return begun if self._window.as_before or (asked is not None and asked >= begun) else asked

    def _issues(self, visit: _Visit, news: GitHubNews) -> None:
        labels = sorted(self._workspace.settings.failures.incident_labels)
        visit.after["labels"] = labels
        if not labels:
            return
        base = visit.before.get(ISSUES.name) if visit.before.get("labels") == labels else None
        reading = self._open(visit, ISSUES, base, labels=labels)
        owner, name = visit.slug
        reading.read(lambda after: self._source.get_issues(owner, name, labels=labels, after=after), base)
        again, gone = self._without_label(visit, reading, labels, base)
        merged = self._merge(visit, reading, again, gone)
        self._conclude(visit, news, reading, merged, base)

    def _without_label(
        self, visit: _Visit, reading: Reading[Incident], labels: Sequence[str], base: Optional[str]
    ) -> tuple[Reading[Incident], list[Incident]]:
        """Incidents whose label was taken off, read again, and those that are gone altogether.

        All that bear a label on GitHub have just been read, so they are among ours: equal numbers are equal sets, and
        nothing needs to be asked.
        """
        words = {label.casefold() for label in labels}
        known = ISSUES.latest(chain(ISSUES.stored(self._manager, visit.name, visit.old), reading.facts()))
        ours = {key: issue for key, issue in known.items() if words & {label.casefold() for label in issue.labels}}
        again = self._open(visit, ISSUES, base, "_again", labels=labels)
        if reading.total == len(ours):
            return again, []
        missing = again.read_by_id(ours, self._source.get_issues_by_id)
        return again, [replace(ours[node_id], labels=()) for node_id in missing]

    def _deployments(self, visit: _Visit, news: GitHubNews) -> None:
        base = visit.before.get(DEPLOYMENTS.name)
        reading = self._open(visit, DEPLOYMENTS, base)
        owner, name = visit.slug
        reading.read(lambda after: self._source.get_deployments(owner, name, after), base)
        unfinished: dict[str, GitHubDeployment] = {}
        for deployment in chain(DEPLOYMENTS.stored(self._manager, visit.name, visit.old), reading.facts()):
            unfinished.pop(deployment.node_id, None)
            if not deployment.is_terminal:
                unfinished[deployment.node_id] = deployment
        again = self._open(visit, DEPLOYMENTS, base, "_again")
        missing = again.read_by_id(unfinished.keys() - reading.seen, self._source.get_deployments_by_id)
        gone = [replace(unfinished[node_id], is_terminal=True) for node_id in missing]
        self._conclude(visit, news, reading, self._merge(visit, reading, again, gone), base)

    def _releases(self, visit: _Visit, news: GitHubNews) -> None:
        """Replace the stored list when any release is new, edited or gone."""
        reading = self._open(visit, RELEASES, None)
        owner, name = visit.slug
        reading.read_whole(lambda after: self._source.get_releases(owner, name, after))
        now = RELEASES.latest(reading.facts())
        before = RELEASES.latest(RELEASES.stored(self._manager, visit.name, visit.old))
        if now != before:
            with visit.transaction.open_segment(visit.name, RELEASES.name, replace=True) as segment:
                for release in sorted(now.values(), key=RELEASES.order):
                    segment.append(RELEASES.codec.encode(release))
            note_releases(news, before, now)

    def _open(
        self, visit: _Visit, stream: FactStream[Fact], base: Optional[str], again: str = "", **asked: object
    ) -> Reading[Fact]:
        binding = {"repository": visit.node_id, "full": visit.old is None, "base": base, **asked}
        self._workspace.progress.begin(f"Reading {stream.noun}s of {visit.name}")
        staged = visit.staging.open(stream.name + again, binding)
        return Reading(stream, staged, self._source, self._workspace.progress)

    def _merge(
        self, visit: _Visit, reading: Reading[Fact], again: Optional[Reading[Fact]] = None, gone: Iterable[Fact] = ()
    ) -> Merged:
        stream = reading.stream
        last = [stream.codec.encode(fact) for fact in gone]
        sources = [reading.staged.lines, *([again.staged.lines] if again else []), lambda: last]
        self._workspace.progress.end()
        return merge(
            visit.transaction,
            visit.name,
            stream,
            sources,
            lambda: stream.stored(self._manager, visit.name, visit.old),
        )

    def _conclude(
        self, visit: _Visit, news: GitHubNews, reading: Reading[Any], merged: Merged, base: Optional[str]
    ) -> None:
        """Count, and move the cursor: not for nothing, since that would be a change of the store."""
        news.note(reading.stream.noun, merged)
        moved = merged.anything or reading.pages > 1 or base is None
        visit.after[reading.stream.name] = reading.cursor if moved else base


def _drop(transaction: Transaction, name: str) -> None:
    """Name none of GitHub's facts and cursors of this repository any more."""
    for stream in STREAMS:
        transaction.open_segment(name, stream.name, replace=True).close()
    transaction.set_cursors(name, {key: value for key, value in transaction.cursors(name).items() if key != CURSORS})


def _identify(transaction: Transaction, name: str, node_id: str) -> None:
    identity = transaction.identity(name)
    if identity is None:
        transaction.set_repository(name, github_id=node_id)
    elif identity.github_id != node_id:
        transaction.set_repository(name, **{**vars(identity), "github_id": node_id})
