"""A repository with two releases, and a person in front of it who fills in the review file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from support.git_repository import GitRepository
from support.prompt import CommandLine


class Project:
    """A repository with two releases, and a person in front of it."""

    def __init__(self, folder: Path) -> None:
        self.repository = GitRepository(folder / "shop")
        self.cli = CommandLine(folder / "work")
        git = self.repository
        git.commit("start", at="2025-01-06T09:00:00Z")
        git.tag("v1.0.0", "start", at="2025-01-06T10:00:00Z")
        git.commit("login", at="2025-01-07T09:00:00Z", branch="login", parents=["start"])
        git.commit("merge", parents=["start", "login"], at="2025-01-08T09:00:00Z",
                   message="Merge pull request #1 from ada/login\n\nAdd a login page")  # fmt: skip
        git.ref("refs/pull/1/head", "login")
        git.tag("v1.1.0", "merge", at="2025-01-09T09:00:00Z")
        git.commit("cart-branch", at="2025-01-10T09:00:00Z", branch=None, parents=["merge"])
        git.ref("refs/pull/2/head", "cart-branch")
        git.commit("cart", at="2025-01-12T09:00:00Z", subject="Add a cart (#2)")
        git.tag("v1.2.0", "cart", at="2025-01-13T09:00:00Z")
        git.flush()

    def started(self) -> CommandLine:
        self.cli.run("init", "--yes", str(self.repository.path))
        self.cli.run("extract", "--full")
        return self.cli

    def table(self, name: str) -> dict[str, dict[str, str]]:
        text = (self.cli.folder / "data" / "processed" / name).read_text(encoding="utf-8-sig")
        return {row["key"]: row for row in csv.DictReader(io.StringIO(text))}

    def decide(self, key: str, **decisions: str) -> Path:
        """Fill in cells of the review file, as a spreadsheet would save it."""
        path = self.cli.folder / "data" / "processed" / "pending_review.csv"
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        for row in rows:
            if row["key"] == key:
                row.update(decisions)
        assert key in {row["key"] for row in rows}
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path
