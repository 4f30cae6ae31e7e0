"""All profiles by name, and the results of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dora_metrics.calculators.profile import Profile, period_result
from dora_metrics.calculators.profile_devlake import DevLake
from dora_metrics.calculators.profile_fourkeys import FourKeys
from dora_metrics.calculators.profile_gitlab import GitLab
from dora_metrics.calculators.profile_middleware import Middleware

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dora_metrics.calculators.profile_tables import Tables
    from dora_metrics.calculators.windows import Window
    from dora_metrics.domain.measurements import PeriodResult

OTHERS: Mapping[str, Profile] = {profile.name: profile for profile in (DevLake(), FourKeys(), Middleware(), GitLab())}
"""Every profile but our own, in the order in which they are shown."""


def profile_results(name: str, tables: Tables, windows: Sequence[Window]) -> list[PeriodResult]:
    """The metrics by the rules of the profile `name`, a result a window, in their order."""
    return [period_result(OTHERS[name], tables, window) for window in windows]
