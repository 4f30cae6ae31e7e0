"""Whatever stands in commits comes back as it was written: random histories through a real git."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dora_metrics.domain.privacy import redact
from support.git_repository import GitRepository
from support.git_tools import extract

CONTROL = "\x01\x0b\x1b\x1e\x1f\x7f"
NAMES = st.text(st.characters(exclude_characters="<>\n\0", exclude_categories=["Cs"]) | st.sampled_from(CONTROL),
                max_size=12)  # fmt: skip
MESSAGES = st.binary(max_size=80) | st.text(st.sampled_from("a \n\r@<>\x1eé\ufffd\U0001f600"), max_size=40).map(
    str.encode
)
SEGMENTS = st.binary(min_size=1, max_size=12).filter(
    lambda part: not set(part) & set(b"/\0") and part not in (b".", b"..") and part.lower() != b".git"
)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map(b"/".join)
TIMES = st.integers(0, 2**33)


class Drawn(NamedTuple):
    """One commit as it is written."""

    message: bytes
    author: str
    at: int
    author_at: int
    files: frozenset[bytes]
    parents: tuple[int, ...]
    """Places in the list, modulo what is there."""


COMMITS = st.lists(
    st.builds(
        Drawn, MESSAGES, NAMES, TIMES, TIMES, st.frozensets(PATHS, max_size=4), st.lists(st.integers(0, 99), max_size=3)
    ),
    min_size=1,
    max_size=20,
)


def text(raw: bytes) -> str:
    return redact(raw.decode("utf-8", "replace"))


def kept_files(paths: frozenset[bytes]) -> list[bytes]:
    """Paths that can stand beside each other: none is another one's folder."""
    return [path for path in sorted(paths) if not any(other.startswith(path + b"/") for other in paths)]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(COMMITS)
def test_random_commits_come_back_as_they_were_written(drawn: list[Drawn]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = GitRepository(Path(folder) / "r", bare=True)
        for i, commit in enumerate(drawn):
            parents = sorted({f"c{p % i}" for p in commit.parents}) if i else []
            # each commit in a folder of its own, so that all of its files are new
            files = {b"%d/" % i + path: "" for path in kept_files(commit.files)}
            repo.commit(f"c{i}", parents=parents, at=commit.at, author_at=commit.author_at, message=commit.message,
                        author=commit.author, files=files, branch=f"b{i}")  # fmt: skip
            repo.tag(f"t{i}", f"c{i}")
        found = {commit.sha: commit for commit in extract(repo.path, branch="b0").commits}

        assert set(found) == set(repo.shas.values())
        for i, commit in enumerate(drawn):
            was = found[repo[f"c{i}"]]
            parents = sorted({f"c{p % i}" for p in commit.parents}) if i else []
            assert was.parents == tuple(repo[name] for name in parents)
            assert (was.committed_s, was.authored_s) == (commit.at, commit.author_at)
            assert was.message == text(commit.message.partition(b"\0")[0]).rstrip("\n")
            expected = [] if len(parents) > 1 else [text(b"%d/" % i + path) for path in kept_files(commit.files)]
            assert sorted(was.files_changed) == sorted(expected)
            assert was.author.strip() == redact(commit.author).strip()
