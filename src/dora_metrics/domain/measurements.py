"""What the calculators make, and what the report, the command line and the JSON read.

Counts are kept and divided last; `None` is "no value", never zero. Seconds inside, hours at the edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Optional

from dora_metrics.domain.quality import QualityFinding

Interval = tuple[float, float]


@dataclass(frozen=True)
class Period:
    """A reporting window: `start` belongs to it, `end` to the next one."""

    label: str
    start: datetime
    end: datetime
    closed: bool = False
    """`end` belongs to it as well: only the window over everything, which no other follows."""

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end or (self.closed and moment == self.end)


@dataclass(frozen=True)
class Spread:
    """How durations are distributed (definitions.md 9); all in seconds."""

    n: int = 0
    median_s: Optional[float] = None
    p75_s: Optional[float] = None
    p90_s: Optional[float] = None
    """`None` below ten values."""
    mean_s: Optional[float] = None
    max_s: Optional[float] = None
    ci95_s: Optional[Interval] = None
    """95 % interval of the median; `None` below six values."""

    @property
    def insufficient(self) -> bool:
        """Too few values to judge: fewer than six."""
        return self.n < 6  # noqa: PLR2004 (definitions.md 9)


@dataclass(frozen=True)
class LeadTime:
    """Lead time for changes of those deployed in one period."""

    spread: Spread
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Reason to count: deployed in the period, and not in the spread."""
    undeployed: int = 0
    """Changes not yet deployed at the period's end, or at `as_of` when that is earlier."""
    undeployed_median_age_s: Optional[float] = None
    undeployed_oldest_s: Optional[float] = None
    from_review_median_s: Optional[float] = None
    from_merge_median_s: Optional[float] = None
    per_commit_median_s: Optional[float] = None
    per_commit_n: int = 0
    """Of each non-merge commit by itself, from its author time to the deployment that first contained it."""
    band: Optional[int] = None
    level: Optional[str] = None
    rule: str = ""
    people_n: int = 0
    people_median_s: Optional[float] = None
    bots_n: int = 0
    bots_median_s: Optional[float] = None
    """The same changes, split by who made them."""


@dataclass(frozen=True)
class DeploymentFrequency:
    """Deployments to production in one period."""

    deployments: int
    covered_days: float
    """Days of the period from the first deployment to `as_of`."""
    days_with_deployments: int = 0
    median_gap_s: Optional[float] = None
    ci95_deployments: Optional[Interval] = None
    band: Optional[int] = None
    level: Optional[str] = None
    rule: str = ""
    rate_per_day: Optional[float] = None
    """What another tool's rules make of it; `None` = deployments by covered days."""
    median_week_days: Optional[float] = None
    """On how many days of the median week something was deployed, where another tool's rate is made of that."""

    @property
    def per_day(self) -> Optional[float]:
        """Deployments a covered day; `None` when no part of the period is covered."""
        if self.rate_per_day is not None:
            return self.rate_per_day
        return self.deployments / self.covered_days if self.covered_days > 0 else None

    @property
    def per_week(self) -> Optional[float]:
        """Deployments a covered week; `None` when no part of the period is covered."""
        return None if self.per_day is None else self.per_day * 7


@dataclass(frozen=True)
class ChangeFailureRate:
    """Failed deployments among those that could fail (kind normal or hotfix) in one period."""

    failed: int
    explicit_failed: int
    """Of `failed`, those that a person or an incident's own text states."""
    deployments: int
    unattributed: int = 0
    """Failures that began in the period and could not be tied to a deployment."""
    ci95: Optional[Interval] = None
    level: Optional[str] = None
    rule: str = ""
    not_in_dc: int = 0
    """Failures that began in the period and whose cause was an initial deployment or a rollback."""
    is_known: bool = True
    """False where another tool's rules give no rate although there were deployments."""

    @property
    def ratio(self) -> Optional[float]:
        """From 0 to 1, proposals included; `None` when nothing was deployed."""
        return self.failed / self.deployments if self.deployments and self.is_known else None

    @property
    def is_unknown(self) -> bool:
        """Something was deployed, and another tool's rules cannot say how much of it failed."""
        return bool(self.deployments) and not self.is_known

    @property
    def explicit_ratio(self) -> Optional[float]:
        """From 0 to 1, without proposals; `None` when nothing was deployed."""
        return self.explicit_failed / self.deployments if self.deployments else None

    @property
    def proposals(self) -> int:
        """Failures that count and that nobody has confirmed yet."""
        return self.failed - self.explicit_failed


@dataclass(frozen=True)
class RecoveryTime:
    """Failed deployment recovery time (MTTR) of the failures restored in one period."""

    spread: Spread
    open: int = 0
    """Failures not restored at the period's end, or at `as_of` when that is earlier."""
    open_oldest_s: Optional[float] = None
    from_deployment_median_s: Optional[float] = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    band: Optional[int] = None
    level: Optional[str] = None
    rule: str = ""


@dataclass(frozen=True)
class ReworkRate:
    """Unplanned deployments among all that are no redeploy or initial one, in one period."""

    rework: int
    deployments: int
    trailing_rework: int = 0
    trailing_deployments: int = 0
    """The same over the six calendar months before the period's end, or `as_of` when that is earlier."""
    rule: str = ""
    ci95: Optional[Interval] = None

    @property
    def ratio(self) -> Optional[float]:
        """From 0 to 1; `None` when nothing was deployed."""
        return self.rework / self.deployments if self.deployments else None

    @property
    def trailing_6_months(self) -> Optional[float]:
        """From 0 to 1; `None` when nothing was deployed in those months."""
        return self.trailing_rework / self.trailing_deployments if self.trailing_deployments else None


@dataclass(frozen=True)
class PeriodResult:
    """The five metrics of one period."""

    period: Period
    partial: bool
    """The data do not cover all of it."""
    provisional: bool
    """A late fact may still change it."""
    lead_time: LeadTime
    deployment_frequency: DeploymentFrequency
    change_failure_rate: ChangeFailureRate
    mttr: RecoveryTime
    rework_rate: ReworkRate
    why: Mapping[str, str] = field(default_factory=dict)
    """Under another tool's definitions, by metric why its number is not ours, or why it has none; from the data."""

    @property
    def by_other_rules(self) -> bool:
        """Whether another tool's definitions made the numbers."""
        return bool(self.why)


@dataclass(frozen=True)
class ProfileNote:
    """What must be said where another tool's definitions made the numbers."""

    title: str
    """What the tool is called."""
    source: str
    """Where its rules were read, and in which version."""
    not_reproduced: tuple[str, ...]
    """What it does besides, and the data do not allow; sentences without a full stop."""


@dataclass(frozen=True)
class Results:
    """What `calculate` publishes."""

    as_of: datetime
    repositories: tuple[str, ...]
    grain: str
    """`daily` … `yearly`, `7d`, `all`."""
    timezone: str
    periods: tuple[PeriodResult, ...]
    """In order of time; empty when nothing was ever deployed."""
    overall: PeriodResult
    """Over the whole window, labelled `overall`."""
    levels: str = "none"
    """The year of the table that gave the levels; `none` = levels were not asked for."""
    profile: str = "dora"
    """Whose definitions made the numbers."""
    profile_note: Optional[ProfileNote] = None
    """About another tool's definitions; `None` under our own."""
    services: tuple[str, ...] = ()
    """The services of `repositories` that the numbers are of; empty where no repository has several."""
    quality: tuple[QualityFinding, ...] = ()
    """How far the data behind them can be trusted, the gravest first; empty = not assessed."""
