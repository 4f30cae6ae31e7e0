"""A disk that fails or a process that dies at the k-th call that changes anything, inside this process.

    with FaultyDisk(at=3, fault=enospc) as disk:
        ...
    disk.calls

Forcing to the disk is counted and not done: nothing here loses power.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

CALLS = ("open", "write", "fsync", "rename", "link", "unlink", "mkdir", "rmdir")


class Death(BaseException):
    """The process ends here: no clean-up of ours runs to any effect after it."""


def _error(number: int) -> Callable[[], BaseException]:
    return lambda: OSError(number, os.strerror(number))


ENOSPC = _error(errno.ENOSPC)
EIO = _error(errno.EIO)


class FaultyDisk:
    """Counts the calls made within it; the `at`-th one raises what `fault` makes, `before` or after its effect.

    After a `Death` every later call raises it too.
    """

    def __init__(self, *, at: int = 0, fault: Callable[[], BaseException] = Death, before: bool = True) -> None:
        self.calls: list[str] = []
        self._at = at
        self._fault = fault
        self._before = before
        self._real: dict[str, Any] = {}

    @property
    def failed(self) -> Optional[str]:
        """The call that failed; `None` when there were fewer."""
        return self.calls[self._at - 1] if 0 < self._at <= len(self.calls) else None

    def __enter__(self) -> FaultyDisk:  # noqa: PYI034 (Self is not there on 3.9)
        for name in CALLS:
            self._real[name] = getattr(os, name)
            setattr(os, name, self._faulty(name))
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        for name, real in self._real.items():
            setattr(os, name, real)

    def _faulty(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if name == "open" and not arguments[1] & os.O_CREAT:
                return self._real[name](*arguments, **options)
            self.calls.append(name)
            position = len(self.calls)
            dead = self._fault is Death and self._at and position > self._at
            if dead or (position == self._at and self._before):
                raise self._fault()
            done = None if name == "fsync" else self._real[name](*arguments, **options)
            if position == self._at:
                if name == "open":
                    os.close(done)
                raise self._fault()
            return done

        return call
