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
from dora_metrics.cli_call import Call
from dora_metrics.cli_errors import report_error
from dora_metrics.cli_options import SETTING
from dora_metrics.cli_output import STANDARD_OUTPUT, emit
from dora_metrics.cli_times import read_time, read_window
from dora_metrics.config import Settings
from dora_metrics.config_sources import Loaded, load, override
from dora_metrics.errors import InputError
from dora_metrics.logs import logging_to_stderr
from dora_metrics.progress import LineProgress, progress_for
from dora_metrics.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dora_metrics.pipeline.workspace import Workspace


logger = logging.getLogger("dora_metrics.cli")


class Summary(Protocol):
    """What a step of the pipeline tells about itself."""

    @property
    def sentences(self) -> Sequence[str]:
        """What was done."""

    @property
    def warnings(self) -> Sequence[str]:
        """What a person should know about it."""


@dataclass(frozen=True)
class App:
    """What holds for the whole call: the environment, and how to log."""

    environ: Mapping[str, str]
    redactor: Redactor
    log_format: str
    verbosity: int = 0
    """-1 with -q, 1 with -v."""
    run_id: str = ""
    """In each JSON line of this call."""

    @classmethod
    def of(cls, call: Call) -> App:
        """The one of this process. Before a command runs, its wishes are guessed: arguments may be complained about."""
        environ = dict(os.environ)
        joined = " ".join(call.arguments).replace("--log-format=", "--log-format ")
        wants_json = "--log-format json" in joined or environ.get("DORA_LOG_FORMAT") == "json"
        return cls(
            environ,
            call.redactor or Redactor.from_environment(environ),
            call.log_format or ("json" if wants_json else "text"),
            call.verbosity,
            call.run_id,
        )


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

    def window(self, since: Optional[str], until: Optional[str]) -> tuple[Optional[datetime], Optional[datetime]]:
        """Both ends of --since and --until. Raises `ConfigurationError`."""
        return read_window(since, until, self.settings.metrics.timezone)

    def read(self, file: str) -> bytes:
        """The bytes of a file, of standard input for `-`, or of an object in a bucket. Raises `InputError`."""
        if file == STANDARD_OUTPUT:
            return sys.stdin.buffer.read()
        if file.startswith("s3://"):
            from dora_metrics.storage.s3_store import read_object

            return read_object(file)
        try:
            return (self.folder / file).read_bytes()
        except OSError as error:
            message = f"{file} cannot be read ({error.strerror})"
            raise InputError(message, remedy="name a file that exists and that you may read") from error

    def open(self, path: Optional[Path], where: str = "it") -> None:
        """Open a page in the person's browser; where there is none, or `path` is in a bucket, a warning says so."""
        if path is None:
            logger.warning("%s cannot be opened from here; name a file of this machine with --output", where)
        elif click.launch(str(path)) != 0:
            logger.warning("no browser could be opened; the report is %s", path)

    def path(self, text: Optional[str]) -> Optional[Path]:
        """A path that a person typed, seen from where they stand; `None` for none."""
        return self.folder / text if text else None

    def workspace(self, as_of: Optional[str] = None, *, repository: str = "", service: str = "") -> Workspace:
        """What each step of the pipeline is given; `repository` and `service` are the only ones wanted."""
        from dora_metrics.pipeline.workspace import Workspace

        return Workspace(
            settings=self.settings,
            root=self.loaded.root,
            now=self.now(as_of),
            environ=self.app.environ,
            tool_version=__version__,
            actor=actor(self.app.environ),
            progress=self.progress,
            keep_secret=lambda secret: self.app.redactor.learn([secret]),
            on_the_clock=as_of is None,
            repository=repository,
            service=service,
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


@contextmanager
def run_in(call: Call, params: dict[str, Any], *, has_settings: bool, reads_file: bool) -> Iterator[Run]:
    """A run with its settings read and its logs going where the person wants them.

    What concerns every command is taken out of `params`; a command's own options stay. Raises `ConfigurationError`.
    """
    call.log_format = params.pop("log_format")
    call.verbosity = params.pop("verbose") - params.pop("quiet")
    app = App.of(call)
    call.redactor = app.redactor
    config = params.pop("config", None)
    names = [name for name in params if name.startswith(SETTING)]
    options = {name[len(SETTING) :]: params.pop(name) for name in names}
    progress = progress_for(
        is_terminal=sys.stderr.isatty(),
        term=app.environ.get("TERM", ""),
        verbosity=app.verbosity,
        log_format=app.log_format,
    )
    with logging_for(app, progress):
        folder = Path.cwd()
        loaded = Loaded.defaults(folder)
        if has_settings:
            loaded = _load(folder, config, app, options, reads_file=reads_file)
        app.redactor.learn(app.environ.get(name, "") for name in loaded.settings.notify.targets)
        yield Run(app, loaded, options, folder, progress)


def _load(folder: Path, config: Optional[str], app: App, options: Mapping[str, Any], *, reads_file: bool) -> Loaded:
    if reads_file:
        return load(file=folder / config if config else None, cwd=folder, environ=app.environ, options=options)
    settings = override(Settings(), cwd=folder, root=folder, environ=app.environ, options=options)
    return Loaded(settings, root=folder, file=None)


def complain(error: BaseException, call: Call) -> int:
    """Tell of a failure as the person asked to be told; the exit code."""
    app = App.of(call)
    with logging_for(app, LineProgress()):
        return report_error(error, verbose=app.verbosity > 0)


@contextmanager
def logging_for(app: App, progress: LineProgress) -> Iterator[None]:
    """While this lasts, logs go to stderr as the person asked, and a bar makes room for them."""
    with logging_to_stderr(
        redactor=app.redactor,
        log_format=app.log_format,
        verbosity=app.verbosity,
        wipe=progress.wipe,
        run_id=app.run_id,
    ):
        try:
            yield
        finally:
            progress.end()


def actor(environ: Mapping[str, str]) -> str:
    """Who runs this, for the history: the person behind a CI job, else the account; `unknown` when nobody knows."""
    try:
        return environ.get("GITHUB_ACTOR") or getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name, as in some containers
        return "unknown"
