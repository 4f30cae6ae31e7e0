"""Where a repository stands: its place, branch, tags, pull request heads and remote, in a fixed number of processes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from dora_metrics.domain.models import PullHead, Tag
from dora_metrics.errors import RepositoryError
from dora_metrics.extractors.git_failures import failure, foreign_path
from dora_metrics.extractors.git_process import GitProcess, require_git
from dora_metrics.extractors.git_refs import (
    HEADS,
    ORIGIN,
    REFS_ARGS,
    SETTINGS_ARGS,
    Branch,
    Ref,
    UserSettings,
    branch_names,
    find_branch,
    nested_tags,
    parse_refs,
    parse_settings,
    pull_heads_of,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ARGUMENTS = 4000
"""Hashes on one command line; far below any system's limit."""

_MOST_NAMES = 5
_PLACE_ARGS = (
    "rev-parse",
    "--is-shallow-repository",
    "--show-object-format",
    "--path-format=absolute",
    "--git-common-dir",
    "--absolute-git-dir",
)


@dataclass(frozen=True)
class RepositoryState:
    """A repository at one moment: what the extraction starts from is pinned to full hashes."""

    path: Path
    """The git directory, shared by all worktrees."""
    object_format: str
    """`sha1` or `sha256`."""
    shallow: bool
    branch: str
    """Short name."""
    branch_ref: str
    """`refs/heads/<branch>`, or `refs/remotes/origin/<branch>` where only the remote has it."""
    branch_tip: Optional[str]
    """`None` when there is no commit yet."""
    origin_tip: Optional[str]
    """Tip of `refs/remotes/origin/<branch>` when it differs. The clone is behind when the extracted commits lack it."""
    remote_branch: str
    """What the remote's HEAD named at the last clone; empty when unknown."""
    tags: tuple[Tag, ...]
    """By name."""
    pull_heads: tuple[PullHead, ...]
    """By number."""
    branches: tuple[str, ...]
    """Short names of all branches, here and on `origin`, sorted."""
    remote_url: str
    """Of `origin`, or of the only remote, without credentials; empty when there is none."""
    replace_refs_present: bool
    """Replace refs or grafts exist; they are ignored."""
    last_fetch_s: Optional[int]
    """Unix time of the last fetch, else of the clone; `None` when neither left a trace."""

    @property
    def tips(self) -> tuple[str, ...]:
        """Hashes that the extraction starts from (branch, tags, pull heads), each once."""
        tagged = (tag.commit_sha for tag in self.tags)
        pulled = (head.sha for head in self.pull_heads)
        return tuple(dict.fromkeys(sha for sha in (self.branch_tip, *tagged, *pulled) if sha))


@dataclass(frozen=True)
class Place:
    """Where a repository lies, and of what kind it is."""

    common_dir: Path
    git_dir: Path
    """Of this worktree; else the same."""
    shallow: bool
    object_format: str

    def has_grafts(self) -> bool:
        """Whether someone rewrote parents with a grafts file."""
        return (self.common_dir / "info" / "grafts").exists()

    def last_fetch_s(self) -> Optional[int]:
        """When FETCH_HEAD was written last, else when `git clone` wrote down the remote's HEAD.

        A fetch that fails leaves FETCH_HEAD empty: then it tells nothing.
        """
        fetched = [folder / "FETCH_HEAD" for folder in {self.common_dir, self.git_dir}]
        cloned = [self.common_dir / f"{ORIGIN}HEAD"]
        for traces in (fetched, cloned):
            found = [trace.stat() for trace in traces if trace.exists()]
            times = [int(trace.st_mtime) for trace in found if trace.st_size]
            if times:
                return max(times)
        return None


def inspect_repository(git: GitProcess, *, branch: str, allow_shallow: bool) -> RepositoryState:
    """The repository's state; see `GitExtractor.inspect`."""
    require_git(git)
    settings = _read_settings(git)
    refs = parse_refs(_read_refs(git, settings))
    place, peeled = _locate(git, nested_tags(refs))
    if place.shallow and not allow_shallow:
        message = f"{git.path} is a shallow clone: old commits are missing, lead times would be too short"
        raise RepositoryError(
            message,
            remedy="run: git fetch --unshallow (in CI: fetch-depth: 0), or pass --allow-shallow",
        )
    chosen = _choose_branch(git, refs, branch)
    empty = chosen.tip is None
    return RepositoryState(
        path=place.common_dir,
        object_format=place.object_format,
        shallow=place.shallow,
        branch=chosen.name,
        branch_ref=chosen.ref,
        branch_tip=chosen.tip,
        origin_tip=chosen.origin_tip,
        remote_branch=next((ref.symref[len(ORIGIN) :] for ref in refs if ref.name == f"{ORIGIN}HEAD"), ""),
        tags=() if empty else tags_of(refs, peeled),
        pull_heads=() if empty else pull_heads_of(refs),
        branches=branch_names(refs),
        remote_url=settings.remote_url,
        replace_refs_present=place.has_grafts() or any(ref.name.startswith("refs/replace/") for ref in refs),
        last_fetch_s=place.last_fetch_s(),
    )


def peel(git: GitProcess, hashes: Sequence[str]) -> dict[str, Optional[str]]:
    """Each hash with the commit behind it, `None` where there is none; in one process."""
    names = "".join(f"{sha}^{{commit}}\n" for sha in hashes).encode()
    answer = git.run("cat-file", "--batch-check=%(objecttype) %(objectname)", stdin=names)
    if answer.returncode:
        raise failure(answer.complaint, git.path)
    found = (line.partition(" ") for line in answer.output.decode("ascii", "replace").splitlines())
    return {sha: oid if kind == "commit" else None for sha, (kind, _, oid) in zip(hashes, found)}


def _read_settings(git: GitProcess) -> UserSettings:
    """The person's settings; folders that they declared safe are passed on from here, but never `*`."""
    answer = git.run_with_user_config(*SETTINGS_ARGS)
    settings = parse_settings(answer.output if answer.returncode == 0 else b"")
    git.safe_directories = tuple(entry for entry in settings.safe_directories if entry != "*")
    return settings


def _read_refs(git: GitProcess, settings: UserSettings) -> bytes:
    answer = git.run(*REFS_ARGS)
    if answer.returncode:
        foreign = foreign_path(answer.complaint)
        if foreign and "*" in settings.safe_directories:
            git.safe_directories += (foreign,)
        answer = git.run(*REFS_ARGS)  # once more: a fetch or gc may have been under way
    if answer.returncode:
        raise failure(answer.complaint, git.path)
    return answer.output


def _locate(git: GitProcess, nested: Sequence[str]) -> tuple[Place, dict[str, Optional[str]]]:
    """Where the repository lies, and the commits behind nested tags.

    Both in one process, unless a nested tag names no commit or there are thousands of them.
    """
    asked = tuple(f"{sha}^{{commit}}" for sha in nested) if len(nested) <= MOST_ARGUMENTS else ()
    answer = git.run(*_PLACE_ARGS, *asked)
    if answer.returncode and asked:
        asked = ()
        answer = git.run(*_PLACE_ARGS)
    if answer.returncode:
        raise failure(answer.complaint, git.path)
    lines = answer.output.decode("utf-8", "surrogateescape").split("\n")[:-1]
    end = len(lines) - len(asked)
    shallow, object_format, *folders = lines[:end]
    middle = len(folders) // 2  # a path may hold a line end
    place = Place(
        common_dir=Path("\n".join(folders[:middle])),
        git_dir=Path("\n".join(folders[middle:])),
        shallow=shallow == "true",
        object_format=object_format,
    )
    if len(asked) == len(nested):
        return place, dict(zip(nested, lines[end:]))
    return place, peel(git, nested)


def _choose_branch(git: GitProcess, refs: Sequence[Ref], wanted: str) -> Branch:
    """The wanted branch, else the one that HEAD names; without a tip in an empty repository."""
    name = wanted or next((ref.name[len(HEADS) :] for ref in refs if ref.is_head), "") or _unborn_branch(git, refs)
    found = find_branch(refs, name)
    if found is not None:
        return found
    if not branch_names(refs):
        return Branch(name, HEADS + name, None, None)
    message = f"{git.path} has no branch {name!r}; it has {_some_names(refs)}"
    raise RepositoryError(message, remedy="name one of these with --branch, or as branch in dora-metrics.toml")


def _unborn_branch(git: GitProcess, refs: Sequence[Ref]) -> str:
    """The branch that HEAD names though it does not exist; refuses a detached HEAD."""
    answer = git.run("symbolic-ref", "--quiet", "HEAD")
    if answer.returncode:
        message = f"HEAD of {git.path} is detached, so that no branch is chosen; it has {_some_names(refs)}"
        raise RepositoryError(message, remedy="name the branch with --branch, or as branch in dora-metrics.toml")
    ref = answer.output.decode("utf-8", "replace").strip()
    return ref.removeprefix(HEADS)


def _some_names(refs: Sequence[Ref]) -> str:
    names = branch_names(refs)
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return (", ".join(names[:_MOST_NAMES]) or "no branch") + more
