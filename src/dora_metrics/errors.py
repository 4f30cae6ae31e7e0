"""The failures that `dora-metrics` foresees, one class for each exit code.

DoraMetricsError            1   a fault of ours
├── ConfigurationError      2   wrong usage or configuration
├── AccessError             3   no permission: token, scope, keys
├── InputError              4   bad input data: CSV, JSON, schema
├── RepositoryError         5   the git repository
├── UnreachableError        6   GitHub unreachable, or the wait would be too long
├── StorageError            7   the data folder or bucket cannot be read or written
├── BusyError               8   another run holds the data: try again
└── IntegrityError          9   stored data fail verification
"""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_LINE = 300


class DoraMetricsError(Exception):
    """A failure we foresaw: the CLI prints `line()` and exits with `exit_code`."""

    exit_code = 1

    def __init__(self, message: str, *, remedy: str, details: Sequence[str] = ()) -> None:
        """`message` says what happened and to what, `remedy` what to do about it; neither ends in a full stop.

        `details` are lines printed before the one that sums them up, such as every bad row of a file.
        """
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.details = tuple(details)

    def line(self) -> str:
        """The one line for stderr, at most 300 characters: the remedy is kept whole, the message is cut."""
        message = " ".join(self.message.split())
        remedy = " ".join(self.remedy.split())
        room = LONGEST_LINE - len(f"error: ; {remedy}")
        if len(message) > room > 0:
            message = message[: room - 1] + "…"
        return f"error: {message}; {remedy}"[:LONGEST_LINE]


class ConfigurationError(DoraMetricsError):
    """A wrong option, environment variable or configuration file."""

    exit_code = 2


class AccessError(DoraMetricsError):
    """A token, scope or key does not permit what was asked."""

    exit_code = 3


class InputError(DoraMetricsError):
    """A file that a person gave cannot be taken as it is."""

    exit_code = 4


class RepositoryError(DoraMetricsError):
    """The git repository cannot be read, or does not hold what the numbers need."""

    exit_code = 5


class UnreachableError(DoraMetricsError):
    """GitHub does not answer, or the wait it asks for is longer than allowed."""

    exit_code = 6


class StorageError(DoraMetricsError):
    """The data folder or bucket cannot be read or written."""

    exit_code = 7


class BusyError(DoraMetricsError):
    """Another run holds the data; running again is safe."""

    exit_code = 8


class IntegrityError(DoraMetricsError):
    """Stored data are not what the history says they are."""

    exit_code = 9
