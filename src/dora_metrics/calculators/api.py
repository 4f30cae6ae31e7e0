"""The Python API: each metric of a DataFrame as plain numbers by period.

The frames are those of data/processed: changes.csv for the lead time, deployments.csv for the others, read by
`dora_metrics.calculators.frames` or by `pandas.read_csv`. For intervals, counts and reasons: `calculate_results`.
"""

from __future__ import annotations

import math
from datetime import timezone as fixed_zone
from typing import TYPE_CHECKING, NamedTuple, Optional

from dora_metrics.calculators import metrics
from dora_metrics.calculators.windows import from_unix, make_span, make_windows, to_unix
from dora_metrics.domain.periods import check_grain, load_zone
from dora_metrics.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pandas as pd

    from dora_metrics.calculators.windows import Window

HOUR_S = 3600
CHANGE_TIMES = ("deployed_at", "merged_at", "created_at", "ready_at", "first_review_at")
"""Without the times of commits: their authors' clocks may run ahead by years."""
DEPLOYMENT_TIMES = ("deployed_at", "began_at", "restored_at")


class _Cut(NamedTuple):
    zone: ZoneInfo
    windows: tuple[Window, ...]


def calculate_lead_time(
    changes: pd.DataFrame,
    period: str,
    *,
    as_of: Optional[datetime] = None,
    timezone: str = "UTC",
    fiscal_start_month: int = 1,
) -> dict[str, float]:
    """Median hours from commit to users of the changes deployed in each period, by the period's label.

    All periods from the first deployment of a change to `as_of` (default: the newest time in the frame that is not a
    commit's own), in order of time; NaN where nothing was deployed. `period` is `daily`, `weekly`, `monthly`,
    `quarterly`, `yearly`, a rolling window such as `30d`, or `all`. Raises `ConfigurationError` for an unknown period
    or timezone, `InputError` for a missing or unreadable column.
    """
    cut = _cut(changes, period, CHANGE_TIMES, as_of, timezone, fiscal_start_month)
    answers = metrics.calculate_lead_time(changes, cut.windows)
    return _by_label(cut, (_hours(answer.spread.median_s) for answer in answers))


def calculate_deployment_frequency(
    deployments: pd.DataFrame,
    period: str,
    *,
    as_of: Optional[datetime] = None,
    timezone: str = "UTC",
    fiscal_start_month: int = 1,
) -> dict[str, float]:
    """Deployments a covered day in each period, by the period's label; redeploys and rollbacks do not count.

    0 where nothing was deployed, NaN where no part of the period is covered. Periods, parameters and errors as for
    `calculate_lead_time`; the default `as_of` is the newest time of a deployment, failure or restore.
    """
    cut = _cut(deployments, period, DEPLOYMENT_TIMES, as_of, timezone, fiscal_start_month)
    answers = metrics.calculate_deployment_frequency(deployments, cut.windows, zone=cut.zone)
    return _by_label(cut, (answer.per_day for answer in answers))


def calculate_change_failure_rate(
    deployments: pd.DataFrame,
    period: str,
    *,
    as_of: Optional[datetime] = None,
    timezone: str = "UTC",
    fiscal_start_month: int = 1,
) -> dict[str, float]:
    """Share of failed deployments (0 to 1) among those of kind normal or hotfix in each period, by its label.

    Proposals that nobody has confirmed are included. NaN where there was no such deployment. Periods, parameters and
    errors as for `calculate_deployment_frequency`.
    """
    cut = _cut(deployments, period, DEPLOYMENT_TIMES, as_of, timezone, fiscal_start_month)
    answers = metrics.calculate_change_failure_rate(deployments, cut.windows)
    return _by_label(cut, (answer.ratio for answer in answers))


def calculate_mttr(
    deployments: pd.DataFrame,
    period: str,
    *,
    as_of: Optional[datetime] = None,
    timezone: str = "UTC",
    fiscal_start_month: int = 1,
) -> dict[str, float]:
    """Median hours to recover from failed deployments, by the label of the period in which users had it back.

    NaN where nothing was restored. Periods, parameters and errors as for `calculate_deployment_frequency`.
    """
    cut = _cut(deployments, period, DEPLOYMENT_TIMES, as_of, timezone, fiscal_start_month)
    answers = metrics.calculate_mttr(deployments, cut.windows)
    return _by_label(cut, (_hours(answer.spread.median_s) for answer in answers))


def calculate_rework_rate(
    deployments: pd.DataFrame,
    period: str,
    *,
    as_of: Optional[datetime] = None,
    timezone: str = "UTC",
    fiscal_start_month: int = 1,
) -> dict[str, float]:
    """Share of hotfixes and rollbacks (0 to 1) among normal, hotfix and rollback deployments in each period, by label.

    NaN where there was no such deployment. Periods, parameters and errors as for `calculate_deployment_frequency`.
    """
    cut = _cut(deployments, period, DEPLOYMENT_TIMES, as_of, timezone, fiscal_start_month)
    answers = metrics.calculate_rework_rate(deployments, cut.windows, zone=cut.zone)
    return _by_label(cut, (answer.ratio for answer in answers))


def _cut(
    frame: pd.DataFrame,
    grain: str,
    time_columns: tuple[str, ...],
    as_of: Optional[datetime],
    timezone: str,
    fiscal_start_month: int,
) -> _Cut:
    """The windows from the first deployment in the frame to `as_of`; none when there is no deployment."""
    from dora_metrics.calculators.columns import require_columns, seconds_of  # noqa: PLC0415 (loads numpy)

    zone = load_zone(timezone)
    check_grain(grain)
    require_columns(frame, ("deployed_at",), "changes.csv or deployments.csv")
    deployed = seconds_of(frame, "deployed_at").tolist()
    end = _utc(as_of) or _newest(seconds_of(frame, column).tolist() for column in time_columns)
    first = min((moment for moment in deployed if end and moment <= to_unix(end)), default=None)
    if first is None or end is None:
        return _Cut(zone, ())
    span = make_span(first, end, None, None)
    windows = make_windows(grain, span, as_of=end, zone=zone, fiscal_start_month=fiscal_start_month)
    return _Cut(zone, windows)


def _utc(moment: Optional[datetime]) -> Optional[datetime]:
    """`moment` in UTC. Raises `ConfigurationError` when it has no offset."""
    if moment is None:
        return None
    if moment.utcoffset() is None:
        message = f"as_of {moment.isoformat()} has no timezone"
        raise ConfigurationError(message, remedy="pass an aware datetime, such as one with tzinfo=timezone.utc")
    return moment.astimezone(fixed_zone.utc)


def _newest(columns: Iterable[list[float]]) -> Optional[datetime]:
    """The newest of all times; `None` when there is none."""
    newest = max((moment for column in columns for moment in column if not math.isnan(moment)), default=None)
    return None if newest is None else from_unix(newest)


def _hours(seconds: Optional[float]) -> Optional[float]:
    return None if seconds is None else seconds / HOUR_S


def _by_label(cut: _Cut, values: Iterable[Optional[float]]) -> dict[str, float]:
    return {window.period.label: math.nan if value is None else value for window, value in zip(cut.windows, values)}
