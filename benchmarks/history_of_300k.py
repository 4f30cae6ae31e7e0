"""Makes a synthetic repository of any size, the same bytes each time, by one `git fast-import`.

    python benchmarks/history_of_300k.py FOLDER [--commits 300000] [--tags 600]

Two thirds of the commits arrive in merged pull requests, the rest directly; 2,000 files in 200 folders; one committer
date in a hundred lies before its parent's; half of the tags are annotated. The file contents come from a small pool:
nothing that this project does reads them.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_SECOND = 1_200_000_000
POOL = 512
AUTHORS = 80
PULL_REQUEST_SHARE = 0.4
OUT_OF_ORDER_SHARE = 0.01
NAME = "Synthetic"


class History:
    """A stream for `git fast-import`, deterministic in its arguments."""

    def __init__(self, commits: int, tags: int, pull_request_share: float = PULL_REQUEST_SHARE) -> None:
        self.commits = commits
        self.pull_request_share = pull_request_share
        self.tag_every = max(1, commits // max(1, tags))
        self.tags = tags
        self.random = Random(commits)  # noqa: S311 (not for secrets: the same history each time)
        self.made = 0
        self.tagged = 0
        self.pull_request = 0
        self.clock = FIRST_SECOND

    def stream(self) -> Iterator[str]:
        """The pool of contents, then commits and tags until there are enough."""
        for mark in range(1, POOL + 1):
            yield f"blob\nmark :{mark}\n{text(f'content {mark}')}"
        tip = 0
        while self.made < self.commits:
            if self.made and self.random.random() < self.pull_request_share:
                tip, lines = self.merged_pull_request(tip)
            else:
                tip, lines = self.commit([tip] if tip else [], f"Direct change {self.made}", self.changes())
            yield lines
            yield from self.due_tag(tip)
        yield f"reset refs/heads/main\nfrom :{tip}\n\ndone\n"

    def merged_pull_request(self, base: int) -> tuple[int, str]:
        """A branch of one to five commits from `base`, and its merge: the merge's mark, and the lines."""
        self.pull_request += 1
        lines: list[str] = []
        changes: list[str] = []
        head = base
        for step in range(self.random.randrange(1, 6)):
            changed = self.changes()
            changes += changed
            subject = f"Step {step} of pull request {self.pull_request}\n\nWhy it was done."
            head, made = self.commit([head], subject, changed)
            lines.append(made)
        subject = f"Merge pull request #{self.pull_request} from someone/branch-{self.pull_request}\n\nWhat it does"
        tip, made = self.commit([base, head], subject, changes)
        return tip, "".join([*lines, made])

    def commit(self, parents: list[int], message: str, changes: list[str]) -> tuple[int, str]:
        """One commit's mark and lines; its tree is its first parent's with `changes`."""
        self.made += 1
        self.clock += self.random.randrange(60, 1800)
        back = 86_400 if self.random.random() < OUT_OF_ORDER_SHARE else 0
        mark = POOL + self.made
        written = self.clock - self.random.randrange(7200)
        lines = [
            f"commit refs/heads/main\nmark :{mark}",
            f"author Author {self.random.randrange(AUTHORS)} <author@example.org> {written} +0100",
            f"committer {NAME} <committer@example.org> {self.clock - back} +0000",
            text(message).rstrip("\n"),
            *(f"{'merge' if place else 'from'} :{parent}" for place, parent in enumerate(parents)),
            *changes,
        ]
        return mark, "\n".join(lines) + "\n\n"

    def changes(self) -> list[str]:
        """One to four changed files."""
        return [self.change() for _ in range(self.random.randrange(1, 5))]

    def change(self) -> str:
        """One changed file."""
        area, part, number = (self.random.randrange(size) for size in (20, 10, 10))
        return f"M 100644 :{self.random.randrange(1, POOL + 1)} src/area{area}/part{part}/file{number}.py"

    def due_tag(self, tip: int) -> Iterator[str]:
        """The tag that is due after `tip`, if one is."""
        if self.tagged >= self.tags or self.made < (self.tagged + 1) * self.tag_every:
            return
        self.tagged += 1
        name = f"v{self.tagged // 100}.{self.tagged // 10 % 10}.{self.tagged % 10}"
        if self.tagged % 2:
            yield f"reset refs/tags/{name}\nfrom :{tip}\n\n"
        else:
            yield f"tag {name}\nfrom :{tip}\ntagger {NAME} <t@example.org> {self.clock} +0000\n{text(name)}"


def text(content: str) -> str:
    """A `data` block."""
    return f"data {len(content.encode())}\n{content}\n"


def make(folder: Path, *, commits: int, tags: int, pull_request_share: float = PULL_REQUEST_SHARE) -> Path:
    """The bare repository in `folder`, which is made; one that is already there is taken as it is.

    Of the steps on the branch `pull_request_share` are merged pull requests, the others lone commits.
    """
    if (folder / "packed-refs").exists() or (folder / "refs/heads/main").exists():
        return folder
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", folder], check=True)
    command = ["git", "-C", str(folder), "fast-import", "--quiet", "--done"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, encoding="utf-8") as child:
        assert child.stdin is not None
        child.stdin.writelines(History(commits, tags, pull_request_share).stream())
        child.stdin.close()
        if child.wait():
            raise SystemExit(f"git fast-import failed with {child.returncode}")  # noqa: EM102, TRY003 (a script)
    return folder


def main() -> None:
    """Make the repository that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commits", type=int, default=300_000)
    parser.add_argument("--tags", type=int, default=600)
    chosen = parser.parse_args()
    print(make(chosen.folder, commits=chosen.commits, tags=chosen.tags))


if __name__ == "__main__":
    main()
