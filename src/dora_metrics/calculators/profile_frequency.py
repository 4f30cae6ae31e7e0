"""How often was deployed, in the two ways that other tools count it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

import numpy as np

from dora_metrics.calculators.profile import Value
from dora_metrics.calculators.profile_tables import DAY_S, Tables, days_a_week, repeats, within

if TYPE_CHECKING:
    from dora_metrics.calculators.columns import Floats
    from dora_metrics.calculators.windows import Window


def deployments_in(tables: Tables, window: Window) -> int:
    """How many deployments lie in the window, redeploys and rollbacks too."""
    return int(within(tables.deployed, window).sum())


def median_week(tables: Tables, window: Window, median: Callable[[Floats], Optional[float]]) -> Value:
    """A day: a seventh of the `median` week's days with a deployment; NA where that is `None`."""
    weeks = days_a_week(tables.deployed, window)
    week_days = median(np.array(weeks, dtype=np.float64))
    why = f"{repeats(tables, window)}days with a deployment, not deployments; the median week, not the mean"
    per_day = None if week_days is None else week_days / 7
    return Value(per_day, n=len(weeks), of=deployments_in(tables, window), week_days=week_days, why=why)


def mean_day(tables: Tables, window: Window) -> Value:
    """A day: the deployments over all days of the period, at least one."""
    made = deployments_in(tables, window)
    days = max((window.period.end - window.period.start).total_seconds() / DAY_S, 1.0)
    why = f"{repeats(tables, window)}all days of the period, not only those since the first deployment"
    return Value(made / days, n=made, of=made, why=why)
