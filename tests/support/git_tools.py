"""What the tests of the git extractor share: a git that counts itself, programs, a reader in one call."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from dora_metrics.errors import RepositoryError
from dora_metrics.extractors.git_extractor import GitExtractor, RepositoryState
from support.git_repository import GitRepository, clean_environ

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dora_metrics.domain.models import Commit


class Extraction(NamedTuple):
    state: RepositoryState
    commits: list[Commit]

    @property
    def shas(self) -> set[str]:
        return {commit.sha for commit in self.commits}

    def by_message(self) -> dict[str, Commit]:
        return {commit.message: commit for commit in self.commits}


def extract(
    path: Path, *, environ: Mapping[str, str] | None = None, known: Sequence[str] = (), **options: Any
) -> Extraction:
    """State and commits of a repository."""
    extractor = GitExtractor(path, environ=clean_environ() if environ is None else environ, **options)
    state = extractor.inspect()
    return Extraction(state, list(extractor.extract_commits(state, known=known)))


def program(path: Path, script: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def real_git() -> str:
    found = shutil.which("git")
    assert found
    return found


class CountingGit:
    """An environment whose `git` writes down how it was called before it runs."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "calls.txt"
        program(folder / "bin" / "git", f'echo "$*" >> "{self._log}"\nexec "{real_git()}" "$@"')
        self.environ = clean_environ()
        self.environ["PATH"] = f"{folder / 'bin'}{os.pathsep}{self.environ['PATH']}"

    def calls(self) -> list[str]:
        return self._log.read_text(encoding="utf-8", errors="replace").splitlines() if self._log.exists() else []


def require_root() -> None:
    """Skip a test that only root can run, visibly; in CI, where root is promised, fail."""
    if os.geteuid() == 0:
        return
    reason = "needs root: only root can make a repository that belongs to another user"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def two_commits(folder: Path) -> GitRepository:
    """A repository of the commits "a" and "b"."""
    repo = GitRepository(folder / "clone")
    repo.commit("a")
    repo.commit("b")
    return repo


def refused(path: Path, **options: object) -> str:
    """The line that a person gets, for an extraction that must fail as `RepositoryError`."""
    with pytest.raises(RepositoryError) as caught:
        extract(path, **options)  # type: ignore[arg-type]
    assert caught.value.exit_code == 5
    line = caught.value.line()
    assert len(line) <= 300
    assert line.count("\n") == 0
    return line
