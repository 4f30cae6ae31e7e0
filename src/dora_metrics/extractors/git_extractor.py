"""Facts from a git repository: where it stands (`inspect`) and its commits (`extract_commits`).

Five processes at most, for any number of commits: `git version`, `config`, `for-each-ref`, `rev-parse` and one `log`.
The repository is only read: nothing is fetched, written or executed, whatever its configuration says.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from dora_metrics.errors import BusyError
from dora_metrics.extractors.git_failures import failure, tip_gone, vanished_tip
from dora_metrics.extractors.git_inspection import MOST_ARGUMENTS, RepositoryState, inspect_repository, peel
from dora_metrics.extractors.git_log import LOG_ARGS, Tally, parse_log
from dora_metrics.extractors.git_process import GitProcess
from dora_metrics.extractors.git_refs import HEADS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dora_metrics.domain.models import Commit

__all__ = ["GitExtractor", "RepositoryState"]

logger = logging.getLogger("dora_metrics.git")

_HASH = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")


class GitExtractor:
    """Reads one repository: a clone, bare or not, a worktree, or a folder inside one."""

    def __init__(
        self, path: Path, *, environ: Mapping[str, str], branch: str = "", allow_shallow: bool = False
    ) -> None:
        """`environ` is the caller's environment; `branch` is a short name, empty = the one that HEAD names."""
        self._git = GitProcess(path, environ)
        self._branch = branch.removeprefix(HEADS)
        self._allow_shallow = allow_shallow

    def inspect(self) -> RepositoryState:
        """Where the repository stands now; without any commit `branch_tip` is `None` and there are no `tips`.

        Raises `RepositoryError` without git or with one that is too old, without a repository, for one of another
        user's, a shallow clone (unless allowed), a branch that does not exist, a detached HEAD when no branch is
        configured, and refs whose objects are missing.
        """
        return inspect_repository(self._git, branch=self._branch, allow_shallow=self._allow_shallow)

    def extract_commits(self, state: RepositoryState, *, known: Sequence[str] = ()) -> Iterator[Commit]:
        """Every commit that the tips reach and `known` does not, newest first as git orders them, while it is read.

        `known` are tips of earlier extractions; those that are gone are ignored. Where committer dates are out of
        order git may repeat some commits that `known` reaches; it leaves none out.

        Raises after the last commit, and then nothing that was yielded may be kept: `RepositoryError` naming the object
        when one is missing or damaged, `BusyError` when a tip has gone since `inspect`.
        """
        done = {sha for sha in known if _HASH.match(sha)}
        new = [sha for sha in state.tips if sha not in done]
        if not new:
            return
        tally = Tally()
        try:
            yield from self._read_log(state, new, done, tally)
        except BusyError:  # raised before any commit was yielded, so that trying once more repeats none
            yield from self._read_log(state, new, done, tally)
        if tally.cut_messages:
            logger.warning("commit messages longer than 64 KiB, cut there: %d", tally.cut_messages)

    def _read_log(self, state: RepositoryState, new: Sequence[str], done: set[str], tally: Tally) -> Iterator[Commit]:
        present = done.intersection(state.tips)
        doubtful = sorted(done - present)
        if len(doubtful) > MOST_ARGUMENTS:
            present.update(sha for sha, commit in peel(self._git, doubtful).items() if commit)
            doubtful = []
        stdin = "".join([*(f"{sha}\n" for sha in new), *(f"^{sha}\n" for sha in sorted(present))]).encode()
        # What git reads before --ignore-missing must exist, what it reads after that need not
        ignorable = ("--ignore-missing", "--end-of-options", *(f"^{sha}" for sha in doubtful), "--")
        with self._git.stream(*LOG_ARGS, *ignorable, stdin=stdin) as stream:

            def chunks() -> Iterator[bytes]:
                yield from stream.chunks()
                answer = stream.finish()
                if answer.returncode:
                    gone = vanished_tip(answer.complaint, state.tips)
                    raise tip_gone(self._git.path) if gone else failure(answer.complaint, self._git.path)

            yield from parse_log(chunks(), tally)
