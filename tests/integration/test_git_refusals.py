"""What has no history to read, or none that may be read, gets one line with the remedy; odd names get read."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from support.git_repository import GitRepository, clean_environ
from support.git_tools import extract, refused, two_commits

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    return two_commits(tmp_path)


# G1 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("branch", ["", "main"])
@pytest.mark.parametrize("bare", [False, True])
def test_a_repository_without_commits_is_empty_and_no_error(tmp_path: Path, branch: str, bare: bool) -> None:
    found = extract(GitRepository(tmp_path / "r", bare=bare).path, branch=branch)

    assert found.commits == []
    assert (found.state.branch, found.state.branch_tip, found.state.tips) == ("main", None, ())


# G2 --------------------------------------------------------------------------------------------------------------


def test_a_shallow_clone_is_refused_unless_allowed(repo: GitRepository, tmp_path: Path) -> None:
    command = ["git", "clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow")]
    subprocess.run(command, env=clean_environ(), check=True, capture_output=True)

    assert "git fetch --unshallow" in refused(tmp_path / "shallow")
    found = extract(tmp_path / "shallow", allow_shallow=True)
    assert found.state.shallow
    assert [commit.sha for commit in found.commits] == [repo["b"]]


# G3: test_git_extractor.py -----------------------------------------------------------------------------------------


def test_a_folder_without_a_repository_and_no_folder_are_named(tmp_path: Path) -> None:
    assert f"{tmp_path} is no git repository" in refused(tmp_path)
    assert f"{tmp_path / 'none'} is no folder" in refused(tmp_path / "none")


# G4 --------------------------------------------------------------------------------------------------------------


def test_a_branch_wins_over_tag_and_file_of_its_name(repo: GitRepository) -> None:
    repo.tag("main", "a")
    (repo.path / "main").write_text("", encoding="utf-8")

    assert extract(repo.path).state.branch_tip == repo["b"]
    assert extract(repo.path, branch="main").state.branch_tip == repo["b"]


def test_the_remotes_branch_is_taken_where_there_is_none_here(repo: GitRepository) -> None:
    repo.ref("refs/remotes/origin/trunk", "a")

    state = extract(repo.path, branch="trunk").state

    assert (state.branch, state.branch_ref, state.branch_tip) == ("trunk", "refs/remotes/origin/trunk", repo["a"])


def test_a_clone_that_is_behind_its_remote_says_so(repo: GitRepository) -> None:
    repo.commit("newer", branch=None)
    repo.ref("refs/remotes/origin/main", "newer")

    found = extract(repo.path)

    assert found.state.origin_tip == repo["newer"]
    assert repo["newer"] not in found.shas


def test_a_missing_branch_is_refused_with_those_that_exist(repo: GitRepository) -> None:
    for i in range(9):
        repo.branch(f"b{i}", "a")

    line = refused(repo.path, branch="no such")

    assert "no branch 'no such'" in line
    assert "b0, b1, b2, b3, b4 and 5 more" in line
    assert "--branch" in line


# G5 --------------------------------------------------------------------------------------------------------------


def test_a_detached_head_needs_a_branch(repo: GitRepository) -> None:
    repo.git("checkout", "-q", "--detach", "main")

    assert "detached" in refused(repo.path)
    assert extract(repo.path, branch="main").state.branch_tip == repo["b"]


def test_a_head_that_names_no_branch_is_not_guessed(repo: GitRepository) -> None:
    repo.git("symbolic-ref", "HEAD", "refs/heads/gone")

    assert "no branch 'gone'; it has main" in refused(repo.path)


# G16 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["--output=x", "-x", "--all", "a;touch${IFS}x", "$(touch${IFS}x)", "ä"])
def test_refs_that_look_like_options_are_refs(
    repo: GitRepository, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, commit in (("heads", "a"), ("tags", "b")):
        repo.git("update-ref", f"refs/{kind}/{name}", repo[commit])
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    found = extract(tmp_path / "clone", branch=name)

    assert found.state.branch_tip == repo["a"]
    assert found.state.tags[0].name == name
    assert len(found.commits) == 2
    assert sorted(tmp_path.rglob("*")) == before
