"""What the oracle starts from: one repository's raw facts and a person's words, with sets of ancestors by brute force.

The oracle computes the five metrics a second time, straight from the definitions and as plainly as Python can: nothing
here or in the other `oracle_*` files comes from the processors or the calculators.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Optional

from dora_metrics.config import Settings
from dora_metrics.domain.github_facts import GitHubDeployment, Incident, Release
from dora_metrics.domain.models import Annotation, Commit, PullRequest, Tag

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
GIT_BEGAN = datetime(2005, 4, 7, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def when(seconds: Optional[int]) -> Optional[datetime]:
    """The instant of Unix seconds."""
    return None if seconds is None else EPOCH + timedelta(seconds=seconds)


def parse(text: str) -> datetime:
    """The instant of `2025-03-02T14:05:00Z`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


@dataclass
class World:
    """The facts and the settings under which they are judged."""

    settings: Settings
    repository: str
    tip: str
    as_of: datetime
    commits: dict[str, Commit] = field(default_factory=dict)
    tags: list[Tag] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    github_deployments: list[GitHubDeployment] = field(default_factory=list)
    pull_requests: list[PullRequest] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    since: Optional[datetime] = None
    until: Optional[datetime] = None
    _ancestors: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    _rows: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def ancestors(self, sha: str) -> frozenset[str]:
        """Anc(c): the commit and all that it reaches; nothing for one that the clone lacks."""
        if sha not in self.commits:
            return frozenset()
        if sha not in self._ancestors:
            found = {sha}
            for parent in self.commits[sha].parents:
                found |= self.ancestors(parent)
            self._ancestors[sha] = frozenset(found)
        return self._ancestors[sha]

    def is_merge(self, sha: str) -> bool:
        return len(self.commits[sha].parents) > 1

    def committed(self, sha: str) -> datetime:
        """t(c)."""
        at = when(self.commits[sha].committed_s)
        assert at is not None
        return at

    def written(self, sha: str) -> datetime:
        """a(c), or t(c) where a(c) cannot be true."""
        return written(self.commits[sha].authored_s, self.commits[sha].committed_s)

    def line(self) -> list[str]:
        """The branch's first-parent line, oldest first."""
        found, here = [], self.tip
        while here:
            found.append(here)
            parents = self.commits[here].parents
            here = parents[0] if parents else ""
        return found[::-1]

    def row(self, key: str) -> dict[str, str]:
        """A person's decisions in force on one row: the latest of each column, without those taken back."""
        if key not in self._rows:
            said = sorted((a for a in self.annotations if a.key == key), key=lambda a: a.accepted_at)
            latest = {a.column: a.value for a in said}
            self._rows[key] = {column: value for column, value in latest.items() if value != "-"}
        return self._rows[key]


def written(authored_s: Optional[int], committed_s: Optional[int]) -> datetime:
    """a(c), or t(c) where a(c) lies before git or more than a day after t(c)."""
    authored, committed = when(authored_s), when(committed_s)
    assert authored is not None
    assert committed is not None
    return committed if authored < GIT_BEGAN or authored > committed + DAY else authored


def said(row: dict[str, str], column: str) -> Optional[bool]:
    """A yes or no; `None` when nothing was said."""
    return {"yes": True, "no": False}.get(row.get(column, ""))


def is_explicit(row: dict[str, str]) -> bool:
    """`reviewed = yes`, or any decision."""
    return row["reviewed"] == "yes" if "reviewed" in row else bool(row)
