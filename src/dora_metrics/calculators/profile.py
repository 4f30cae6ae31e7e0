"""Other tools' definitions of the same metrics: what a profile is, and the frame in which each is written.

A profile answers "why does our other dashboard show another number" with that dashboard's number, from the same data.
Where a tool's rule needs what the data do not hold, its value is NA and the reason stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Optional, Protocol

from dora_metrics.domain.measurements import (
    ChangeFailureRate,
    DeploymentFrequency,
    LeadTime,
    PeriodResult,
    RecoveryTime,
    ReworkRate,
    Spread,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dora_metrics.calculators.profile_tables import Tables
    from dora_metrics.calculators.windows import Window

METRICS = ("lead_time", "deployment_frequency", "change_failure_rate", "mttr")
"""What the tools know; none of them has a rework rate."""
NEEDS_GITHUB = "needs when pull requests were opened and merged, which only GitHub knows"


@dataclass(frozen=True)
class Value:
    """One metric of one period under one tool's rules."""

    value: Optional[float]
    """Seconds, deployments a day, or a share; `None` = NA."""
    n: int = 0
    """How many items it rests on; of a share, the numerator."""
    of: int = 0
    """Of a share, the denominator; of a frequency, all deployments of the period."""
    is_mean: bool = False
    week_days: Optional[float] = None
    """Of a frequency made of the median week: that week's days with a deployment."""
    why: str = ""
    """Why it differs here from this project's own number, or why it is NA; from the data."""


UNKNOWN = Value(None, why="incident issues are known to GitHub alone, which was not asked")


class Profile(Protocol):
    """One tool's rules."""

    @property
    def name(self) -> str:
        """As `--profile` takes it."""

    @property
    def title(self) -> str:
        """What the tool is called."""

    @property
    def source(self) -> str:
        """The tool's version that was read, and where in it."""

    @property
    def rules(self) -> Mapping[str, str]:
        """By metric, the tool's rule in one line."""

    @property
    def not_reproduced(self) -> Sequence[str]:
        """What the tool does besides, and the data do not allow; sentences without a full stop."""

    def lead_time(self, tables: Tables, window: Window) -> Value:
        """Lead time for changes, in seconds."""

    def frequency(self, tables: Tables, window: Window) -> Value:
        """Deployments a day."""

    def failure_rate(self, tables: Tables, window: Window) -> Value:
        """Change failure rate, a share."""

    def recovery(self, tables: Tables, window: Window) -> Value:
        """Time to recover, in seconds."""


def period_result(profile: Profile, tables: Tables, window: Window) -> PeriodResult:
    """The metrics of one window by the tool's rules; what the tool does not define stays NA."""
    lead, frequency = profile.lead_time(tables, window), profile.frequency(tables, window)
    failures, recovery = replace(UNKNOWN, of=frequency.of), UNKNOWN
    if tables.knows_issues:
        failures, recovery = profile.failure_rate(tables, window), profile.recovery(tables, window)
    rules = profile.rules
    return PeriodResult(
        period=window.period,
        partial=window.partial,
        provisional=window.provisional,
        lead_time=LeadTime(spread=_spread(lead), rule=_rule(rules["lead_time"], lead)),
        deployment_frequency=DeploymentFrequency(
            deployments=frequency.of,
            covered_days=window.covered_days,
            rate_per_day=frequency.value,
            median_week_days=frequency.week_days,
            rule=_rule(rules["deployment_frequency"], frequency),
        ),
        change_failure_rate=ChangeFailureRate(
            failed=failures.n,
            explicit_failed=failures.n,
            deployments=failures.of,
            is_known=failures.value is not None,
            rule=_rule(rules["change_failure_rate"], failures),
        ),
        mttr=RecoveryTime(spread=_spread(recovery), rule=_rule(rules["mttr"], recovery)),
        rework_rate=ReworkRate(rework=0, deployments=0, rule="the tool has no such metric"),
        why={name: value.why for name, value in zip(METRICS, (lead, frequency, failures, recovery))},
    )


def _spread(value: Value) -> Spread:
    if value.is_mean:
        return Spread(n=value.n, mean_s=value.value)
    return Spread(n=value.n, median_s=value.value)


def _rule(rule: str, value: Value) -> str:
    return f"{rule}; here NA: {value.why}" if value.value is None and value.why else rule


def share(hits: int, of: int) -> Optional[float]:
    """`hits` of `of`; `None` of nothing."""
    return hits / of if of else None


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 commit`, `2 commits`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
