"""The metrics of everything pooled, and of each service or repository by itself, from tables that are read once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Optional

from dora_metrics.domain.measurements import Results
from dora_metrics.domain.models import dataset_name
from dora_metrics.pipeline.numbers import Frames, frames_at, read_frames, results_of
from dora_metrics.pipeline.selection import Place, wanted_places
from dora_metrics.pipeline.workspace import Workspace


@dataclass(frozen=True)
class PartResults:
    """The metrics of one dataset, or of all services of one repository."""

    repository: str
    service: str
    """Empty for a whole repository."""
    results: Results

    @property
    def name(self) -> str:
        """What people call it."""
        return dataset_name(self.repository, self.service)


@dataclass(frozen=True)
class Breakdown:
    """All of it pooled, and part by part in the order of the configuration: never ranked, never averaged."""

    pooled: Results
    parts: tuple[PartResults, ...]


def calculate_by(
    workspace: Workspace, by: str, *, since: Optional[datetime] = None, until: Optional[datetime] = None
) -> Breakdown:
    """The metrics pooled, and by `service` or `repository`; nothing is written."""
    return results_by(workspace, read_frames(workspace), by=by, since=since, until=until)


def results_by(
    workspace: Workspace,
    frames: Frames,
    *,
    by: str = "service",
    since: Optional[datetime] = None,
    until: Optional[datetime] = None,
) -> Breakdown:
    """The metrics of `frames` (of `read_frames`) pooled, and of each service or repository.

    Each part begins with its own first deployment. Rows are pooled, results never.
    """
    parts: list[PartResults] = []
    for (repository, service), places in _groups(wanted_places(workspace), by).items():
        alone = replace(workspace, repository=repository, service=service)
        results = results_of(alone, frames_at(frames, places), since=since, until=until)
        parts.append(PartResults(repository, service, results))
    return Breakdown(results_of(workspace, frames, since=since, until=until), tuple(parts))


def _groups(places: list[Place], by: str) -> dict[Place, list[Place]]:
    grouped: dict[Place, list[Place]] = {}
    for repository, service in places:
        grouped.setdefault((repository, service if by == "service" else ""), []).append((repository, service))
    return grouped
