"""What the rows of the review file show before anything is proposed or decided: each is made when it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Optional

from dora_metrics.domain.history import History
from dora_metrics.domain.links import deployment_url, issue_url
from dora_metrics.domain.models import Dataset, Deployment, Failure
from dora_metrics.domain.review import LineCommit, ReviewRow
from dora_metrics.processors.review_findings import Places, deployment_name, find_places


class BranchLine(Mapping[str, LineCommit]):
    """The branch's first-parent line, newest first, as the review file shows it: commits by their full hashes.

    A commit is made each time it is asked for: a hundred thousand of them at once are 15 MB.
    """

    def __init__(self, dataset: Dataset, history: History) -> None:
        """`history` is the one that `dataset` was made of."""
        self._line = dataset.line
        self._history = history
        self._merged = {change.merge_commit: change for change in dataset.changes if change.pull_request is not None}
        self._on_line = bytearray(len(history))
        for sha in self._line:
            commit = history.graph.find(sha)
            if commit is not None:
                self._on_line[commit] = 1

    def __len__(self) -> int:
        return len(self._line)

    def __iter__(self) -> Iterator[str]:
        return iter(self._line)

    def __contains__(self, sha: object) -> bool:
        return isinstance(sha, str) and self._find(sha) is not None

    def __getitem__(self, sha: str) -> LineCommit:
        commit = self._find(sha)
        if commit is None:
            raise KeyError(sha)
        change = self._merged.get(sha)
        return LineCommit(
            sha=sha,
            committed_at=self._history.committed_at(commit),
            title=self._history.subjects[commit] if change is None else change.title,
            pull_request=None if change is None else change.pull_request,
            labels=None if change is None else change.labels,
        )

    def _find(self, sha: str) -> Optional[int]:
        commit = self._history.graph.find(sha)
        return commit if commit is not None and self._on_line[commit] else None


class RowFacts:
    """Makes the facts of each kind of row of one service."""

    def __init__(self, dataset: Dataset, places: Places, host: str) -> None:
        """`host` begins the address of each page on GitHub."""
        self._repository = dataset.repository
        self._service = dataset.service
        self._host = host
        self._places = places
        self._names = {made.key: deployment_name(made) for made in dataset.deployments}
        self._made_of = {row: key for key, row in places.deployment.items() if row != key}
        self._labels = {
            places.change[change.key]: change.labels
            for change in dataset.changes
            if change.labels and change.key in places.change
        }

    def made_of(self, key: str) -> Optional[str]:
        """The key of the deployment that the commit row `key` speaks of; `None` when it speaks of none."""
        return self._made_of.get(key)

    def of_commit(self, commit: LineCommit) -> ReviewRow:
        """A commit of the line."""
        key = f"commit:{commit.sha}"
        key = self._places.change.get(key, key)  # the text that the change has already, not another copy
        return ReviewRow(
            key=key,
            repository=self._repository,
            service=self._service,
            date=commit.committed_at,
            pull_request=commit.pull_request,
            title=commit.title,
            labels=self._labels.get(key) if commit.labels is None else commit.labels,
            host=self._host,
            deployment=self._names.get(self._made_of.get(key, ""), ""),
        )

    def of_deployment(self, made: Deployment) -> ReviewRow:
        """A deployment that no commit's row speaks of."""
        name = self._names[made.key]
        return ReviewRow(
            key=made.key,
            repository=self._repository,
            service=self._service,
            date=made.deployed_at,
            title=f"{made.source} {name}",
            page=deployment_url(made, self._host),
            deployment=name,
        )

    def of_incident(self, failure: Failure, issue: int) -> ReviewRow:
        """An incident issue."""
        return ReviewRow(
            key=f"issue:{issue}",
            repository=self._repository,
            service=self._service,
            date=failure.began_at,
            title=failure.title,
            page=issue_url(self._repository, issue, self._host),
            deployment=self._names.get(failure.deployment or "", ""),
        )


class ShownRows:
    """Finds the facts of one row by its key, as the review file shows them now; keeps no row."""

    def __init__(self, dataset: Dataset, history: History, decided: Collection[str], host: str) -> None:
        """`history` is the one that `dataset` was made of; `decided` are keys that hold decisions."""
        self._nothing = ReviewRow(key="", repository=dataset.repository, service=dataset.service)
        self._decided = decided
        self._line = BranchLine(dataset, history)
        places = find_places(dataset, self._line)
        self._facts = RowFacts(dataset, places, host)
        self._deployments: Mapping[str, Deployment] = {
            made.key: made for made in dataset.deployments if places.deployment[made.key] == made.key
        }
        self._failures = {f"issue:{made.issue}": made for made in dataset.failures if made.issue is not None}

    def get(self, key: str) -> Optional[ReviewRow]:
        """The row, without what is proposed and decided; `None` when there is none."""
        found = self._found(key)
        if found is None and key in self._decided:
            return self._nothing._replace(key=key)
        return found

    def _found(self, key: str) -> Optional[ReviewRow]:
        kind, _, name = key.partition(":")
        if kind == "commit":
            commit = self._line.get(name)
            return None if commit is None else self._facts.of_commit(commit)
        failure = self._failures.get(key)
        if failure is not None and failure.issue is not None:
            return self._facts.of_incident(failure, failure.issue)
        made = self._deployments.get(key)
        return None if made is None else self._facts.of_deployment(made)
