"""A small team's quarter as results: everything that the texts must be able to say occurs once."""

from __future__ import annotations

from typing import Any

from dora_metrics import calculate_results
from dora_metrics.domain.measurements import Results
from support.metric_frames import (
    Row,
    change,
    changes_frame,
    day,
    deployment,
    deployments_frame,
    failure,
    incidents_frame,
)

WAITS_H = (2.0, 4.5, 8.0, 20.5, 31.0, 50.0, 170.0)


def a_quarter(**settings: Any) -> Results:
    """Monthly from 6 January to 10 March 2025; February is empty."""
    changes: list[Row] = [change(day(9), hours) for hours in WAITS_H]
    changes += [change(day(9), left_out="negative"), change(day(5), left_out="left_truncated")]
    changes += [change(None, merged_at=day(20), started_at=day(18)), change(day(60), 3.25, is_bot=True)]
    deployments = [
        deployment(day(5), "initial"),
        failure(day(9), day(9.5), day(9.75)),
        failure(day(12), day(13), day(12.5), failure_provenance="explicit"),
        failure(day(14)),
        deployment(day(16), "rollback"),
        deployment(day(60)),
    ]
    incidents: list[Row] = [{"started_at": day(20), "attribution": "unattributed"}]
    asked: dict[str, Any] = {"as_of": day(68), "grain": "monthly", "timezone": "UTC", "fiscal_start_month": 1}
    return calculate_results(
        changes_frame(changes),
        deployments_frame(deployments),
        incidents_frame(incidents),
        repositories=("acme/shop",),
        **{**asked, **settings},
    )


def nothing_deployed() -> Results:
    return calculate_results(
        changes_frame([]),
        deployments_frame([]),
        incidents_frame(),
        as_of=day(3),
        grain="quarterly",
        timezone="UTC",
        fiscal_start_month=1,
        repositories=(),
    )
