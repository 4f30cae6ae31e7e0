"""Waiting for a file lock. The system gives it back when its holder dies, so no lock is ever stale."""

from __future__ import annotations

import fcntl
import logging
import time
from pathlib import Path

from dora_metrics.errors import BusyError

SHORTEST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.1

progress = logging.getLogger("dora_metrics.progress")


def take_lock(held: int, root: Path, *, timeout_s: float) -> None:
    """Lock the open file `held` for this process alone, waiting at most `timeout_s` seconds for another one.

    Raises `BusyError` when another still holds it then, and `OSError` where the file system knows no locks.
    """
    deadline = time.monotonic() + timeout_s
    pause = SHORTEST_PAUSE_S
    told = False
    while not _taken(held):
        left = deadline - time.monotonic()
        if left <= 0:
            raise _busy(root, timeout_s)
        if not told:
            progress.info("Another run is writing to %s; waiting for it, at most %g seconds.", root, timeout_s)
            told = True
        time.sleep(min(left, pause))
        pause = min(2 * pause, LONGEST_PAUSE_S)


def _taken(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(root: Path, timeout_s: float) -> BusyError:
    waited = f", and still is after {timeout_s:g} seconds" if timeout_s else ""
    remedy = "wait until it has ended, then run the same command again; --lock-timeout waits longer"
    return BusyError(f"another run is writing: {root}{waited}", remedy=remedy)
