"""Clones in our own cache, over a real git protocol: a stand-in for ssh runs git-upload-pack on this machine."""

from __future__ import annotations

import os
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from dora_metrics.errors import AccessError, ConfigurationError, RepositoryError, StorageError, UnreachableError
from dora_metrics.extractors.git_cache import GitCache, clone_url
from support.git_repository import GitRepository, clean_environ
from support.git_tools import extract, program

if TYPE_CHECKING:
    from pathlib import Path


class Remote:
    """A repository on "host.example", and a person whose configuration knows how to get there."""

    def __init__(self, folder: Path) -> None:
        self.repo = repo = GitRepository(folder / "remote")
        repo.commit("a", files={"big": "x" * 1000})
        repo.commit("b")
        repo.commit("pr", parents=["a"], branch=None)
        repo.tag("v1", "b", at=1_800_000_000)
        repo.ref("refs/pull/7/head", "pr")
        repo.git("config", "uploadpack.allowFilter", "true")
        self.log = folder / "ssh.log"
        self.home = folder / "home"
        self.home.mkdir()
        self.url = f"ssh://git@host.example{repo.path}"
        self.answer('for last; do :; done; eval "$last"')
        self.cache = GitCache(folder / "cache", environ=self.environ())

    def refresh(self) -> Path:
        self.repo.flush()
        return self.cache.refresh(self.url)

    def environ(self, **more: str) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), **more}

    def answer(self, script: str) -> None:
        """What the stand-in for ssh does."""
        ssh = program(self.home / "bin" / "ssh", f'echo "$* [$SECRET_TOKEN]" >> "{self.log}"\n{script}')
        (self.home / ".gitconfig").write_text(f"[core]\nsshCommand = {ssh}\n", encoding="utf-8")


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path)


def test_a_clone_has_branches_tags_and_pull_heads_and_no_blob(remote: Remote) -> None:
    path = remote.refresh()

    found = extract(path)

    assert found.shas == set(remote.repo.shas.values())
    assert [head.number for head in found.state.pull_heads] == [7]
    assert [tag.name for tag in found.state.tags] == ["v1"]
    assert found.state.branch == "main"
    check = ["git", "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"]
    kinds = subprocess.run(check, cwd=path, env=clean_environ(), check=True, capture_output=True).stdout
    assert b"commit" in kinds
    assert b"blob" not in kinds
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_second_refresh_brings_what_is_new_and_drops_what_is_gone(remote: Remote) -> None:
    first = remote.refresh()
    known = extract(first).state.tips
    remote.repo.commit("c")
    remote.repo.ref("refs/pull/8/head", "c")
    remote.repo.delete_ref("refs/pull/7/head")
    remote.repo.delete_ref("refs/tags/v1")
    remote.repo.tag("v2", "c")

    second = remote.refresh()

    found = extract(second, known=known)
    assert second == first
    assert found.shas == {remote.repo["c"]}
    assert [head.number for head in found.state.pull_heads] == [8]
    assert [tag.name for tag in found.state.tags] == ["v2"]
    assert found.state.last_fetch_s is not None


def test_a_force_push_and_a_moved_tag_are_followed(remote: Remote) -> None:
    remote.refresh()
    remote.repo.commit("other", parents=["a"])
    remote.repo.tag("v1", "other", at=1_900_000_000)

    state = extract(remote.refresh()).state

    assert state.branch_tip == remote.repo["other"]
    assert state.tags[0].commit_sha == remote.repo["other"]


def test_a_renamed_default_branch_is_followed(remote: Remote) -> None:
    remote.refresh()
    remote.repo.git("branch", "-m", "main", "trunk")

    assert extract(remote.refresh()).state.branch == "trunk"


@pytest.mark.parametrize(
    ("says", "error", "code"),
    [
        ("git@host.example: Permission denied (publickey).", AccessError, 3),
        ("ERROR: Repository not found.", AccessError, 3),
        ("ssh: Could not resolve hostname host.example: Name or service not known", UnreachableError, 6),
        ("ssh: connect to host host.example port 22: Connection timed out", UnreachableError, 6),
        ("something else with https://ada:s3cret@host.example/x", RepositoryError, 5),
    ],
)
def test_a_remote_that_refuses_becomes_our_error_and_leaves_nothing(
    remote: Remote, tmp_path: Path, says: str, error: type, code: int
) -> None:
    remote.answer(f'echo "{says}" >&2; exit 255')

    with pytest.raises(error) as caught:
        remote.refresh()

    assert caught.value.exit_code == code
    assert "s3cret" not in str(caught.value)
    assert "git@" not in caught.value.line()
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_failed_fetch_leaves_the_clone_as_it_was(remote: Remote) -> None:
    path = remote.refresh()
    before = extract(path)
    remote.answer("exit 1")

    with pytest.raises(RepositoryError):
        remote.refresh()

    after = extract(path)
    assert (after.commits, after.state.tips) == (before.commits, before.state.tips)


def test_no_secret_of_the_environment_reaches_the_child(remote: Remote, tmp_path: Path) -> None:
    secret = {"SECRET_TOKEN": "canary"}
    cache = GitCache(tmp_path / "other", environ=remote.environ(GIT_SSH_COMMAND="false", **secret))

    cache.refresh(remote.url)

    assert "[]" in remote.log.read_text(encoding="utf-8")
    assert "canary" not in remote.log.read_text(encoding="utf-8")


def test_a_rewrite_to_another_protocol_is_refused(remote: Remote, tmp_path: Path) -> None:
    """What the person's configuration makes of a URL has to be https or ssh as well."""
    with (remote.home / ".gitconfig").open("a", encoding="utf-8") as config:
        config.write(f'[url "file://{tmp_path}/"]\ninsteadOf = https://host.example/\n')

    with pytest.raises(RepositoryError, match="not allowed"):
        remote.cache.refresh("https://host.example/remote")


def test_a_cache_that_cannot_be_written_is_named(remote: Remote, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(StorageError, match="file"):
        GitCache(tmp_path / "file" / "cache", environ=remote.environ()).refresh(remote.url)


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("octo/cat", "https://github.com/octo/cat.git"),
        ("octo/cat.git", "https://github.com/octo/cat.git"),
        ("https://host.example/octo/cat", "https://host.example/octo/cat"),
        ("git@github.com:octo/cat.git", "git@github.com:octo/cat.git"),
        ("ssh://git@host.example:2222/octo/cat", "ssh://git@host.example:2222/octo/cat"),
    ],
)
def test_sources_that_can_be_cloned(source: str, url: str) -> None:
    assert clone_url(source) == url


@pytest.mark.parametrize(
    "source",
    [
        "http://host.example/x", "file:///x", "/srv/x", "ext::sh -c id", "-oProxyCommand=id:x", "--upload-pack=id:x",
        "ssh://", "https://[broken", "octo", "a/b/c", "https://ada:s3cret@host.example/x", "ssh://-oX=y/x",
        "https://ghp_s3cret@host.example/x", "ssh://git:s3cret@host.example/x", "x y:z", "",
    ],
)  # fmt: skip
def test_sources_that_are_refused(source: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        clone_url(source)

    assert caught.value.exit_code == 2
    assert "s3cret" not in caught.value.line()


def test_different_sources_never_share_a_folder_and_no_name_leaves_the_cache(tmp_path: Path) -> None:
    sources = ["octo/cat", "octo/Cat", "https://h.example/octo/cat", "git@h.example:octo/cat", "h.example:../../../etc",
               f"https://h.example/{'x' * 400}", f"https://h.example/{'x' * 401}"]  # fmt: skip
    cache = GitCache(tmp_path, environ={})

    paths = [cache.path_of(source) for source in sources]

    assert len({str(path).lower() for path in paths}) == len(sources)
    assert all(path.parent == tmp_path and len(path.name) < 120 for path in paths)
    assert list(tmp_path.iterdir()) == []
