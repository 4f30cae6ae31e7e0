"""The metrics of everything pooled, and of each dataset by itself, from tables that are read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Optional

from dora_metrics.domain.measurements import Results
from dora_metrics.domain.models import dataset_name
from dora_metrics.pipeline.numbers import Frames, read_frames, results_of
from dora_metrics.pipeline.selection import EVERYTHING, Place, Selection, frames_at
from dora_metrics.pipeline.workspace import Workspace

BY = ("service", "repository")


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
    by: str = "service"


def calculate_by(
    workspace: Workspace,
    by: str,
    *,
    since: Optional[datetime] = None,
    until: Optional[datetime] = None,
    selection: Selection = EVERYTHING,
) -> Breakdown:
    """The metrics pooled and by `service` or `repository`; nothing is written."""
    return results_by(workspace, read_frames(workspace), by=by, since=since, until=until, selection=selection)


def results_by(
    workspace: Workspace,
    frames: Frames,
    *,
    by: str = "service",
    since: Optional[datetime] = None,
    until: Optional[datetime] = None,
    selection: Selection = EVERYTHING,
) -> Breakdown:
    """The metrics of `frames` pooled, and of each service or repository; each from its own first deployment on."""
    places = selection.places(workspace)
    parts = []
    for (repository, service), held in _groups(places, by).items():
        results = results_at(workspace, frames, held, since=since, until=until)
        parts.append(PartResults(repository, service, results))
    return Breakdown(results_at(workspace, frames, places, since=since, until=until), tuple(parts), by)


def results_at(
    workspace: Workspace,
    frames: Frames,
    places: Sequence[Place],
    *,
    since: Optional[datetime] = None,
    until: Optional[datetime] = None,
) -> Results:
    """The metrics of the rows of `frames` at `places`, pooled item by item."""
    results = results_of(workspace, frames_at(frames, places), since=since, until=until)
    repositories = tuple(dict.fromkeys(repository for repository, _ in places))
    services = tuple(dict.fromkeys(service for _, service in places if service))
    return replace(results, repositories=repositories, services=services)


def _groups(places: Sequence[Place], by: str) -> dict[Place, list[Place]]:
    grouped: dict[Place, list[Place]] = {}
    for repository, service in places:
        grouped.setdefault((repository, service if by == "service" else ""), []).append((repository, service))
    return grouped
