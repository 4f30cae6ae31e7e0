"""What went wrong → one line on stderr and an exit code."""

from __future__ import annotations

import logging
import signal
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import click

from dora_metrics.cli_signals import BROKEN_PIPE, SIGNALLED, ReaderGoneError, StoppedError
from dora_metrics.errors import ConfigurationError, DoraMetricsError
from dora_metrics.spelling import closest, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger("dora_metrics.cli")


def report_error(error: BaseException, *, verbose: bool) -> int:
    """Log the one line that tells of `error`; the exit code."""
    if isinstance(error, ReaderGoneError):
        return BROKEN_PIPE
    if isinstance(error, (StoppedError, click.Abort, KeyboardInterrupt)):
        logger.error("interrupted; run the same command again")
        return error.exit_code if isinstance(error, StoppedError) else SIGNALLED + signal.SIGINT
    foreseen = _foreseen(error)
    known = foreseen or _our_fault(error, verbose=verbose)
    fields = {"exit_code": known.exit_code, "remedy": known.remedy}
    details = {"details": known.details} if known.details else {}
    logger.error(known.line()[len("error: ") :], exc_info=error, extra={"fields": {**fields, **details}})
    return known.exit_code


def _foreseen(error: BaseException) -> Optional[DoraMetricsError]:
    if isinstance(error, DoraMetricsError):
        return error
    return from_click(error) if isinstance(error, click.ClickException) else None


def _our_fault(error: BaseException, *, verbose: bool) -> DoraMetricsError:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    what = f"a fault of dora-metrics{place}: {type(error).__name__}: {error}"
    more = "the traceback above" if verbose else "what the same command prints with -v"
    return DoraMetricsError(what, remedy=f"please report it, together with {more}")


def from_click(error: click.ClickException) -> ConfigurationError:
    """A complaint of click about the command line, with the name that was probably meant."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "dora-metrics"
    usage = f"see {command} --help"
    if isinstance(error, click.NoSuchOption) and context:
        return _no_such_option(error, context, usage)
    message = error.format_message().strip().rstrip(".")
    return ConfigurationError(message[:1].lower() + message[1:], remedy=usage)


def no_such_command(name: str, commands: Iterable[str]) -> ConfigurationError:
    """There is no command `name`."""
    names = sorted(commands)
    usual = f"the commands are {', '.join(names)}"
    return ConfigurationError(f"there is no command {name}", remedy=did_you_mean(name, names, otherwise=usual))


def _no_such_option(error: click.NoSuchOption, context: click.Context, usage: str) -> ConfigurationError:
    name = error.option_name
    message = f"{context.command_path} has no option {name}"
    near = closest(name.lstrip("-"), (option[2:] for option in _long_options(context.command)))
    root = context.find_root().command
    homes = [other for other, command in getattr(root, "commands", {}).items() if name in _long_options(command)]
    if homes:
        listed = homes[0] if len(homes) == 1 else f"{', '.join(homes[:-1])} and {homes[-1]}"
        return ConfigurationError(
            message, remedy=f"it belongs to {listed}" + (f"; did you mean --{near}?" if near else "")
        )
    return ConfigurationError(message, remedy=f"did you mean --{near}?" if near else usage)


def _long_options(command: click.Command) -> list[str]:
    return [name for param in command.params for name in (*param.opts, *param.secondary_opts) if name.startswith("--")]
