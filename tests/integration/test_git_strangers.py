"""Other users' repositories, a foreign environment, an absent or old git."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.git_repository import GitRepository, clean_environ
from support.git_tools import CountingGit, extract, program, real_git, refused, require_root, two_commits

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    return two_commits(tmp_path)


# G17 -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def foreign(repo: GitRepository) -> Path:
    require_root()
    for path in [repo.path, *repo.path.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return repo.path


def home_with(tmp_path: Path, *entries: str) -> dict[str, str]:
    """The environment of a person whose configuration declares these folders safe."""
    lines = "".join(f"\tdirectory = {entry}\n" for entry in entries)
    (tmp_path / ".gitconfig").write_text(f"[safe]\n{lines}", encoding="utf-8")
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}


def test_another_users_repository_is_refused_with_the_line_to_run(foreign: Path, tmp_path: Path) -> None:
    line = refused(foreign, environ=home_with(tmp_path, "/elsewhere"))

    assert f"git config --global --add safe.directory {foreign}" in line


@pytest.mark.parametrize("entry", ["{path}", "*", "~/clone"])
def test_what_the_person_declared_safe_is_read(foreign: Path, tmp_path: Path, entry: str) -> None:
    git = CountingGit(tmp_path / "tools")
    environ = {**home_with(tmp_path, entry.format(path=foreign)), "PATH": git.environ["PATH"]}

    assert len(extract(foreign, environ=environ).commits) == 2
    assert not any("safe.directory=*" in call for call in git.calls())


def test_a_repository_cannot_declare_itself_safe(foreign: Path, tmp_path: Path) -> None:
    with (foreign / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write("[safe]\n\tdirectory = *\n")

    assert "belongs to another user" in refused(foreign, environ=home_with(tmp_path))


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that other users can enter; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_run_by_another_user_than_the_owner(public_folder: Path) -> None:
    """The same from the other side: root owns the clone, a service account reads it."""
    require_root()
    setpriv = shutil.which("setpriv")
    assert setpriv, "needs setpriv of util-linux"
    repo = two_commits(public_folder)
    script = f'exec {setpriv} --reuid={NOBODY} --clear-groups "{real_git()}" "$@"'
    wrapper = program(public_folder / "bin" / "git", script)
    environ = {**home_with(public_folder), "PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"}

    assert "safe.directory" in refused(repo.path, environ=environ)
    home_with(public_folder, str(repo.path))
    assert len(extract(repo.path, environ=environ).commits) == 2


# G22 -------------------------------------------------------------------------------------------------------------


def test_the_callers_git_variables_do_not_count(repo: GitRepository, tmp_path: Path) -> None:
    other = GitRepository(tmp_path / "other")
    other.commit("x")
    (tmp_path / "config").write_text("[log]\nshowRoot = false\n", encoding="utf-8")
    environ = {
        **clean_environ(),
        "GIT_DIR": str(other.path / ".git"),
        "GIT_WORK_TREE": str(other.path),
        "GIT_OBJECT_DIRECTORY": str(other.path / ".git" / "objects"),
        "GIT_NAMESPACE": "x",
        "GIT_CONFIG": str(tmp_path / "config"),
        "GIT_CONFIG_GLOBAL": str(tmp_path / "config"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "log.showRoot",
        "GIT_CONFIG_VALUE_0": "false",
        "GIT_CONFIG_PARAMETERS": "'log.showroot=false'",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_CEILING_DIRECTORIES": str(repo.path),
        "GIT_EXEC_PATH": str(tmp_path),
    }

    found = extract(repo.path, environ=environ)

    assert found.commits == extract(repo.path).commits
    assert not (tmp_path / "trace").exists()


# G23 -------------------------------------------------------------------------------------------------------------


def test_without_git_the_needed_version_is_named(repo: GitRepository, tmp_path: Path) -> None:
    line = refused(repo.path, environ={"PATH": str(tmp_path)})

    assert "install git 2.32 or newer" in line


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("git version 2.31.9", "git version 2.31.9 is too old"),
        ("git version 1.8.3.1", "git version 1.8.3.1 is too old"),
        ("", "too old"),
    ],
)
def test_an_old_git_is_refused_with_the_needed_version(
    repo: GitRepository, tmp_path: Path, says: str, shown: str
) -> None:
    wrapper = program(
        tmp_path / "bin" / "git", f'[ "$1" = version ] && echo "{says}" && exit 0\nexec "{real_git()}" "$@"'
    )

    line = refused(repo.path, environ={"PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"})

    assert shown in line
    assert "install git 2.32 or newer" in line


@pytest.mark.parametrize("says", ["git version 2.39.5 (Apple Git-154)", "git version 2.50.0.rc1", "git version 3.0.0"])
def test_newer_gits_are_taken_whatever_their_makers_add(repo: GitRepository, tmp_path: Path, says: str) -> None:
    wrapper = program(
        tmp_path / "bin" / "git", f'[ "$1" = version ] && echo "{says}" && exit 0\nexec "{real_git()}" "$@"'
    )

    assert extract(repo.path, environ={"PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"}).commits
