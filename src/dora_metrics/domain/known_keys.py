"""Which rows and causes a person may name: everything that was ever extracted, and nothing else."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from typing import Optional, Protocol

from dora_metrics.domain.models import Dataset
from dora_metrics.domain.review import ReviewRow
from dora_metrics.domain.typed_values import Unreadable, require_undamaged

_HASH = re.compile(r"(?:commit:)?([0-9a-f]{7,64})", re.ASCII | re.IGNORECASE)
_ISSUE = re.compile(r"issue:(\d{1,18})", re.ASCII | re.IGNORECASE)
_PULL_REQUEST = re.compile(r"(?:#|pr:)(\d{1,18})", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\d+([.,]\d+)?", re.ASCII)


class RowLookup(Protocol):
    """Finds a row of the review file by its key."""

    def get(self, key: str, /) -> Optional[ReviewRow]:
        """The row as it stands, or at least its facts; `None` when there is none."""


class Unknown(Unreadable):
    """A key that was never extracted."""


@dataclass(frozen=True)
class KnownService:
    """What one service's data hold."""

    repository: str
    service: str = ""
    commits: Collection[str] = frozenset()
    """Full hashes of every stored commit, the unreachable ones included."""
    unreachable: frozenset[str] = frozenset()
    """Of `commits`, those that a force-push took away."""
    deployments: frozenset[str] = frozenset()
    """Keys of deployments, and of the records that are evidence of one."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tag to the key of the first deployment made of it."""
    pull_requests: frozenset[int] = frozenset()
    issues: frozenset[int] = frozenset()
    rows: RowLookup = field(default_factory=dict[str, ReviewRow])
    """The rows as they stand, to find facts that were edited in the file; may be empty."""

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self.commits)

    def row_key(self, typed: str) -> str:
        """The full key of the row that `typed` names; hashes may be abbreviated or in upper case.

        Raises `Unknown` for what was never extracted, `Unreadable` for what is damaged or names several commits.
        """
        as_written = typed.startswith("commit:") and typed[len("commit:") :] in self.commits
        if as_written or typed in self.deployments:
            return typed
        issue = _ISSUE.fullmatch(typed)
        if issue and int(issue[1]) in self.issues:
            return f"issue:{int(issue[1])}"
        require_undamaged(typed)
        found = _HASH.fullmatch(typed)
        if found:
            return self._commit(found[1].lower())
        problem = "names no row of the extracted data"
        raise Unknown(problem, remedy="leave the key column as it was written")

    def cause(self, typed: str) -> str:
        """`none`, a deployment's key, `#<number>` or `commit:<full hash>`: what `typed` names.

        Raises `Unknown` or `Unreadable`, as `row_key` does.
        """
        if typed.casefold() == "none":
            return "none"
        if typed in self.deployments:
            return typed
        self._require_whole_version(typed)
        if typed in self.tags:
            return self.tags[typed]
        require_undamaged(typed)
        number = _PULL_REQUEST.fullmatch(typed)
        if number and int(number[1]) in self.pull_requests:
            return f"#{int(number[1])}"
        found = _HASH.fullmatch(typed)
        if found:
            return self._commit(found[1].lower())
        remedy = "name a tag that was deployed, a merged pull request as #123, a commit, or none"
        problem = "names no tag, pull request or commit of the extracted data"
        raise Unknown(problem, remedy=remedy)

    def _require_whole_version(self, typed: str) -> None:
        if not _NUMBER.fullmatch(typed):
            return
        value = float(typed.replace(",", "."))
        alike = [tag for tag in self.tags if _NUMBER.fullmatch(tag) and float(tag.replace(",", ".")) == value]
        if alike and alike != [typed]:
            keys = " or ".join(self.tags[tag] for tag in alike)
            problem = "may have lost a zero in a spreadsheet"
            raise Unreadable(problem, remedy=f"write {keys}")

    def _commit(self, prefix: str) -> str:
        if prefix in self.commits:
            return f"commit:{prefix}"
        start = bisect_left(self._in_order, prefix)
        alike = list(takewhile(lambda sha: sha.startswith(prefix), self._in_order[start : start + 3]))
        if not alike:
            problem = "names no commit that was extracted"
            raise Unknown(problem, remedy="run `dora-metrics update`, or remove the row")
        if len(alike) > 1:
            problem = f"names more than one commit: {', '.join(alike)}"
            raise Unreadable(problem, remedy="write more of the hash")
        return f"commit:{alike[0]}"


def known_service(
    dataset: Dataset,
    commits: Collection[str],
    rows: Optional[RowLookup] = None,
    decided: Iterable[str] = (),
    issues: Iterable[int] = (),
) -> KnownService:
    """What may be named of `dataset`; `commits` are the full hashes of every stored commit.

    `issues` are the numbers of every stored issue, those included that lost their incident label.

    `rows` are its rows as they stand. `decided` are its keys that hold decisions: their rows stay known when the
    deployment they speak of is gone.
    """
    unreachable = frozenset(dataset.unreachable)
    tags: dict[str, str] = {}
    for deployment in dataset.deployments:
        if deployment.tag:
            tags.setdefault(deployment.tag, deployment.key)
    return KnownService(
        repository=dataset.repository,
        service=dataset.service,
        commits=commits if all(sha in commits for sha in unreachable) else unreachable.union(commits),
        unreachable=unreachable,
        deployments=frozenset(key for d in dataset.deployments for key in (d.key, *d.evidence)).union(
            key for key in decided if not key.startswith(("commit:", "issue:"))
        ),
        tags=tags,
        pull_requests=frozenset(c.pull_request for c in dataset.changes if c.pull_request).union(dataset.unresolved),
        issues=frozenset(failure.issue for failure in dataset.failures if failure.issue is not None).union(issues),
        rows={} if rows is None else rows,
    )


def find_service(known: Sequence[KnownService], repository: str, service: str) -> KnownService:
    """The one that a row's two cells name; a blank cell names the only one there is.

    Raises `Unknown` when there is none, `Unreadable` when several fit.
    """
    fitting = [one for one in known if repository in {one.repository, ""} and service in {one.service, ""}]
    exact = [one for one in fitting if (one.repository, one.service) == (repository, service)]
    remedy = "leave the columns repository and service as they were written"
    if not fitting:
        problem = "is a row of a repository or service that was never extracted"
        raise Unknown(problem, remedy=remedy)
    if len(exact or fitting) > 1:
        problem = "could belong to more than one repository or service"
        raise Unreadable(problem, remedy=remedy)
    return (exact or fitting)[0]
