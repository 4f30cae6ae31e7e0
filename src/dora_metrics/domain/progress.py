"""How far a long step is: what the pipeline tells, and the CLI may show.

A step says `begin("Reading commits", total=34_000)`, then `advance(1_000)` as often as it likes, then `end()`.
"""

from __future__ import annotations

from typing import Optional, Protocol


class Progress(Protocol):
    """Where a step tells how far it is; one step at a time, and telling never fails."""

    def begin(self, what: str, total: Optional[int] = None) -> None:
        """A step starts: `what` is a phrase without a full stop, `total` its units, `None` where nobody knows."""

    def advance(self, n: int = 1) -> None:
        """`n` more units are done."""

    def end(self) -> None:
        """The step is over; without one under way nothing happens."""


class NoProgress:
    """Nobody is watching: for tests, and for Python callers."""

    def begin(self, what: str, total: Optional[int] = None) -> None:
        """Nothing is shown."""

    def advance(self, n: int = 1) -> None:
        """Nothing is shown."""

    def end(self) -> None:
        """Nothing is shown."""
