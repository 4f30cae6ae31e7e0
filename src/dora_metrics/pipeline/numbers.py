"""The master dataset as typed tables, and the metrics of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Optional

from dora_metrics.domain.measurements import Results
from dora_metrics.domain.quality import QualityFinding
from dora_metrics.pipeline.derive import QUALITY, tables_of
from dora_metrics.pipeline.github_window import CURSORS
from dora_metrics.pipeline.selection import Place, all_places, rows_at, wanted_places
from dora_metrics.pipeline.stored import require_head
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.quality_json import parse_quality

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Frames:
    """The master dataset as tables of typed columns."""

    changes: pd.DataFrame
    deployments: pd.DataFrame
    incidents: pd.DataFrame
    commits: pd.DataFrame
    record: CommitRecord
    quality: tuple[QualityFinding, ...] = ()
    """How far the data behind them can be trusted, the gravest first."""


def read_frames(workspace: Workspace) -> Frames:
    """The tables of the head of the store, under the settings in force, with the rows of the datasets that are wanted.

    Raises `ConfigurationError` before any `extract`, and for a repository or service that is not configured.
    """
    manager = workspace.manager()
    record = require_head(workspace, manager)
    places = wanted_places(workspace)
    frames = frames_of(tables_of(workspace, manager, record), record)
    return frames if places == all_places(workspace) else frames_at(frames, places)


def frames_at(frames: Frames, places: Collection[Place]) -> Frames:
    """Only the rows at `places`."""
    return Frames(
        rows_at(frames.changes, places),
        rows_at(frames.deployments, places),
        rows_at(frames.incidents, places),
        rows_at(frames.commits, places),
        frames.record,
    )


def frames_of(tables: Mapping[str, bytes], record: CommitRecord) -> Frames:
    """The tables, by file name, with typed columns."""
    from dora_metrics.calculators.frames import (  # noqa: PLC0415 (pandas)
        read_changes,
        read_commits,
        read_deployments,
        read_incidents,
    )

    return Frames(
        read_changes(tables["changes.csv"]),
        read_deployments(tables["deployments.csv"]),
        read_incidents(tables["incidents.csv"]),
        read_commits(tables["commits.csv"]),
        record,
        parse_quality(tables[QUALITY]),
    )


def results_of(
    workspace: Workspace,
    frames: Frames,
    *,
    since: Optional[datetime] = None,
    until: Optional[datetime] = None,
    profile: str = "",
    grain: str = "",
) -> Results:
    """The metrics of `frames`, whose rows are those of the datasets that are wanted, pooled.

    By the definitions of `profile` and in periods of `grain`; empty = the settings'.
    """
    from dora_metrics.calculators.metrics import calculate_results  # noqa: PLC0415 (pandas)

    metrics, places = workspace.settings.metrics, wanted_places(workspace)
    results = calculate_results(
        frames.changes,
        frames.deployments,
        frames.incidents,
        as_of=frames.record.as_of or frames.record.time,
        grain=grain or metrics.period,
        timezone=metrics.timezone,
        fiscal_start_month=metrics.fiscal_start_month,
        repositories=tuple(dict.fromkeys(repository for repository, _ in places)),
        since=since,
        until=until,
        levels=metrics.levels,
        maturity_days=workspace.settings.failures.maturity_days,
        commits=frames.commits,
        profile=profile or metrics.profile,
        knows_issues=any(CURSORS in cursors for cursors in frames.record.cursors.values()),
    )
    services = tuple(dict.fromkeys(service for _, service in places if service))
    return replace(results, services=services, quality=frames.quality)
