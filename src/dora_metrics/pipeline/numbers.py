"""The master dataset as typed tables, and the metrics of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Optional

from dora_metrics.domain.measurements import Results
from dora_metrics.domain.quality import QualityFinding
from dora_metrics.pipeline.derive import QUALITY, tables_of
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
    record: CommitRecord
    quality: tuple[QualityFinding, ...] = ()
    """How far the data behind them can be trusted, the gravest first."""


def read_frames(workspace: Workspace) -> Frames:
    """The tables of the head of the store, under the settings in force. `ConfigurationError` before any `extract`."""
    manager = workspace.manager()
    record = require_head(workspace, manager)
    return frames_of(tables_of(workspace, manager, record), record)


def frames_of(tables: Mapping[str, bytes], record: CommitRecord) -> Frames:
    """The tables, by file name, with typed columns."""
    from dora_metrics.calculators.frames import (  # noqa: PLC0415 (pandas)
        read_changes,
        read_deployments,
        read_incidents,
    )

    return Frames(
        read_changes(tables["changes.csv"]),
        read_deployments(tables["deployments.csv"]),
        read_incidents(tables["incidents.csv"]),
        record,
        parse_quality(tables[QUALITY]),
    )


def results_of(
    workspace: Workspace,
    frames: Frames,
    *,
    since: Optional[datetime] = None,
    until: Optional[datetime] = None,
    grain: str = "",
) -> Results:
    """The metrics of `frames`, by the configured length of period or by `grain`."""
    from dora_metrics.calculators.metrics import calculate_results  # noqa: PLC0415 (pandas)

    metrics = workspace.settings.metrics
    results = calculate_results(
        frames.changes,
        frames.deployments,
        frames.incidents,
        as_of=frames.record.as_of or frames.record.time,
        grain=grain or metrics.period,
        timezone=metrics.timezone,
        fiscal_start_month=metrics.fiscal_start_month,
        repositories=tuple(workspace.names()),
        since=since,
        until=until,
        levels=metrics.levels,
        maturity_days=workspace.settings.failures.maturity_days,
    )
    return replace(results, quality=frames.quality)
