"""Which GitHub a run asks: the configured one, or the one that the workspace brings along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from dora_metrics.config import RepositorySettings, Settings
from dora_metrics.demo import AS_OF
from dora_metrics.demo.sample_github import SampleGitHub
from dora_metrics.demo.sample_project import sample_project
from dora_metrics.domain.github_source import GitHubSource
from dora_metrics.domain.progress import NoProgress
from dora_metrics.pipeline.github_access import asking_github
from dora_metrics.pipeline.github_facts import Window
from dora_metrics.pipeline.workspace import Workspace

SOURCE = SampleGitHub(sample_project(AS_OF).facts, AS_OF)


@dataclass(frozen=True)
class WithItsOwn(Workspace):
    """A run that brings its GitHub along."""

    def github_source(self) -> Optional[GitHubSource]:
        return SOURCE


def reason(kind: type[Workspace], folder: Path, *, wanted: bool = True) -> Optional[str]:
    """Why GitHub is not asked without a token; `None` when it is."""
    settings = Settings(repositories=(RepositorySettings(github="acme/shop"),))
    now = datetime(2025, 1, 1, tzinfo=timezone.utc)
    run = kind(settings, folder, now, {"HOME": str(folder), "PATH": ""}, "1", "ada", NoProgress())
    with asking_github(run, run.manager(), wanted=wanted, rebind=False, window=Window()) as access:
        return access.because if access.facts is None else None


def test_a_run_without_its_own_github_needs_a_token(tmp_path: Path) -> None:
    assert reason(Workspace, tmp_path) == "there is no token: set GITHUB_TOKEN"


def test_a_run_with_its_own_github_needs_none(tmp_path: Path) -> None:
    assert reason(WithItsOwn, tmp_path) is None


def test_who_wants_no_github_asks_not_even_that_one(tmp_path: Path) -> None:
    assert reason(WithItsOwn, tmp_path, wanted=False) == "--no-github"
