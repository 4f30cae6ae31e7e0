"""All commits of a repository with their changed files, as other tools give them; each run in a process of its own.

    PYTHON benchmarks/rivals.py gitpython|pydriller|perceval REPOSITORY

PYTHON belongs to an environment of its own that has `gitpython`, `pydriller` and `perceval`. The repository should be a
copy: PyDriller writes into its configuration. Prints how many commits and files it saw.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def gitpython(repository: str) -> Iterator[int]:
    """Files a commit, by GitPython's `Commit.stats`."""
    import git  # noqa: PLC0415 (only one of the three is measured in a process)

    for commit in git.Repo(repository).iter_commits("main"):
        yield len(commit.stats.files)


def pydriller(repository: str) -> Iterator[int]:
    """Files a commit, by PyDriller's `Commit.modified_files`."""
    from pydriller import Repository  # noqa: PLC0415 (as above)

    for commit in Repository(repository).traverse_commits():
        yield len([file.new_path or file.old_path for file in commit.modified_files])


def perceval(repository: str) -> Iterator[int]:
    """Files a commit, by Perceval's git backend on the repository as it is, without fetching."""
    from perceval.backends.core.git import Git  # noqa: PLC0415 (as above)

    for item in Git(repository, repository).fetch(no_update=True, branches=["main"]):
        yield len(item["data"]["files"])


def main() -> None:
    """Run one of them."""
    tools = {"gitpython": gitpython, "pydriller": pydriller, "perceval": perceval}
    files = list(tools[sys.argv[1]](sys.argv[2]))
    print(len(files), sum(files))


if __name__ == "__main__":
    main()
