"""Being stopped: by a signal, or by a reader who has had enough."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNALLED = 128
BROKEN_PIPE = SIGNALLED + 13
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StoppedError(BaseException):
    """A signal asked us to stop. No `Exception`, so that nobody takes it for a failure to recover from."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = SIGNALLED + number


class ReaderGoneError(Exception):
    """Whoever read our standard output has had enough, as `head` does."""


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """While this lasts, SIGINT and SIGTERM raise `StoppedError`, so that what is half done is cleaned up."""

    def stop(number: int, _frame: Any) -> None:
        raise StoppedError(number)

    ours = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]  # nohup stays in force
    try:
        before = {number: signal.signal(number, stop) for number in ours}
    except ValueError:  # not the main thread: signals are none of our business there
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
