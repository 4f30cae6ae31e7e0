"""Which items a period's numbers were made of (definitions.md 5 to 8), picked from the judgements one by one. Pure.

The calculators count the same things over whole columns; that both agree is what the tests of `explain` hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Optional, Union
from zoneinfo import ZoneInfo

from dora_metrics.domain.measurements import Period, PeriodResult, Results
from dora_metrics.domain.models import Change, Dataset, Deployment, Failure
from dora_metrics.domain.outages import Outage, outages_by_deployment
from dora_metrics.domain.periods import load_zone, months_before

NOT_FREQUENT = ("redeploy", "rollback")
CAN_FAIL = ("normal", "hotfix")
REWORK = ("hotfix", "rollback")
TRAILING_MONTHS = 6
NOT_SAID = "unknown"
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Covered:
    """The part of a period that the data cover."""

    period: Period
    whole: Period
    """From the first deployment to `as_of`."""

    def __contains__(self, moment: Optional[datetime]) -> bool:
        return moment is not None and moment in self.period and moment in self.whole

    @property
    def at(self) -> datetime:
        """Where undeployed, open and trailing values stand."""
        return min(self.period.end, self.whole.end)

    @property
    def after(self) -> datetime:
        """The first instant that no longer belongs to it."""
        return min(period.end + INSTANT if period.closed else period.end for period in (self.period, self.whole))

    def open_at_end(self, entered: Optional[datetime], left: Optional[datetime]) -> bool:
        """Whether what came at `entered` (`None`: from ever) and went at `left` (`None`: never) is there at the end."""
        return (entered is None or entered < self.after) and (left is None or left >= self.after)


class PlacedChange(NamedTuple):
    """A change, and the dataset that it belongs to."""

    dataset: Dataset
    change: Change


class PlacedFailure(NamedTuple):
    """A failure, and the dataset that it belongs to."""

    dataset: Dataset
    failure: Failure


class PlacedDeployment(NamedTuple):
    """A deployment, the dataset that it belongs to, and what is blamed on it."""

    dataset: Dataset
    deployment: Deployment
    outage: Optional[Outage]

    @property
    def failed(self) -> bool:
        """Whether it counts as failed: blamed, and of a kind that can fail."""
        return self.outage is not None and self.deployment.kind in CAN_FAIL

    @property
    def began_at(self) -> datetime:
        """When users felt it; the deployment's time when nobody knows."""
        began = None if self.outage is None else self.outage.began_at
        return began or self.deployment.deployed_at

    @property
    def restored_at(self) -> Optional[datetime]:
        """When it was over; `None` while it is open."""
        return None if self.outage is None else self.outage.restored_at

    @property
    def recovery(self) -> Optional[timedelta]:
        """From `began_at` to `restored_at`; `None` while open, or when that ran backwards."""
        restored = self.restored_at
        return restored - self.began_at if restored is not None and restored >= self.began_at else None

    @property
    def invalid(self) -> bool:
        """Restored before it began."""
        return self.restored_at is not None and self.recovery is None


@dataclass(frozen=True)
class PeriodItems:
    """Everything that one period's numbers speak of; deployments in order of time."""

    covered: Covered
    counted: tuple[PlacedChange, ...]
    """The longest lead time first."""
    left_out: dict[str, tuple[PlacedChange, ...]]
    """By reason, sorted."""
    undeployed: tuple[PlacedChange, ...]
    deployments: tuple[PlacedDeployment, ...]
    recovered: tuple[PlacedDeployment, ...]
    invalid: tuple[PlacedDeployment, ...]
    still_open: tuple[PlacedDeployment, ...]
    aside: dict[str, tuple[PlacedFailure, ...]]
    """By attribution, failures that began in the period and that no deployment answers for."""
    trailing: tuple[PlacedDeployment, ...]
    """Deployments of the six months before, of kinds that the rework rate counts."""

    def judged(self, dataset: Dataset) -> list[Union[Change, Deployment, Failure]]:
        """Everything of one service that is listed, and the failures behind it."""
        changes = (*self.counted, *self.undeployed, *(found for group in self.left_out.values() for found in group))
        made = (*self.deployments, *self.recovered, *self.invalid, *self.still_open)
        failures = [failure for placed in made if placed.outage is not None for failure in placed.outage.failures]
        return [
            *(placed.change for placed in changes if placed.dataset is dataset),
            *(placed.deployment for placed in made if placed.dataset is dataset),
            *(failure for failure in failures if _is_of(failure, dataset)),
            *(found.failure for group in self.aside.values() for found in group if found.dataset is dataset),
        ]


def select_items(datasets: Sequence[Dataset], result: PeriodResult, results: Results) -> PeriodItems:
    """The items of `result`, one of the periods of `results`, or their overall one."""
    covered = Covered(result.period, results.overall.period)
    changes = [PlacedChange(dataset, change) for dataset in datasets for change in dataset.changes]
    made = sorted(_deployments(datasets), key=lambda placed: placed.deployment.deployed_at)
    failed = [placed for placed in made if placed.failed]
    restored = [placed for placed in failed if placed.restored_at in covered]
    here = [placed for placed in changes if placed.change.deployed_at in covered]
    return PeriodItems(
        covered=covered,
        counted=tuple(
            sorted(
                (placed for placed in here if not reason_of(placed.change)),
                key=lambda placed: placed.change.lead_time or timedelta(0),
                reverse=True,
            )
        ),
        left_out=_by_reason(here),
        undeployed=tuple(placed for placed in changes if _waits(placed.change, covered)),
        deployments=tuple(placed for placed in made if placed.deployment.deployed_at in covered),
        recovered=tuple(placed for placed in restored if not placed.invalid),
        invalid=tuple(placed for placed in restored if placed.invalid),
        still_open=tuple(
            placed
            for placed in failed
            if not placed.invalid and covered.open_at_end(placed.began_at, placed.restored_at)
        ),
        aside=_aside(datasets, covered),
        trailing=_trailing(made, covered, load_zone(results.timezone)),
    )


def reason_of(change: Change) -> str:
    """Why a deployed change is not in the spread; empty when it is."""
    return change.left_out or ("" if change.lead_time is not None else NOT_SAID)


def began(change: Change) -> Optional[datetime]:
    """From when an undeployed change has been waiting."""
    return change.started_at or change.first_commit_at or change.created_at or change.merged_at


def _deployments(datasets: Sequence[Dataset]) -> Iterator[PlacedDeployment]:
    for dataset in datasets:
        outages = outages_by_deployment(dataset.failures)
        for deployment in dataset.deployments:
            yield PlacedDeployment(dataset, deployment, outages.get(deployment.key))


def _by_reason(placed: Sequence[PlacedChange]) -> dict[str, tuple[PlacedChange, ...]]:
    reasons = sorted({reason_of(found.change) for found in placed} - {""})
    return {reason: tuple(found for found in placed if reason_of(found.change) == reason) for reason in reasons}


def _waits(change: Change, covered: Covered) -> bool:
    entered = change.merged_at or change.started_at or change.first_commit_at or change.created_at
    return not change.left_out and covered.open_at_end(entered, change.deployed_at)


def _aside(datasets: Sequence[Dataset], covered: Covered) -> dict[str, tuple[PlacedFailure, ...]]:
    begun = [
        PlacedFailure(dataset, failure)
        for dataset in datasets
        for failure in dataset.failures
        if failure.began_at in covered
    ]
    return {
        attribution: tuple(placed for placed in begun if placed.failure.attribution == attribution)
        for attribution in ("unattributed", "not_in_Dc", "no_deployment")
    }


def _trailing(made: Sequence[PlacedDeployment], covered: Covered, zone: ZoneInfo) -> tuple[PlacedDeployment, ...]:
    start = months_before(covered.at, TRAILING_MONTHS, zone)
    return tuple(
        placed
        for placed in made
        if start <= placed.deployment.deployed_at < covered.at and placed.deployment.kind in {*CAN_FAIL, *REWORK}
    )


def _is_of(failure: Failure, dataset: Dataset) -> bool:
    return (failure.repository, failure.service) == (dataset.repository, dataset.service)
