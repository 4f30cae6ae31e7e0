"""The way of a new user, walked for them: init, extract, the answered review file, import, calculate, report."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from typing import Optional

from dora_metrics import __version__
from dora_metrics.config import Settings
from dora_metrics.config_sources import load
from dora_metrics.config_writing import render
from dora_metrics.demo.sample_answers import answered
from dora_metrics.demo.sample_facts import NAME
from dora_metrics.demo.sample_github import SampleGitHub
from dora_metrics.demo.sample_project import SampleProject, sample_project
from dora_metrics.demo.shortening import some_blocks, some_lines
from dora_metrics.domain.github_source import GitHubSource
from dora_metrics.domain.progress import Progress
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.errors import ConfigurationError, RepositoryError, StorageError
from dora_metrics.extractors.git_process import GitProcess, require_git
from dora_metrics.pipeline.extract import extract
from dora_metrics.pipeline.init import propose
from dora_metrics.pipeline.results import calculate, explain, report
from dora_metrics.pipeline.review_import import import_file
from dora_metrics.pipeline.status import status
from dora_metrics.pipeline.workspace import RunSummary, Workspace
from dora_metrics.report.results_table import results_table
from dora_metrics.storage.repository_manager import RepositoryManager

AS_OF = datetime(2025, 10, 17, 16, tzinfo=timezone.utc)
"""When the sample project is looked at, unless another time is asked for."""
YEARS = range(2010, 2100)
MARKER = ".dora-metrics-demo"
MARKER_TEXT = "Made by `dora-metrics demo`, which makes this folder anew each time.\n"
REPOSITORY = "shop.git"
CONFIGURATION = "dora-metrics.toml"
REVIEW = "data/processed/pending_review.csv"
ANSWERS = "answers.csv"
OURS = (REPOSITORY, "data", CONFIGURATION, ANSWERS, MARKER)
"""All that a demo leaves in its folder, and all that the next one removes."""
RELEASE_LINE = r"^v(\d+)\."
WEB = "https://github.example"
"""Where the invented GitHub would be: a name that no machine on the internet may bear."""
GRAPHQL_URL = f"{WEB}/api/graphql"
LEVELS = "2024"
EXPLAINED = "v2.16.1"
"""It failed: an incident tells of it, and a hotfix ended it."""


@dataclass(frozen=True)
class DemoResult:
    """A demo that was walked to its end."""

    report: Path
    text: str
    """The commands, and what each of them said."""


def _counted_names() -> Iterator[str]:
    return (f"{number:032x}" for number in count(1))


@dataclass(frozen=True)
class _Workspace(Workspace):
    """A run whose records bear counted names, not random ones: each demo gives the same bytes."""

    record_names: Iterator[str] = field(default_factory=_counted_names)
    source: Optional[GitHubSource] = None

    def github_source(self) -> Optional[GitHubSource]:
        """The sample's own."""
        return self.source

    def manager(self) -> RepositoryManager:
        return RepositoryManager(self.storage(), tool_version=self.tool_version, new_id=self.record_names.__next__)


def run_demo(output: Path, now: Optional[datetime], environ: Mapping[str, str], progress: Progress) -> DemoResult:
    """Make the sample project as it stands at `now` (default `AS_OF`) in the folder `output`, and walk through it.

    The same `now` gives the same files. Only `PATH` matters of `environ`, for git. Raises `ConfigurationError` for a
    folder that holds anything but an earlier demo, and for a year outside `YEARS`.
    """
    now = (now or AS_OF).replace(microsecond=0)
    if now.year not in YEARS:
        message = f"the sample project cannot be placed in the year {now.year}"
        raise ConfigurationError(message, remedy=f"give --as-of a year from {YEARS[0]} to {YEARS[-1]}")
    project = sample_project(now)
    _make_room(output)
    _make_repository(output / REPOSITORY, project, environ)
    return _Walk(output, now, environ, progress, project).walk()


def _make_room(output: Path) -> None:
    """An empty folder with our marker in it."""
    with _storage_errors(output):
        if output.exists() and not _is_ours(output):
            message = f"{output} is there already and is not the demo's"
            raise ConfigurationError(message, remedy="name an empty or new folder with --output")
        output.mkdir(parents=True, exist_ok=True)
        for name in OURS:
            _remove(output / name)
        (output / MARKER).write_text(MARKER_TEXT, encoding="utf-8")
        (output / REPOSITORY).mkdir()


def _is_ours(output: Path) -> bool:
    return output.is_dir() and ((output / MARKER).is_file() or not any(output.iterdir()))


@contextmanager
def _storage_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror})"
        raise StorageError(message, remedy="name another folder with --output") from error


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _make_repository(path: Path, project: SampleProject, environ: Mapping[str, str]) -> None:
    git = GitProcess(path, environ)
    require_git(git)
    _must(git, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--object-format=sha1")
    _must(git, "remote", "add", "origin", f"{WEB}/{NAME}.git")
    _must(git, "fast-import", "--quiet", "--done", stdin=project.stream)


def _must(git: GitProcess, *arguments: str, stdin: bytes = b"") -> None:
    answer = git.run(*arguments, stdin=stdin)
    if answer.returncode != 0:
        message = f"git {arguments[0]} failed in {git.path}: {answer.complaint}"
        raise RepositoryError(message, remedy="name another folder with --output")


@dataclass(frozen=True)
class _Walk:
    """One walk through the commands."""

    output: Path
    now: datetime
    environ: Mapping[str, str]
    progress: Progress
    project: SampleProject

    def walk(self) -> DemoResult:
        source = SampleGitHub(self.project.facts, self.now)
        start = _Workspace(
            Settings(), self.output, self.now, self.environ, __version__, "demo", self.progress, source=source
        )
        parts = [f"$ cd {self.output}", *self._init(start)]
        loaded = load(file=self.output / CONFIGURATION, cwd=self.output, environ={}, options={})
        workspace = replace(start, settings=loaded.settings, root=loaded.root)
        parts += [*self._extract(workspace), *self._review(workspace), *_numbers(workspace)]
        written = report(workspace)
        page = Path(written.where)
        shown = page.resolve().relative_to(self.output.resolve())
        parts += ["", "$ dora-metrics report", f"Wrote {shown}", "", *_farewell(self.output, str(shown))]
        return DemoResult(page, "\n".join(parts))

    def _init(self, workspace: Workspace) -> Iterator[str]:
        chosen = f"--period quarterly --levels {LEVELS} --release-line '{RELEASE_LINE}' --graphql-url {GRAPHQL_URL}"
        yield f"$ dora-metrics init {REPOSITORY} --yes {chosen}"
        proposal = propose(str(self.output / REPOSITORY), workspace)
        settings = proposal.settings
        settings = replace(
            settings,
            deployments=replace(settings.deployments, release_line=RELEASE_LINE),
            metrics=replace(settings.metrics, period="quarterly", levels=LEVELS),
            github=replace(settings.github, graphql_url=GRAPHQL_URL),
        )
        self._write(CONFIGURATION, render(settings).encode())
        yield proposal.summary

    def _extract(self, workspace: Workspace) -> Iterator[str]:
        yield "\n# The sample's own GitHub answers here, from memory: no network is used, and no token."
        yield f"$ dora-metrics extract --full --as-of {format_utc(self.now)}"
        yield from _said(extract(workspace, full=True))
        yield "\n$ dora-metrics status"
        yield some_lines(status(workspace).text, first=10, last=7)

    def _review(self, workspace: Workspace) -> Iterator[str]:
        review = (self.output / REVIEW).read_bytes()
        content, rows = answered(review, self.project.released, until=self.project.answered_until)
        self._write(ANSWERS, content)
        yield f"\n# A person opened {REVIEW} in a spreadsheet, answered {rows} rows, saved it as {ANSWERS}."
        yield f"$ dora-metrics import {ANSWERS} --as-of {format_utc(self.now)}"
        yield from _said(import_file(workspace, ANSWERS, content))

    def _write(self, name: str, content: bytes) -> None:
        with _storage_errors(self.output / name):
            (self.output / name).write_bytes(content)


def _numbers(workspace: Workspace) -> Iterator[str]:
    yield "\n$ dora-metrics calculate"
    yield some_blocks(results_table(calculate(workspace)).rstrip("\n"), first=2, last=5, lines=9)
    yield f"\n$ dora-metrics explain {EXPLAINED}"
    yield some_lines(explain(workspace, EXPLAINED).rstrip("\n"), first=36)


def _said(summary: RunSummary) -> Iterator[str]:
    yield from (*summary.sentences, *(f"warning: {warning}" for warning in summary.warnings))


def _farewell(output: Path, report_path: str) -> Iterator[str]:
    """Where things are, and what to try next."""
    yield f"The report:       {output / report_path}"
    yield f"The review file:  {output / REVIEW} (the newest quarter still waits for a person)"
    yield f"Try next:         cd {output}, and there"
    yield "  dora-metrics explain all                    which changes and failures the numbers are made of"
    yield "  dora-metrics review                         answer the open questions, one by one"
    yield "  dora-metrics calculate --compare-profiles   the same data by other tools' definitions"
    yield "On your own:      cd your-clone && dora-metrics init"
