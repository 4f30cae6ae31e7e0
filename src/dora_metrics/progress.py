"""Shows on stderr how far a long step is: a bar on a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import dataclass, field
from typing import Callable, Optional

from dora_metrics.logs import PROGRESS

QUIET_S = 1.0
"""A step that is over by then is not shown at all."""
BAR_EVERY_S = 0.1
LINE_EVERY_S = 5.0
BAR_WIDTH = 30
WIPE = "\r\x1b[K"

logger = logging.getLogger(PROGRESS)


@dataclass
class Step:
    """What is under way."""

    what: str
    total: Optional[int]
    began_s: float
    done: int = 0
    shown_s: Optional[float] = None


@dataclass
class LineProgress:
    """A plain line every few seconds, through the log; nothing for a step that is quick."""

    clock: Callable[[], float] = time.monotonic
    """Seconds, from any start."""
    every_s: float = LINE_EVERY_S
    step: Optional[Step] = None

    def begin(self, what: str, total: Optional[int] = None) -> None:
        """A step starts; one under way is over."""
        self.end()
        self.step = Step(what, total, began_s=self.clock())

    def advance(self, n: int = 1) -> None:
        """`n` more units; shown when it is time."""
        if self.step is None:
            return
        self.step.done += n
        now_s = self.clock()
        since_s = self.step.began_s + QUIET_S - self.every_s if self.step.shown_s is None else self.step.shown_s
        if now_s - since_s >= self.every_s:
            self.step.shown_s = now_s
            self.show(self.step)

    def end(self) -> None:
        """The step is over."""
        self.step = None

    def wipe(self) -> None:
        """Make room for another line on stderr; lines need no room."""

    def show(self, step: Step) -> None:
        """One line."""
        fields = {"done": step.done, "total": step.total}
        logger.info("%s: %s", step.what, numbers(step), extra={"fields": fields})


@dataclass
class BarProgress(LineProgress):
    """A bar that redraws itself on one line of a terminal, and leaves nothing behind."""

    every_s: float = BAR_EVERY_S
    drawn: bool = field(default=False)

    def end(self) -> None:
        """The step is over: the line is empty again."""
        self.wipe()
        super().end()

    def wipe(self) -> None:
        """Empty the line."""
        if self.drawn:
            sys.stderr.write(WIPE)
            sys.stderr.flush()
            self.drawn = False

    def show(self, step: Step) -> None:
        """Draw over what was drawn last."""
        sys.stderr.write(f"{WIPE}{step.what}: {bar(step)}{numbers(step)}")
        sys.stderr.flush()
        self.drawn = True


def numbers(step: Step) -> str:
    """`1,200 of 34,000 (3 %)`, or the number alone; 100 % only when all is done."""
    if not step.total:
        return f"{step.done:,}"
    percent = min(100, step.done * 100 // step.total)
    return f"{step.done:,} of {step.total:,} ({percent} %)"


def bar(step: Step) -> str:
    """`[#####     ] ` without any colour, so that NO_COLOR is kept; nothing where no total is known."""
    if not step.total:
        return ""
    full = min(BAR_WIDTH, step.done * BAR_WIDTH // step.total)
    return f"[{'#' * full}{' ' * (BAR_WIDTH - full)}] "


def progress_for(*, is_terminal: bool, term: str, verbosity: int, log_format: str) -> LineProgress:
    """The right one: a bar only on a terminal that can redraw a line, with text logs and without -q."""
    if is_terminal and term != "dumb" and verbosity >= 0 and log_format == "text":
        return BarProgress()
    return LineProgress()
