"""How a command runs: settings read, logs set up, errors turned into one line and an exit code.

The environment, the clock and the current folder are read here and nowhere below.
"""

from __future__ import annotations

import getpass
import logging
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Protocol

import click

from dora_metrics import __version__
from dora_metrics.cli_errors import (
    BROKEN_PIPE,
    no_such_command,
    report_error,
    stopping_on_signals,
)
from dora_metrics.cli_options import everywhere_options, setting_options, write_help_groups
from dora_metrics.cli_output import STANDARD_OUTPUT, close_quietly, emit
from dora_metrics.cli_times import read_time
from dora_metrics.config import Settings
from dora_metrics.config_sources import Loaded, load, override
from dora_metrics.errors import InputError
from dora_metrics.logs import FORMATS, logging_to_stderr
from dora_metrics.progress import LineProgress, progress_for
from dora_metrics.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dora_metrics.pipeline.workspace import Workspace

PROGRAM = "dora-metrics"
COMPLETION = "_DORA_METRICS_COMPLETE"

logger = logging.getLogger("dora_metrics.cli")


class Summary(Protocol):
    """What a step of the pipeline tells about itself."""

    @property
    def sentences(self) -> Sequence[str]:
        """What was done."""

    @property
    def warnings(self) -> Sequence[str]:
        """What a person should know about it."""


@dataclass
class App:
    """What holds for the whole call: the environment, and how to log."""

    environ: Mapping[str, str]
    redactor: Redactor
    log_format: str
    verbosity: int = 0
    """-1 with -q, 1 with -v."""

    @classmethod
    def from_process(cls, arguments: Sequence[str]) -> App:
        """The one of this process. `--log-format` is looked up early, for complaints about the arguments themselves."""
        environ = dict(os.environ)
        joined = " ".join(arguments).replace("--log-format=", "--log-format ")
        wants_json = "--log-format json" in joined or environ.get("DORA_LOG_FORMAT") == "json"
        verbosity = 1 if "-v" in arguments or "--verbose" in arguments else 0
        return cls(environ, Redactor.from_environment(environ), FORMATS[wants_json], verbosity)


@dataclass(frozen=True)
class Run:
    """One command under way: its settings, and the options that only concern the command line."""

    app: App
    loaded: Loaded
    options: Mapping[str, Any]
    """The settings among the options, by name; `None` where not given."""
    folder: Path
    """Where the person stands."""
    progress: LineProgress = field(default_factory=LineProgress)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.loaded.settings

    @property
    def quiet(self) -> bool:
        """Whether -q asks for results only."""
        return self.app.verbosity < 0

    @property
    def on_terminal(self) -> bool:
        """Whether a person looks at standard output."""
        return sys.stdout.isatty()

    def now(self, as_of: Optional[str] = None) -> datetime:
        """The instant that counts as now: `--as-of`, or the clock's."""
        return self.time("--as-of", as_of) or datetime.now(tz=timezone.utc)

    def time(self, option: str, text: Optional[str]) -> Optional[datetime]:
        """The instant that an option names. Raises `ConfigurationError`."""
        return read_time(option, text, self.settings.metrics.timezone)

    def path(self, text: Optional[str]) -> Optional[Path]:
        """A path that a person typed, seen from where they stand; `None` for none."""
        return self.folder / text if text else None

    def workspace(self, as_of: Optional[str] = None) -> Workspace:
        """What each step of the pipeline is given."""
        from dora_metrics.pipeline.workspace import Workspace  # noqa: PLC0415 (never part of --help)

        return Workspace(
            settings=self.settings,
            root=self.loaded.root,
            now=self.now(as_of),
            environ=self.app.environ,
            tool_version=__version__,
            actor=actor(self.app.environ),
            progress=self.progress,
        )

    def tell(self, summary: Summary) -> None:
        """Tell what a step did, and what a person should know about it."""
        for warning in summary.warnings:
            logger.warning("%s", warning)
        self.say(summary.sentences)

    def say(self, sentences: Iterable[str]) -> None:
        """Tell what was done, unless -q."""
        if not self.quiet:
            for sentence in sentences:
                emit(sentence)


class DoraCommand(click.Command):
    """A command whose settings come from options, environment and file."""

    def __init__(self, *args: Any, sections: Sequence[str] = (), reads_file: bool = True, **attributes: Any) -> None:
        """`sections` are those whose settings are options here; `init` and `demo` read no file."""
        super().__init__(*args, **attributes)
        self.sections = tuple(sections)
        self.reads_file = reads_file and bool(sections)
        self.params += [*setting_options(sections), *everywhere_options(reads_file=self.reads_file)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Grouped by what the options are about."""
        write_help_groups(self, ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Read the settings, set up logs and progress, then call the command with a `Run`."""
        app = ctx.obj if isinstance(ctx.obj, App) else App.from_process(())
        app.log_format = ctx.params.pop("log_format")
        app.verbosity = ctx.params.pop("verbose") - ctx.params.pop("quiet")
        config = ctx.params.pop("config", None)
        names = [name for name in ctx.params if name.startswith("setting_")]
        options = {name[len("setting_") :]: ctx.params.pop(name) for name in names}
        progress = progress_for(
            is_terminal=sys.stderr.isatty(),
            term=app.environ.get("TERM", ""),
            verbosity=app.verbosity,
            log_format=app.log_format,
        )
        with logging_for(app, progress):
            folder = Path.cwd()
            loaded = self._load(folder, config, app, options)
            app.redactor.learn(app.environ.get(name, "") for name in loaded.settings.notify.targets)
            ctx.obj = Run(app, loaded, options, folder, progress)
            return super().invoke(ctx)

    def _load(self, folder: Path, config: Optional[str], app: App, options: Mapping[str, Any]) -> Loaded:
        if not self.sections:
            return Loaded.defaults(folder)
        if not self.reads_file:
            settings = override(Settings(), cwd=folder, root=folder, environ=app.environ, options=options)
            return Loaded(settings, root=folder, file=None)
        return load(file=folder / config if config else None, cwd=folder, environ=app.environ, options=options)


class DoraGroup(click.Group):
    """All commands, in the order in which a person needs them; every failure ends here."""

    command_class = DoraCommand

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they were added."""
        del ctx
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[Optional[str], Optional[click.Command], list[str]]:
        """The command that `args` begin with. Raises `ConfigurationError` with the name that was probably meant."""
        if args and args[0] not in self.commands and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise no_such_command(args[0], self)
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Optional[Sequence[str]] = None,
        prog_name: Optional[str] = None,
        complete_var: Optional[str] = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command line and exit with its code; without `standalone_mode` give the code back."""
        if os.environ.get(COMPLETION):
            return super().main(args, PROGRAM, complete_var, standalone_mode, **extra)
        arguments = list(sys.argv[1:] if args is None else args)
        code = self._run(arguments, prog_name if prog_name == PROGRAM else PROGRAM, extra)
        if code == BROKEN_PIPE and args is None:
            close_quietly()
        return sys.exit(code) if standalone_mode else code

    def _run(self, arguments: list[str], prog_name: str, extra: Mapping[str, Any]) -> int:
        app = App.from_process(arguments)
        try:
            with stopping_on_signals(), self.make_context(prog_name, arguments, obj=app, **extra) as ctx:
                return int(self.invoke(ctx) or 0)
        except click.exceptions.Exit as done:
            return done.exit_code
        except BaseException as error:  # the last place that can tell a person
            if isinstance(error, (SystemExit, GeneratorExit)):
                raise
            with logging_for(app, LineProgress()):
                return report_error(error, verbose=app.verbosity > 0)


@contextmanager
def logging_for(app: App, progress: LineProgress) -> Iterator[None]:
    """While this lasts, logs go to stderr as the person asked, and a bar makes room for them."""
    with logging_to_stderr(
        redactor=app.redactor, log_format=app.log_format, verbosity=app.verbosity, wipe=progress.wipe
    ):
        try:
            yield
        finally:
            progress.end()


def read_input(run: Run, file: str) -> bytes:
    """The bytes of a file, or of standard input for `-`. Raises `InputError`."""
    if file == STANDARD_OUTPUT:
        return sys.stdin.buffer.read()
    try:
        return (run.folder / file).read_bytes()
    except OSError as error:
        message = f"{file} cannot be read ({error.strerror})"
        raise InputError(message, remedy="name a file that exists and that you may read") from error


def open_in_browser(path: Path) -> None:
    """Open a page in the person's browser; where there is none, a warning says so."""
    if click.launch(str(path)) != 0:
        logger.warning("no browser could be opened; the report is %s", path)


def actor(environ: Mapping[str, str]) -> str:
    """Who runs this, for the history: the person behind a CI job, else the account; `unknown` when nobody knows."""
    try:
        return environ.get("GITHUB_ACTOR") or getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name, as in some containers
        return "unknown"
