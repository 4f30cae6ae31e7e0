"""Commits, branch, tags and pull heads of real repositories, in every form that a clone can have."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from dora_metrics.domain.models import Commit, PullHead, Tag
from dora_metrics.extractors.git_extractor import GitExtractor
from support.git_repository import GitRepository, clean_environ
from support.git_tools import CountingGit, extract

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """Two merges, one of them by a pull request whose head is known, tags, and a branch that nothing asks for."""
    repo = GitRepository(tmp_path / "clone")
    repo.commit("a", at=1000, author_at=900, author="Ada", files={"src/a.py": "1", "doc/a": "1"})
    repo.commit("b", at=2000, message="fix: b\n\nby <ada@example.org>\n", files={"src/a.py": "2"})
    repo.commit("side", parents=["a"], at=1500, branch="side")
    repo.commit("squashed", parents=["a"], at=1600, branch=None)
    repo.commit("m", parents=["b", "side"], at=3000, subject="Merge branch 'side'")
    repo.commit("elsewhere", parents=["a"], at=1700, branch="elsewhere")
    repo.commit("lost", parents=["a"], at=1800, branch=None)
    repo.commit("tagged", parents=["b"], at=2500, branch=None)
    repo.tag("v1", "b", at=2100)
    repo.tag("v2", "tagged")
    repo.ref("refs/pull/7/head", "squashed")
    return repo


def names(repo: GitRepository, shas: set[str]) -> set[str]:
    return {name for name, sha in repo.shas.items() if sha in shas}


def test_every_commit_of_branch_tags_and_pull_heads_comes_and_no_other(repo: GitRepository) -> None:
    found = extract(repo.path)

    assert names(repo, found.shas) == {"a", "b", "side", "m", "tagged", "squashed"}
    assert len(found.commits) == 6


def test_a_commit_has_what_git_says_about_it(repo: GitRepository) -> None:
    commits = {commit.sha: commit for commit in extract(repo.path).commits}

    assert commits[repo["a"]] == Commit(repo["a"], (), "Ada", 900, 1000, "a", ("doc/a", "src/a.py"))
    assert commits[repo["b"]].message == "fix: b\n\nby <email>"
    assert commits[repo["b"]].files_changed == ("src/a.py",)
    assert commits[repo["m"]].parents == (repo["b"], repo["side"])
    assert commits[repo["m"]].files_changed == ()


def test_state_pins_branch_tags_and_pull_heads(repo: GitRepository) -> None:
    state = extract(repo.path).state

    assert (state.branch, state.branch_ref, state.branch_tip) == ("main", "refs/heads/main", repo["m"])
    assert state.tags == (Tag("v1", repo["b"], 2100, annotated=True), Tag("v2", repo["tagged"], None, annotated=False))
    assert state.pull_heads == (PullHead(7, repo["squashed"]),)
    assert state.branches == ("elsewhere", "main", "side")
    assert state.tips == (repo["m"], repo["b"], repo["tagged"], repo["squashed"])
    assert (state.object_format, state.shallow, state.replace_refs_present) == ("sha1", False, False)
    assert (state.remote_url, state.origin_tip, state.remote_branch, state.last_fetch_s) == ("", None, "", None)
    assert state.path == repo.path / ".git"


def test_the_branch_can_be_chosen(repo: GitRepository) -> None:
    for name in ("elsewhere", "refs/heads/elsewhere"):
        found = extract(repo.path, branch=name)

        assert found.state.branch == "elsewhere"
        assert "elsewhere" in names(repo, found.shas)
        assert "m" not in names(repo, found.shas)


def test_only_what_known_tips_do_not_reach_comes_again(repo: GitRepository) -> None:
    known = extract(repo.path).state.tips
    repo.commit("new", at=4000)
    repo.tag("v3", "a", at=4100)

    assert names(repo, extract(repo.path, known=known).shas) == {"new"}


def test_known_tips_that_have_vanished_are_ignored(repo: GitRepository) -> None:
    gone = ["1" * 40, "--output=x", "", "not a hash"]

    assert names(repo, extract(repo.path, known=[*gone, repo["b"]]).shas) == {"side", "m", "tagged", "squashed"}


def test_known_tips_that_nothing_names_any_more_still_count(repo: GitRepository) -> None:
    """A force push: the old tip is in the object store, but no ref reaches it."""
    assert names(repo, extract(repo.path, known=[repo["lost"], repo["b"]]).shas) == {"side", "m", "tagged", "squashed"}


def test_thousands_of_vanished_known_tips_are_no_trouble(repo: GitRepository) -> None:
    gone = [f"{i:040x}" for i in range(4100)]

    assert names(repo, extract(repo.path, known=[*gone, repo["b"]]).shas) == {"side", "m", "tagged", "squashed"}


def test_nothing_new_starts_no_log(repo: GitRepository, tmp_path: Path) -> None:
    known = extract(repo.path).state.tips
    git = CountingGit(tmp_path)

    assert extract(repo.path, environ=git.environ, known=known).commits == []
    assert len(git.calls()) == 4


@pytest.mark.parametrize("commits", [1, 12])
def test_five_processes_for_any_number_of_commits(tmp_path: Path, commits: int) -> None:
    repo = GitRepository(tmp_path / "clone")
    for i in range(commits):
        repo.commit(f"c{i}")
        repo.tag(f"v{i}", f"c{i}", at=2_000_000_000 + i)
    for i in range(commits):  # a tag of a tag that is gone itself, which git before 2.45 does not peel
        inner = repo.git("rev-parse", f"v{i}")
        body = f"object {inner}\ntype tag\ntag v{i}\ntagger T <t@example.org> 2000000100 +0000\n\nagain\n"
        repo.git("update-ref", f"refs/tags/v{i}", repo.git("mktag", stdin=body.encode()))
    git = CountingGit(tmp_path)

    found = extract(repo.path, environ=git.environ)

    assert len(found.commits) == commits
    assert {tag.commit_sha for tag in found.state.tags} == set(repo.shas.values())
    assert len(git.calls()) == 5


def test_a_nested_tag_of_a_tree_is_no_commit(repo: GitRepository) -> None:
    tree = repo.git("rev-parse", "main^{tree}")
    inner = repo.git("mktag", stdin=f"object {tree}\ntype tree\ntag t\ntagger T <t@e.org> 1 +0000\n\nt\n".encode())
    outer = repo.git("mktag", stdin=f"object {inner}\ntype tag\ntag t\ntagger T <t@e.org> 2 +0000\n\nt\n".encode())
    repo.git("update-ref", "refs/tags/t", outer)

    found = extract(repo.path)

    assert found.state.tags[0] == Tag("t", None, 2, annotated=True)
    assert len(found.commits) == 6


def test_a_generator_that_is_left_early_leaves_no_process(repo: GitRepository) -> None:
    extractor = GitExtractor(repo.path, environ=clean_environ())
    commits = extractor.extract_commits(extractor.inspect())
    started: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            started.append(self)

    with mock.patch("subprocess.Popen", Recorded):
        next(commits)
        running = [process.returncode for process in started]
        commits.close()  # type: ignore[attr-defined]

    assert None in running
    assert None not in [process.returncode for process in started]


def git(*args: str, cwd: Path) -> None:
    subprocess.run(["git", *args], cwd=cwd, env=clean_environ(), check=True, capture_output=True)


def test_bare_clones_worktrees_and_subfolders_give_the_same(repo: GitRepository, tmp_path: Path) -> None:
    git("clone", "-q", "--mirror", str(repo.path), str(tmp_path / "bare.git"), cwd=tmp_path)
    git("checkout", "-q", "-f", "main", cwd=repo.path)
    git("worktree", "add", "-q", str(tmp_path / "tree"), "elsewhere", cwd=repo.path)
    expected = extract(repo.path)

    for path, branch in ((tmp_path / "bare.git", ""), (tmp_path / "tree", "main"), (repo.path / "src", "")):
        found = extract(path, branch=branch)

        assert found.commits == expected.commits, path
        assert found.state.tips == expected.state.tips
    assert extract(tmp_path / "tree").state.branch == "elsewhere"
    assert extract(tmp_path / "tree").state.path == repo.path / ".git"


def test_a_clone_without_blobs_is_enough_and_fetches_nothing(repo: GitRepository, tmp_path: Path) -> None:
    git("config", "uploadpack.allowFilter", "true", cwd=repo.path)
    blobless = tmp_path / "blobless.git"
    git("clone", "-q", "--bare", "--filter=blob:none", f"file://{repo.path}", str(blobless), cwd=tmp_path)
    git("fetch", "-q", "origin", "refs/pull/7/head:refs/pull/7/head", cwd=blobless)
    git("config", "remote.origin.url", "file:///gone", cwd=blobless)
    check = ("cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
    kinds = subprocess.run(["git", *check], cwd=blobless, env=clean_environ(), check=True, capture_output=True).stdout

    assert b"blob" not in kinds
    assert extract(blobless).commits == extract(repo.path).commits


def test_a_sha256_repository_works(tmp_path: Path) -> None:
    repo = GitRepository(tmp_path / "clone", object_format="sha256")
    a, b = repo.commit("a"), repo.commit("b")
    repo.tag("v1", "a", at=1_800_000_000)

    found = extract(repo.path, known=["1" * 64])

    assert found.state.object_format == "sha256"
    assert [commit.sha for commit in found.commits] == [b, a]
    assert found.state.tags[0].commit_sha == a
    assert len(a) == 64


def test_a_clone_knows_its_remote_without_credentials(repo: GitRepository, tmp_path: Path) -> None:
    clone = tmp_path / "copy"
    git("clone", "-q", str(repo.path), str(clone), cwd=tmp_path)
    git("config", "remote.origin.url", "https://ada:s3cret@github.com/octo/cat.git", cwd=clone)

    state = extract(clone).state

    assert state.remote_url == "https://github.com/octo/cat.git"
    assert state.remote_branch == "main"
    assert state.branches == ("elsewhere", "main", "side")
    assert state.last_fetch_s == int((clone / ".git/refs/remotes/origin/HEAD").stat().st_mtime)


def test_the_last_fetch_is_told(repo: GitRepository) -> None:
    fetch_head = repo.path / ".git" / "FETCH_HEAD"
    fetch_head.write_text(f"{repo['a']}\t\tbranch 'main' of host\n", encoding="utf-8")
    os.utime(fetch_head, (1_700_000_000, 1_700_000_000))

    assert extract(repo.path).state.last_fetch_s == 1_700_000_000
    fetch_head.write_text("", encoding="utf-8")
    assert extract(repo.path).state.last_fetch_s is None


CONFIGURED = {
    "diff.renames": "copies", "diff.relative": "true", "diff.ignoreSubmodules": "all", "diff.orderFile": "order",
    "log.showRoot": "false", "log.follow": "true", "log.diffMerges": "first-parent", "log.decorate": "full",
    "log.date": "relative", "log.mailmap": "true", "color.ui": "always", "core.quotePath": "true",
    "i18n.logOutputEncoding": "UTF-16", "format.pretty": "oneline", "core.abbrev": "4", "log.abbrevCommit": "true",
    "diff.noprefix": "true", "core.pager": "cat", "diff.mnemonicPrefix": "true", "status.showUntrackedFiles": "all",
    "format.notes": "true", "log.graphColors": "red", "core.commitGraph": "false", "log.showSignature": "true",
}  # fmt: skip


def test_no_setting_of_the_repository_changes_what_is_read(repo: GitRepository) -> None:
    repo.commit("moved", at=5000, files={"src/a.py": None, "lib/ä.py": "2"}, gitlinks={"sub": repo["a"]})
    repo.git("checkout", "-q", "-f", "main")
    (repo.path / "src").mkdir(exist_ok=True)
    (repo.path / "order").write_text("src/*\n", encoding="utf-8")
    (repo.path / ".mailmap").write_text("Nobody <x@example.org> <ada@example.org>\n", encoding="utf-8")
    expected = extract(repo.path).commits
    config = repo.path / ".git" / "config"
    plain = config.read_text(encoding="utf-8")

    for keys in (*([key] for key in CONFIGURED), CONFIGURED):
        lines = (f"[{key.partition('.')[0]}]\n{key.partition('.')[2]} = {CONFIGURED[key]}\n" for key in keys)
        config.write_text(plain + "".join(lines), encoding="utf-8")

        assert extract(repo.path / "src").commits == expected, keys
    assert expected[0].files_changed == ("lib/ä.py", "src/a.py", "sub")
