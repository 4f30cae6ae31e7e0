"""How lead times are made up and spread out: what the report draws beside the five metrics."""

from __future__ import annotations

from dataclasses import dataclass

from dora_metrics.domain.measurements import Spread

STAGES = ("coding", "pickup", "review", "deploy")
"""In the order in which a change goes through them; they overlap and leave gaps, so they never add up to the whole."""


@dataclass(frozen=True)
class PeriodShape:
    """The changes that one period counts."""

    stages: tuple[Spread, ...]
    """In the order of `STAGES`; a change without a stage is in no spread of it."""
    counts: tuple[int, ...]
    """How many lead times lie in each bin."""


@dataclass(frozen=True)
class Shapes:
    """The same for all periods of some results, in their order."""

    edges_s: tuple[float, ...]
    """Where the bins begin and end, in seconds: one more than there are bins; empty when no change counts.

    Each is 10 ** 0.25 times the one before it. The first bin holds what lies below it, too.
    """
    periods: tuple[PeriodShape, ...]
    overall: PeriodShape
