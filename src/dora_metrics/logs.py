"""Logs on stderr: text for people, or one JSON object a line for machines; never a secret in either.

A message for people is `logger.warning("…")`. Fields for machines go beside it: `extra={"fields": {"commits": 12}}`.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Callable, Optional

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dora_metrics.redaction import Redactor

OURS = "dora_metrics"
PROGRESS = "dora_metrics.progress"
TALKATIVE = ("httpx", "httpcore", "gql", "boto3", "botocore", "s3transfer", "urllib3", "keyring", "apprise", "asyncio")
"""Libraries whose lower levels log whole answers, addresses and session tokens."""


class TextFormatter(logging.Formatter):
    """`warning: …`, `error: …`; plain text below; a traceback follows where one was logged."""

    def __init__(self, redactor: Redactor, *, with_tracebacks: bool) -> None:
        super().__init__()
        self.redactor = redactor
        self.with_tracebacks = with_tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """One line; before it the details, and the traceback when tracebacks are wanted."""
        prefix = "" if record.levelno == logging.INFO else f"{_level(record)}: "
        line = prefix + " ".join(record.getMessage().split())
        before = traceback_of(record) if self.with_tracebacks else ""
        details = "".join(f"{detail}\n" for detail in getattr(record, "fields", {}).get("details", ()))
        return self.redactor.text(before + details + line)


class JsonFormatter(logging.Formatter):
    """One JSON object: time, level, run, event, fields; `run` is the same in all lines of one call."""

    def __init__(self, redactor: Redactor, *, with_tracebacks: bool, run_id: str = "") -> None:
        super().__init__()
        self.run_id = run_id
        self.redactor = redactor
        self.with_tracebacks = with_tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """The object on one line."""
        at = datetime.fromtimestamp(record.created, tz=timezone.utc)
        fields: dict[str, object] = {"logger": record.name, **getattr(record, "fields", {})}
        if self.with_tracebacks and record.exc_info:
            fields["traceback"] = traceback_of(record)
        line = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": _level(record),
            "run": self.run_id,
            "event": self.redactor.text(" ".join(record.getMessage().split())),
            "fields": self.redactor.value(fields),
        }
        return json.dumps(line, ensure_ascii=False, allow_nan=False)


class StderrHandler(logging.Handler):
    """Writes to whatever `sys.stderr` is at that moment; a progress bar on the line is wiped first."""

    def __init__(self, wipe: Optional[Callable[[], None]] = None) -> None:
        super().__init__()
        self.wipe = wipe

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a stderr that is closed or full loses it, and the run goes on."""
        try:
            line = self.format(record)
            if self.wipe:
                self.wipe()
            sys.stderr.write(line + "\n")
            sys.stderr.flush()
        except OSError:
            return
        except Exception:  # noqa: BLE001 (logging's own rule: a record that cannot be written must not stop the run)
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Say that a record was lost, without its content: the usual traceback would show secrets."""
        sys.stderr.write(f"warning: a log record of {record.name} could not be written\n")


def threshold(verbosity: int, log_format: str) -> int:
    """The lowest level shown: -q (-1) and text show warnings, JSON also the milestones, -v (1) everything."""
    if verbosity > 0:
        return logging.DEBUG
    return logging.INFO if log_format == "json" and not verbosity else logging.WARNING


@contextmanager
def logging_to_stderr(
    *,
    redactor: Redactor,
    log_format: str,
    verbosity: int,
    wipe: Optional[Callable[[], None]] = None,
    run_id: str = "",
) -> Iterator[None]:
    """While this lasts, all logging goes to stderr in this form; afterwards everything is as it was."""
    handler = StderrHandler(wipe)
    if log_format == "json":
        handler.setFormatter(JsonFormatter(redactor, with_tracebacks=verbosity > 0, run_id=run_id))
    else:
        handler.setFormatter(TextFormatter(redactor, with_tracebacks=verbosity > 0))
    handler.addFilter(_ours_or_a_warning)
    levels = {OURS: threshold(verbosity, log_format), PROGRESS: logging.WARNING if verbosity < 0 else logging.INFO}
    before = _set_levels({"": logging.WARNING, **dict.fromkeys(TALKATIVE, logging.WARNING), **levels})
    logging.captureWarnings(capture=True)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        logging.captureWarnings(capture=False)
        _set_levels(before)


def traceback_of(record: logging.LogRecord) -> str:
    """The traceback that was logged with a record; the empty text when there is none."""
    return "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""


def _ours_or_a_warning(record: logging.LogRecord) -> bool:
    """Whether to show it: the warnings that Python itself gives about code are for us, hence for -v alone."""
    if record.name == "py.warnings":
        return logging.getLogger(OURS).getEffectiveLevel() <= logging.DEBUG
    return record.name.split(".")[0] == OURS or record.levelno >= logging.WARNING


def _level(record: logging.LogRecord) -> str:
    return record.levelname.lower()


def _set_levels(levels: Mapping[str, int]) -> dict[str, int]:
    before = {name: logging.getLogger(name).level for name in levels}
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    return before
