"""How far the data can be trusted, finding by finding: what `calculate`, `status` and the report all show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

FINE = "fine"
"""Nothing to do."""
WATCH = "watch"
"""Worth knowing when reading the numbers."""
ACT = "act"
"""Somebody should do what the remedy says before relying on the numbers."""


@dataclass(frozen=True)
class QualityFinding:
    """One thing to know about the data behind the numbers."""

    code: str
    """Stable name, such as `with_pull_request`, `left_out:negative`, `not_reviewed`."""
    what: str
    """What was counted, in words for a person."""
    count: int
    total: Optional[int] = None
    """Of how many; `None` where a share says nothing."""
    severity: str = FINE
    """`fine`, `watch` or `act`."""
    meaning: str = ""
    """What it does to the numbers; one sentence."""
    remedy: str = ""
    """What to do about it; empty when there is nothing to do."""

    @property
    def share(self) -> Optional[float]:
        """From 0 to 1; `None` without a total, or of nothing."""
        return self.count / self.total if self.total else None

    def as_object(self) -> dict[str, Any]:
        """As JSON holds it: the fields, and the share with at most six decimals."""
        return {
            "code": self.code,
            "what": self.what,
            "count": self.count,
            "total": self.total,
            "share": None if self.share is None else round(self.share, 6),
            "severity": self.severity,
            "meaning": self.meaning,
            "remedy": self.remedy,
        }
