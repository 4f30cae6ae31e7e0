"""Missing and damaged objects, repositories that change under the reader: an error, never a shorter history."""

from __future__ import annotations

import os
import shutil
import subprocess
import zlib
from typing import TYPE_CHECKING

import pytest

from dora_metrics.errors import BusyError, RepositoryError
from dora_metrics.extractors.git_extractor import GitExtractor
from support.git_repository import GitRepository, clean_environ
from support.git_tools import extract, program, real_git, refused, two_commits

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    return two_commits(tmp_path)


# G18 -------------------------------------------------------------------------------------------------------------


def object_file(repo: GitRepository, sha: str) -> Path:
    return repo.path / ".git" / "objects" / sha[:2] / sha[2:]


@pytest.mark.parametrize("name", ["b", "a", "a^{tree}"])
def test_a_missing_object_is_named(repo: GitRepository, name: str) -> None:
    sha = repo.git("rev-parse", repo[name]) if name in repo.shas else repo.git("rev-parse", f"{repo['a']}^{{tree}}")
    object_file(repo, sha).unlink()

    line = refused(repo.path)

    assert sha in line
    assert "missing or damaged" in line


@pytest.mark.parametrize("content", [b"", b"garbage", zlib.compress(b"commit 3\0abc")])
def test_a_damaged_object_is_named(repo: GitRepository, content: bytes) -> None:
    damaged = object_file(repo, repo["a"])
    damaged.chmod(0o644)
    damaged.write_bytes(content)

    assert repo["a"] in refused(repo.path)


def test_commits_before_the_damage_come_with_an_error_and_not_as_a_short_history(repo: GitRepository) -> None:
    for i in range(300):
        repo.commit(f"c{i}")
    repo.git("repack", "-adq")
    tree = repo.literal("tree", b"100644 x\0" + b"\x11" * 19)
    sha = repo.literal(
        "commit", f"tree {tree}\nauthor A <a@b.org> 1 +0000\ncommitter A <a@b.org> 1 +0000\n\nm\n".encode()
    )
    repo.commit("join", parents=["c299", sha])
    extractor = GitExtractor(repo.path, environ=clean_environ())
    seen = []

    with pytest.raises(RepositoryError):
        seen.extend(commit.sha for commit in extractor.extract_commits(extractor.inspect()))

    assert repo["join"] in seen


def test_objects_borrowed_from_a_folder_that_is_gone_are_an_error(repo: GitRepository, tmp_path: Path) -> None:
    command = ["git", "clone", "-q", "--shared", str(repo.path), str(tmp_path / "borrower")]
    subprocess.run(command, env=clean_environ(), check=True, capture_output=True)
    shutil.rmtree(repo.path)

    assert "alternates" in refused(tmp_path / "borrower")


def test_a_clone_without_trees_is_an_error_and_nothing_is_fetched(repo: GitRepository, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    command = ["git", "clone", "-q", "--bare", "--filter=tree:0", f"file://{repo.path}", str(tmp_path / "treeless")]
    subprocess.run(command, env=clean_environ(), check=True, capture_output=True)

    assert "--filter=blob:none" in refused(tmp_path / "treeless")


# G19, G20 --------------------------------------------------------------------------------------------------------


def test_a_tip_that_goes_while_we_read_asks_to_run_again(repo: GitRepository) -> None:
    extractor = GitExtractor(repo.path, environ=clean_environ())
    state = extractor.inspect()
    repo.git("update-ref", "refs/heads/main", repo["a"])
    object_file(repo, repo["b"]).unlink()

    with pytest.raises(BusyError) as caught:
        list(extractor.extract_commits(state))

    assert caught.value.exit_code == 8
    assert "run the command again" in caught.value.line()


def test_a_ref_that_is_broken_for_a_moment_is_read_at_the_second_try(repo: GitRepository, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    once = f'case "$*" in *for-each-ref*) [ -e "{counter}" ] || {{ : > "{counter}"; exit 128; }};; esac'
    wrapper = program(tmp_path / "bin" / "git", f'{once}\nexec "{real_git()}" "$@"')
    environ = {**clean_environ(), "PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"}

    assert len(extract(repo.path, environ=environ).commits) == 2


def test_refs_pinned_before_a_rewrite_still_give_the_old_history(repo: GitRepository) -> None:
    extractor = GitExtractor(repo.path, environ=clean_environ())
    state = extractor.inspect()
    repo.git("update-ref", "refs/heads/main", repo["a"])
    repo.git("pack-refs", "--all")

    assert [commit.sha for commit in extractor.extract_commits(state)] == [repo["b"], repo["a"]]
