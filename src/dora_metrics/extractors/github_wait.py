"""Waiting for GitHub: how long, and shown as a countdown."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from dora_metrics.domain.progress import Progress

LONGEST_STEP_S = 60.0
SHOWN_FROM_S = 2.0
NEGLIGIBLE_S = 0.001
FIRST_PAUSE_S = 1.0
SECONDARY_S = 60.0
"""At least so long after a secondary limit that does not say how long (GitHub's own advice)."""
LONGEST_GUESS_S = 900.0
AFTER_RESET_S = 1.0


class Waiter(Protocol):
    """The time, for the client: tests give it one that passes at once."""

    def sleep(self, seconds: float, why: str) -> None:
        """Let `seconds` pass; `why` is a phrase for people."""

    def monotonic(self) -> float:
        """Seconds from any start, never going back."""


@dataclass(frozen=True)
class CountdownWaiter:
    """Real time; a wait that a person notices is shown."""

    progress: Progress

    def sleep(self, seconds: float, why: str) -> None:
        """Wait, in steps that a signal can end: each second at first, at most sixty steps for a long one."""
        if seconds < SHOWN_FROM_S:
            time.sleep(max(0.0, seconds))
            return
        self.progress.begin(f"Waiting for GitHub ({why}), seconds", total=round(seconds))
        try:
            self._count(seconds)
        finally:
            self.progress.end()

    def _count(self, seconds: float) -> None:
        step = min(LONGEST_STEP_S, max(1.0, seconds // 60))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > NEGLIGIBLE_S:
            time.sleep(min(step, left))
            self.progress.advance(round(min(step, left)))

    def monotonic(self) -> float:
        """The machine's own."""
        return time.monotonic()


def growing(first_s: float, times: int, jitter: float) -> float:
    """`first_s` doubled `times` times, and up to a quarter more: `jitter` is from 0 to 1."""
    return float(first_s * 2**times * (1 + jitter / 4))
