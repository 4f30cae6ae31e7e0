"""Change failure rate, recovery time and rework rate (definitions.md 6), all periods in one pass each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional

import numpy as np

from dora_metrics.calculators import levels
from dora_metrics.calculators.backlog import Backlog, count_backlog
from dora_metrics.calculators.columns import (
    Flags,
    Floats,
    durations_of,
    flags_of,
    labels_of,
    middle,
    require_columns,
    seconds_of,
    timeline,
)
from dora_metrics.calculators.statistics import spread_of, wilson_interval
from dora_metrics.calculators.windows import Window, from_unix, to_unix
from dora_metrics.domain.measurements import ChangeFailureRate, RecoveryTime, ReworkRate, Spread
from dora_metrics.domain.periods import months_before

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pandas as pd

FAILURE_RATE_RULE = "failed deployments among those of kind normal or hotfix, in the period of the deployment"
RECOVERY_RULE = "restored_at - began_at of failed deployments, in the period of the restore; median by type 7"
REWORK_RULE = "kind hotfix or rollback among normal, hotfix and rollback"
CAN_FAIL = ("normal", "hotfix")
REWORK = ("hotfix", "rollback")
TRAILING_MONTHS = 6
INVALID = "invalid"
"""Restored before it began."""


def failure_rates(
    deployments: pd.DataFrame, incidents: Optional[pd.DataFrame], windows: Sequence[Window], year: str
) -> list[ChangeFailureRate]:
    """One answer a window, in the order of `windows`; without `incidents` nothing is known to be unattributed."""
    require_columns(deployments, ("deployed_at", "kind", "failed"), "deployments.csv")
    times, can_fail = seconds_of(deployments, "deployed_at"), labels_of(deployments, "kind").among(CAN_FAIL)
    failed = can_fail & flags_of(deployments, "failed")
    explicit = failed & labels_of(deployments, "failure_provenance").among(("explicit",))
    counted = (timeline(times, times, where).counts(windows) for where in (failed, explicit, can_fail))
    outside = (_begun_outside(incidents, attribution, windows) for attribution in ("unattributed", "not_in_Dc"))
    return [_failure_rate(*parts, year=year) for parts in zip(windows, *counted, *outside)]


def _begun_outside(incidents: Optional[pd.DataFrame], attribution: str, windows: Sequence[Window]) -> list[int]:
    """For each window the failures that began in it and were attributed so."""
    if incidents is None:
        return [0] * len(windows)
    require_columns(incidents, ("started_at", "attribution"), "incidents.csv")
    begun = seconds_of(incidents, "started_at")
    return timeline(begun, begun, labels_of(incidents, "attribution").among((attribution,))).counts(windows)


def _failure_rate(
    window: Window, failed: int, explicit: int, deployments: int, unattributed: int, not_in_dc: int, *, year: str
) -> ChangeFailureRate:
    return ChangeFailureRate(
        failed=failed,
        explicit_failed=explicit,
        deployments=deployments,
        unattributed=unattributed,
        ci95=wilson_interval(failed, deployments),
        level=levels.failure_level(year, failed, deployments) if window.settled else None,
        rule=FAILURE_RATE_RULE,
        not_in_dc=not_in_dc,
    )


def recovery_times(deployments: pd.DataFrame, windows: Sequence[Window], year: str) -> list[RecoveryTime]:
    """One answer a window, in the order of `windows`."""
    require_columns(deployments, ("deployed_at", "kind", "failed", "restored_at"), "deployments.csv")
    failed = labels_of(deployments, "kind").among(CAN_FAIL) & flags_of(deployments, "failed")
    frame = deployments[failed]
    deployed, restored = seconds_of(frame, "deployed_at"), seconds_of(frame, "restored_at")
    began = seconds_of(frame, "began_at", "deployed_at")
    written = durations_of(frame, "recovery_hours")
    recovery = np.where(np.isnan(written), restored - began, written)
    invalid = (restored < began) | (recovery < 0)
    spreads = [spread_of(np.sort(values)) for values in timeline(restored, recovery, ~invalid).in_windows(windows)]
    left_out = timeline(restored, restored, invalid).counts(windows)
    still_open = count_backlog(began, np.where(invalid, began, restored), began, windows)
    since_deployment = _since_deployment(deployed, restored, ~invalid, windows)
    return [_recovery(*parts, year=year) for parts in zip(windows, spreads, left_out, still_open, since_deployment)]


def _since_deployment(
    deployed: Floats, restored: Floats, where: Flags, windows: Sequence[Window]
) -> list[Optional[float]]:
    """For each window the median time from the failed deployment to the restore; NA where that ran backwards."""
    waits = restored - deployed
    return [middle(group) for group in timeline(restored, waits, where & (waits >= 0)).in_windows(windows)]


def _recovery(
    window: Window, spread: Spread, invalid: int, still_open: Backlog, from_deployment: Optional[float], *, year: str
) -> RecoveryTime:
    judged = None if spread.insufficient else spread.median_s
    return RecoveryTime(
        spread=spread,
        open=still_open.items,
        open_oldest_s=still_open.oldest_s,
        from_deployment_median_s=from_deployment,
        left_out={INVALID: invalid} if invalid else {},
        band=levels.duration_band(judged),
        level=levels.duration_level(levels.RECOVERY, year, judged) if window.settled else None,
        rule=RECOVERY_RULE,
    )


def rework_rates(deployments: pd.DataFrame, windows: Sequence[Window], zone: ZoneInfo) -> list[ReworkRate]:
    """One answer a window, in the order of `windows`."""
    require_columns(deployments, ("deployed_at", "kind"), "deployments.csv")
    times, kinds = seconds_of(deployments, "deployed_at"), labels_of(deployments, "kind")
    rework = timeline(times, times, kinds.among(REWORK))
    planned_or_not = timeline(times, times, kinds.among({*REWORK, *CAN_FAIL}))
    trailing = [_trailing(window, zone) for window in windows]
    return [
        ReworkRate(
            rework=hits,
            deployments=n,
            trailing_rework=_between(rework.times, *months),
            trailing_deployments=_between(planned_or_not.times, *months),
            rule=REWORK_RULE,
            ci95=wilson_interval(hits, n),
        )
        for hits, n, months in zip(rework.counts(windows), planned_or_not.counts(windows), trailing)
    ]


def _trailing(window: Window, zone: ZoneInfo) -> tuple[float, float]:
    """The six calendar months before the moment at which the window stands: from, and not including its end."""
    return to_unix(months_before(from_unix(window.at_s), TRAILING_MONTHS, zone)), window.at_s


def _between(times: Floats, start: float, end: float) -> int:
    return int(times.searchsorted(end) - times.searchsorted(start))
