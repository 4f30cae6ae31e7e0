"""The five metrics: DataFrames of the processed files in, values out. Pure; no clock, no files.

Each function's docstring is its definition. numpy and pandas are loaded only when numbers are wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from dora_metrics.calculators.windows import OVERALL, make_span, make_windows, to_unix, whole_window
from dora_metrics.config import LEVELS, PROFILES
from dora_metrics.domain.measurements import PeriodResult, ProfileNote, Results
from dora_metrics.domain.periods import load_zone
from dora_metrics.errors import ConfigurationError

OUR_OWN = "dora"

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pandas as pd

    from dora_metrics.calculators.windows import Window
    from dora_metrics.domain.measurements import (
        ChangeFailureRate,
        DeploymentFrequency,
        LeadTime,
        RecoveryTime,
        ReworkRate,
    )


def calculate_lead_time(
    changes: pd.DataFrame,
    windows: Sequence[Window],
    *,
    levels: str = "none",
    per_commit: Optional[tuple[pd.DataFrame, pd.DataFrame]] = None,
) -> list[LeadTime]:
    """The wait of changes from commit to users, an answer a window, in the order of `windows`.

    A change counts in the window in which it was deployed, with `lead_time_hours`, unless `left_out` gives a reason
    why not; then the reason is counted. One merged and not deployed at a window's end counts as undeployed there.
    From review and from merge have no value for a change deployed before that moment. A window without a change has
    no median, and no level unless it is whole and final. `per_commit`: the tables of commits and deployments, for the
    wait of each commit by itself. Raises `InputError` for a missing or unreadable column.
    """
    from dora_metrics.calculators.lead_time import lead_times  # noqa: PLC0415 (loads numpy)

    return lead_times(changes, windows, levels, per_commit)


def calculate_deployment_frequency(
    deployments: pd.DataFrame, windows: Sequence[Window], *, zone: ZoneInfo, levels: str = "none"
) -> list[DeploymentFrequency]:
    """How often users got something new, an answer a window, in the order of `windows`.

    Counts deployments that are neither redeploy nor rollback, and divides by the covered days of the window. Days are
    local days of `zone`; the median gap is between consecutive deployments of the window. The band comes from the
    medians over complete ISO weeks and calendar months within the window, empty ones included: 6 from ten a week, 5
    from five, 4 from one, 3 from one a month, 2 with one in the last six complete months, else 1; none without a
    complete week, or when the weeks do not decide and there is no complete month. Raises `InputError` for a missing
    or unreadable column.
    """
    from dora_metrics.calculators.frequency import frequencies  # noqa: PLC0415 (loads numpy)

    return frequencies(deployments, windows, zone, levels)


def calculate_change_failure_rate(
    deployments: pd.DataFrame,
    windows: Sequence[Window],
    *,
    incidents: Optional[pd.DataFrame] = None,
    levels: str = "none",
) -> list[ChangeFailureRate]:
    """The share of failed deployments, an answer a window, in the order of `windows`.

    Among deployments of kind normal or hotfix, in the window of the deployment; one fails at most once. A failure of
    `incidents` without a cause among them counts beside the rate, in the window in which it began. Interval: Wilson.
    Raises `InputError` for a missing or unreadable column.
    """
    from dora_metrics.calculators.failures import failure_rates  # noqa: PLC0415 (loads numpy)

    return failure_rates(deployments, incidents, windows, levels)


def calculate_mttr(deployments: pd.DataFrame, windows: Sequence[Window], *, levels: str = "none") -> list[RecoveryTime]:
    """The time to recover of failed deployments (normal or hotfix), an answer a window, in the order of `windows`.

    From `began_at` (else the deployment) to `restored_at`, in the window of the restore. One restored before it began
    is left out as `invalid`. One not restored at a window's end counts as open there. Raises `InputError` for a
    missing or unreadable column.
    """
    from dora_metrics.calculators.failures import recovery_times  # noqa: PLC0415 (loads numpy)

    return recovery_times(deployments, windows, levels)


def calculate_rework_rate(deployments: pd.DataFrame, windows: Sequence[Window], *, zone: ZoneInfo) -> list[ReworkRate]:
    """The share of unplanned deployments, an answer a window, in the order of `windows`.

    Hotfixes and rollbacks among deployments of kind normal, hotfix and rollback; beside it the same over the six
    calendar months (of `zone`) before the window's end. Raises `InputError` for a missing or unreadable column.
    """
    from dora_metrics.calculators.failures import rework_rates  # noqa: PLC0415 (loads numpy)

    return rework_rates(deployments, windows, zone)


def calculate_results(  # noqa: PLR0913 (what is published depends on all of it)
    changes: pd.DataFrame,
    deployments: pd.DataFrame,
    incidents: pd.DataFrame,
    *,
    as_of: datetime,
    grain: str,
    timezone: str,
    fiscal_start_month: int,
    repositories: tuple[str, ...],
    since: Optional[datetime] = None,
    until: Optional[datetime] = None,
    levels: str = "none",
    maturity_days: int = 30,
    commits: Optional[pd.DataFrame] = None,
    profile: str = "dora",
    knows_issues: bool = True,
) -> Results:
    """The five metrics of every period from the first deployment to `as_of`, and over all of it.

    `since` (included) and `until` (not included) cut what is counted; a period that they cut is partial. Several
    repositories are pooled: rows of all of them in the same DataFrames. Without `commits` the lead time of each commit
    is not known. With another `profile` the numbers are made by that tool's definitions, which have no failures unless
    GitHub `knows_issues`. Raises `ConfigurationError`
    for an unknown period, timezone, fiscal month, levels year or profile, `InputError` for a missing or unreadable
    column.
    """
    zone = load_zone(timezone)
    check_levels(levels)
    first_s, busy_end = _first_and_last(changes, deployments, as_of)
    span = make_span(first_s, as_of, since, until)
    windows = make_windows(
        grain,
        span,
        as_of=as_of,
        zone=zone,
        fiscal_start_month=fiscal_start_month,
        maturity_days=maturity_days,
        busy_end=busy_end,
    )
    *periods, overall = _by_profile(
        profile,
        (changes, deployments, incidents, commits),
        (*windows, whole_window(OVERALL, span)),
        zone,
        levels,
        knows_issues=knows_issues,
    )
    return Results(
        as_of=as_of,
        repositories=repositories,
        grain=grain,
        timezone=timezone,
        periods=tuple(periods),
        overall=overall,
        levels=levels,
        profile=profile,
        profile_note=_note(profile),
    )


def _note(profile: str) -> Optional[ProfileNote]:
    if profile == OUR_OWN:
        return None
    from dora_metrics.calculators.profiles import OTHERS  # noqa: PLC0415 (loads numpy)

    other = OTHERS[profile]
    return ProfileNote(other.title, other.source, tuple(other.not_reproduced))


def _by_profile(
    profile: str,
    frames: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, Optional[pd.DataFrame]],
    windows: tuple[Window, ...],
    zone: ZoneInfo,
    levels: str,
    *,
    knows_issues: bool,
) -> list[PeriodResult]:
    if check_profile(profile) == OUR_OWN:
        return _period_results(*frames, windows, zone, levels)
    from dora_metrics.calculators.profile_tables import read_tables  # noqa: PLC0415 (loads numpy)
    from dora_metrics.calculators.profiles import profile_results  # noqa: PLC0415 (the same)

    return profile_results(profile, read_tables(*frames, knows_issues=knows_issues), windows)


def check_profile(profile: str) -> str:
    """`profile` itself, when there is one of that name. Raises `ConfigurationError` for anything else."""
    if profile in PROFILES:
        return profile
    message = f"profile {profile!r} is unknown"
    raise ConfigurationError(message, remedy=f"use one of {', '.join(PROFILES)}")


def check_levels(levels: str) -> str:
    """`levels` itself: `none`, or the year of a table. Raises `ConfigurationError` for anything else."""
    if levels in LEVELS:
        return levels
    message = f"levels {levels!r} is unknown"
    raise ConfigurationError(message, remedy=f"use one of {', '.join(LEVELS)}")


def _first_and_last(changes: pd.DataFrame, deployments: pd.DataFrame, as_of: datetime) -> tuple[Optional[float], bool]:
    """When the first deployment was (`None`: never), and whether anything counts at `as_of` itself."""
    from dora_metrics.calculators.columns import seconds_of  # noqa: PLC0415 (loads numpy)

    last = to_unix(as_of)
    deployed = seconds_of(deployments, "deployed_at")
    first = min((moment for moment in deployed.tolist() if moment <= last), default=None)
    ends = (deployed, seconds_of(deployments, "restored_at"), seconds_of(changes, "deployed_at"))
    return first, any(bool((moments == last).any()) for moments in ends)


def _period_results(
    changes: pd.DataFrame,
    deployments: pd.DataFrame,
    incidents: pd.DataFrame,
    commits: Optional[pd.DataFrame],
    windows: tuple[Window, ...],
    zone: ZoneInfo,
    levels: str,
) -> list[PeriodResult]:
    per_commit = None if commits is None else (commits, deployments)
    metrics = (
        calculate_lead_time(changes, windows, levels=levels, per_commit=per_commit),
        calculate_deployment_frequency(deployments, windows, zone=zone, levels=levels),
        calculate_change_failure_rate(deployments, windows, incidents=incidents, levels=levels),
        calculate_mttr(deployments, windows, levels=levels),
        calculate_rework_rate(deployments, windows, zone=zone),
    )
    return [
        PeriodResult(window.period, window.partial, window.provisional, *values)
        for window, *values in zip(windows, *metrics)
    ]
