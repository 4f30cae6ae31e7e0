"""The failures blamed on one deployment, as one: a deployment fails at most once (definitions.md 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from dora_metrics.domain.models import Failure

BLAMES_NO_DEPLOYMENT = frozenset({"unattributed", "not_in_Dc", "no_deployment"})
"""Attributions under which no deployment counts as failed."""


@dataclass(frozen=True)
class Outage:
    """All failures of one deployment, joined."""

    failures: tuple[Failure, ...]
    """At least one, in the order given."""

    @property
    def provenance(self) -> str:
        """`explicit` when a person stated any of them, else `inferred`."""
        return "explicit" if any(failure.provenance == "explicit" for failure in self.failures) else "inferred"

    @property
    def because(self) -> str:
        """Each reason once, joined by `; `."""
        return "; ".join(dict.fromkeys(failure.because for failure in self.failures if failure.because))

    @property
    def began_at(self) -> Optional[datetime]:
        """The earliest impact; `None` when none of them has one."""
        return min((failure.began_at for failure in self.failures if failure.began_at), default=None)

    @property
    def restored_at(self) -> Optional[datetime]:
        """The latest restore; `None` while one of them is open."""
        last = self._last
        return last.restored_at if last else None

    @property
    def restored_by(self) -> Optional[str]:
        """What ended it: that of the latest restore; `None` while one of them is open."""
        last = self._last
        return last.restored_by if last else None

    @property
    def recovery(self) -> Optional[timedelta]:
        """From the beginning to the end; `None` when open, or when it ends before it begins (left out as `invalid`)."""
        began, restored = self.began_at, self.restored_at
        return restored - began if began and restored and restored >= began else None

    @property
    def _last(self) -> Optional[Failure]:
        restored = [(failure.restored_at, failure) for failure in self.failures if failure.restored_at]
        return max(restored, key=lambda end: end[0])[1] if len(restored) == len(self.failures) else None


def outages_by_deployment(failures: Iterable[Failure]) -> dict[str, Outage]:
    """Key of the failed deployment to its outage; failures that no deployment answers for are in none."""
    blamed: dict[str, list[Failure]] = {}
    for failure in failures:
        if failure.deployment and failure.attribution not in BLAMES_NO_DEPLOYMENT:
            blamed.setdefault(failure.deployment, []).append(failure)
    return {key: Outage(tuple(found)) for key, found in blamed.items()}
