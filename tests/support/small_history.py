"""Small histories written as people draw them, judged without git: the input of tables of rules.

Commits are letters, days are numbers since 2025-01-01T00:00:00Z.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from dora_metrics.config import DeploymentSettings, FailureSettings, MetricSettings, ServiceSettings, Settings
from dora_metrics.domain.history import History
from dora_metrics.domain.models import Annotation, Commit, Dataset, Deployment, Tag
from dora_metrics.domain.timestamps import to_seconds
from dora_metrics.processors.judgement import Facts, judge
from dora_metrics.processors.services import Judged, judge_repository

DAY_ZERO = datetime(2025, 1, 1, tzinfo=timezone.utc)
REPOSITORY = "acme/shop"


def day(number: float) -> datetime:
    """The instant `number` days after the beginning."""
    return DAY_ZERO + timedelta(days=number)


def sha(letter: str) -> str:
    """The full hash of the commit that a test calls by this letter."""
    return hashlib.sha1(letter.encode(), usedforsecurity=False).hexdigest()


class SmallHistory:
    """Commits, tags, pull heads and decisions, each added by one short line."""

    def __init__(self) -> None:
        self.commits: dict[str, Commit] = {}
        self.tags: list[Tag] = []
        self.heads: dict[int, str] = {}
        self.annotations: list[Annotation] = []
        self.branch = ""
        self.path_prefix = ""
        self.services: tuple[ServiceSettings, ...] = ()

    def commit(
        self,
        letter: str,
        parents: str = "",
        *,
        at: float = 0,
        written: Optional[float] = None,
        message: str = "",
        author: str = "Ada",
        branch: bool = True,
        files: str = "",
    ) -> SmallHistory:
        """One commit on top of those that the letters of `parents` name; `branch=False` leaves the branch alone.

        `files` are paths with spaces between.
        """
        self.commits[letter] = Commit(
            sha=sha(letter),
            parents=tuple(sha(parent) for parent in parents),
            author=author,
            authored_s=to_seconds(day(at if written is None else written)),
            committed_s=to_seconds(day(at)),
            message=message or f"change {letter}",
            files_changed=tuple(files.split()),
        )
        if branch:
            self.branch = letter
        return self

    def line(self, letters: str, *, step: float = 1) -> SmallHistory:
        """A linear history: the first letter at day 0, each further one `step` days later."""
        for position, letter in enumerate(letters):
            self.commit(letter, letters[position - 1] if position else "", at=position * step)
        return self

    def tag(self, name: str, letter: str, *, at: Optional[float] = None) -> SmallHistory:
        """An annotated tag of that time; without one a lightweight tag."""
        tagged_s = None if at is None else to_seconds(day(at))
        self.tags.append(Tag(name, sha(letter), tagged_s, annotated=at is not None))
        return self

    def head(self, number: int, letter: str) -> SmallHistory:
        """`refs/pull/<number>/head`."""
        self.heads[number] = sha(letter)
        return self

    def say(self, key: str, service: str = "", **decisions: str) -> SmallHistory:
        """A person's decisions on one row; a one-letter key is that commit's row."""
        row = f"commit:{sha(key)}" if len(key) == 1 else key
        for column, value in decisions.items():
            self.annotations.append(
                Annotation(REPOSITORY, service, row, column, value, day(100 + len(self.annotations)), "0" * 64, 2)
            )
        return self

    def facts(self) -> Facts:
        """What git would have said."""
        return Facts(
            repository=REPOSITORY,
            history=History.from_commits(
                self.commits.values(),
                path_prefix=self.path_prefix,
                services={service.name: service.path_prefix for service in self.services},
            ),
            branch_tip=sha(self.branch) if self.branch else None,
            tags=self.tags,
            pull_heads=self.heads,
            tips=[sha(self.branch)] if self.branch else [],
        )

    def judged(self, **settings: Any) -> Dataset:
        """The dataset under the defaults, changed by keys of any section (`release_line=…`, `window_days=…`)."""
        return judge(self.facts(), settings_with(**settings), self.annotations)

    def judged_services(self, **settings: Any) -> Judged:
        """The datasets of all `services`, judged together."""
        return judge_repository(self.facts(), self.services, settings_with(**settings), self.annotations)


def settings_with(**keys: Any) -> Settings:
    """The default settings with these keys changed, whatever their section."""
    sections: Mapping[str, Any] = {
        "deployments": DeploymentSettings(),
        "failures": FailureSettings(),
        "metrics": MetricSettings(),
    }
    changed = {
        name: replace(section, **{key: value for key, value in keys.items() if hasattr(section, key)})
        for name, section in sections.items()
    }
    unknown = [key for key in keys if not any(hasattr(section, key) for section in sections.values())]
    assert not unknown, unknown
    return Settings(**changed)


def kinds(dataset: Dataset) -> list[str]:
    """The kinds of the deployments, in order."""
    return [deployment.kind for deployment in dataset.deployments]


def new_by_tag(dataset: Dataset) -> dict[str, set[str]]:
    """For each deployment's tag, the letters of the changes it delivered first."""
    letters = {sha(letter): letter for letter in map(chr, range(33, 127))}
    delivered: dict[str, set[str]] = {deployment.tag: set() for deployment in dataset.deployments}
    by_key = {deployment.key: deployment.tag for deployment in dataset.deployments}
    for change in dataset.changes:
        if change.deployment is not None:
            delivered[by_key[change.deployment]] |= {letters[own] for own in change.commits}
    return delivered


def change(dataset: Dataset, name: str) -> Any:
    """The change of a commit by its letter, or of a pull request by `#12`."""
    key = f"pr:{name[1:]}" if name.startswith("#") else f"commit:{sha(name)}"
    return next(found for found in dataset.changes if found.key == key)


def days(span: Optional[timedelta]) -> Optional[float]:
    """A duration in days; `None` stays."""
    return None if span is None else span / timedelta(days=1)


def deployment_record(key: str, letter: str, *, at: float, source: str = "deployment", **more: Any) -> Deployment:
    """A record of a source that git does not know, as another extractor would give it."""
    return Deployment(
        key=key, repository=REPOSITORY, commit_sha=sha(letter), deployed_at=day(at), source=source, **more
    )


def by_key(deployments: Iterable[Deployment]) -> dict[str, Deployment]:
    """Deployments by key."""
    return {deployment.key: deployment for deployment in deployments}
