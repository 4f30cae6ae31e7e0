"""Results: on standard output, or in a file that is there whole or not at all."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from dora_metrics.cli_signals import ReaderGoneError
from dora_metrics.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

STANDARD_OUTPUT = "-"


def emit(text: str) -> None:
    """Print `text` on standard output, ended by one line break. Raises `StorageError` when nothing more fits there."""
    try:
        click.echo(text.removesuffix("\n"))
    except BrokenPipeError as error:
        raise ReaderGoneError from error
    except UnicodeEncodeError as error:
        message = f"standard output cannot show {error.object[error.start]!a} in {error.encoding}"
        raise StorageError(message, remedy="set PYTHONIOENCODING=utf-8, or write to a file with --output") from error
    except OSError as error:
        message = f"standard output cannot be written ({error.strerror})"
        raise StorageError(message, remedy="make room, or write elsewhere") from error


def write_or_emit(text: str, output: str) -> None:
    """Put `text` into the file `output`, or on standard output when that is empty or `-`. Raises `StorageError`."""
    if output in {"", STANDARD_OUTPUT}:
        emit(text)
    else:
        from pathlib import Path

        write_whole(Path(output), text)


def write_whole(path: Path, text: str, *, replace: bool = True) -> None:
    """Readers of `path` see what was there before, or all of `text`. Raises `StorageError`.

    Without `replace` a file that is there is left alone, which is an error.
    """
    try:
        draft = _draft(path.parent, text)
        try:
            draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
            if replace:
                draft.replace(path)
            else:
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror})"
        raise StorageError(message, remedy="name a file in a folder that exists and that you may write to") from error


def flushed() -> bool:
    """Whether all that was printed has left; not when standard output takes nothing more."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):  # a full disk; a stream that is closed
        return False
    return True


def close_quietly(stream_number: int = 1) -> None:
    """Let what Python still flushes at its end go nowhere: its reader is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream_number)
    os.close(nowhere)


def _draft(folder: Path, text: str) -> Path:
    import tempfile
    from pathlib import Path

    number, name = tempfile.mkstemp(dir=folder, prefix=".dora-metrics-")
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError:
        Path(name).unlink()
        raise
    return Path(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
