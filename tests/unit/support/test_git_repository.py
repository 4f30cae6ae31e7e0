"""The tests' own repositories are what they claim to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.git_repository import GitRepository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("object_format", "length"), [("sha1", 40), ("sha256", 64)])
def test_builds_the_graph_that_was_asked_for(tmp_path: Path, object_format: str, length: int) -> None:
    repo = GitRepository(tmp_path / "r", object_format=object_format)
    a = repo.commit("a", at=1000, author_at=900, author="Zoë", message=b"one\xff\n\nbody\n")
    b = repo.commit("b", files={"x/ü\n.txt": "1"})
    side = repo.commit("s", parents=["a"], branch="side")
    merge = repo.commit("m", parents=["b", "s"])
    lost = repo.commit("lost", parents=["a"], branch=None)
    root = repo.commit("r2", parents=[], branch="other")
    repo.tag("v1", "m", at="2025-01-02T00:00:00Z")
    repo.tag("light", "s")
    repo.ref("refs/pull/7/head", "s")
    after = repo.commit("z", gitlinks={"sub": a})

    refs = repo.git("for-each-ref", "--format=%(refname) %(objecttype) %(*objectname)%(taggerdate:unix)").split("\n")
    log = repo.git("log", "--format=%H %P|%at %ct %an", "main").split("\n")

    assert len(a) == length
    assert refs == [
        "refs/heads/main commit ",
        "refs/heads/other commit ",
        "refs/heads/side commit ",
        "refs/pull/7/head commit ",
        "refs/tags/light commit ",
        f"refs/tags/v1 tag {merge}1735776000",
    ]
    assert log[0].startswith(f"{after} {merge}|")
    assert log[1].startswith(f"{merge} {b} {side}|")
    assert log[-1] == f"{a} |900 1000 Zoë"
    assert repo.git("cat-file", "-t", lost) == "commit"
    assert repo.git("log", "-1", "--format=%P", root) == ""
    assert repo.git("ls-tree", "-r", "-z", "--name-only", b) == "a.txt\0x/ü\n.txt\0"
    assert repo.git("ls-tree", "main", "sub").startswith(f"160000 commit {a}")


def test_goes_on_after_it_was_read(tmp_path: Path) -> None:
    repo = GitRepository(tmp_path / "r", bare=True)
    repo.commit("a")
    repo.git("rev-parse", "main")
    b = repo.commit("b")

    assert repo.git("log", "--format=%H %P", "-1") == f"{b} {repo['a']}"
