"""How much the answer to a question of the review file can move a number: what orders the questions, and bounds them.

A quarter is what people report on, so a rate of the calendar quarter (UTC) is the measure: an answer about one of its 8
deployments moves the failure rate by an eighth, 12.5 points, at the most. What is doubtful is asked before what is all
but sure, since its answer is the likelier to differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from dora_metrics.domain.models import Dataset

LEAST_SHIFT = 0.01
"""An answer that cannot move a rate of its quarter by a percentage point is not asked for."""
MOST_QUESTIONS = 100
"""Of one service at a time: about a quarter of an hour. The weightiest come first, the next when those are answered."""
DOUBT = {"low": 0.5, "medium": 0.3, "high": 0.1}
"""How likely an answer is to differ from the proposal: an ordering, not a measurement."""
MONTHS_PER_QUARTER = 3


@dataclass(frozen=True)
class Shift:
    """The most by which one answer can move a rate."""

    rate: str = ""
    quarter: str = ""
    most: float = 0.0
    """From 0 to 1; 0 = it moves nothing."""

    def __str__(self) -> str:
        """As people say it; empty when it moves nothing."""
        return f"{self.rate} of {self.quarter} by up to {self.most * 100:.3g} points" if self.most else ""


NO_SHIFT = Shift()


def quarter_of(moment: datetime) -> str:
    """The calendar quarter of an aware moment in UTC, such as `2025-Q1`."""
    return f"{moment.year}-Q{(moment.month - 1) // MONTHS_PER_QUARTER + 1}"


class Shifts:
    """Knows how many deployments each rate of each quarter rests on."""

    def __init__(self, dataset: Dataset) -> None:
        self._made = {made.key: made for made in dataset.deployments}
        kinds = [(quarter_of(made.deployed_at), made.kind) for made in dataset.deployments]
        self._can_fail = _by_quarter(kinds, ("normal", "hotfix"))
        self._planned_or_not = _by_quarter(kinds, ("normal", "hotfix", "rollback"))
        self._counted = _by_quarter(kinds, ("initial", "normal", "hotfix"))

    def failure(self, deployment: Optional[str], began_at: Optional[datetime]) -> Shift:
        """Of an answer to whether a deployment failed, or to which one an incident is due."""
        moment = self._moment(deployment)
        return self._shift("change failure rate", self._can_fail, began_at if moment is None else moment)

    def kind(self, deployment: Optional[str]) -> Shift:
        """Of an answer to whether a deployment was a hotfix or a rollback."""
        return self._shift("rework rate", self._planned_or_not, self._moment(deployment))

    def existence(self, deployment: str) -> Shift:
        """Of an answer to whether something was a deployment at all."""
        return self._shift("deployment frequency", self._counted, self._moment(deployment))

    def _moment(self, deployment: Optional[str]) -> Optional[datetime]:
        made = self._made.get(deployment or "")
        return None if made is None else made.deployed_at

    def _shift(self, rate: str, counts: Counter[str], moment: Optional[datetime]) -> Shift:
        if moment is None:
            return NO_SHIFT
        quarter = quarter_of(moment)
        return Shift(rate, quarter, 1 / max(counts[quarter], 1))


def _by_quarter(kinds: Iterable[tuple[str, str]], wanted: tuple[str, ...]) -> Counter[str]:
    return Counter(quarter for quarter, kind in kinds if kind in wanted)
