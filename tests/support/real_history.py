"""A real project's history, rebuilt as a git repository: same graph, times, subjects and refs, other hashes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.git_repository import GitRepository

FIXTURE = Path(__file__).parent.parent / "fixtures" / "hpke_history.json"


class RealHistory:
    """github.com/cfrg/draft-irtf-cfrg-hpke: 720 commits, 152 merged pull requests, 13 tags over five years."""

    def __init__(self, folder: Path) -> None:
        self.facts: dict[str, Any] = json.loads(FIXTURE.read_text(encoding="utf-8"))
        self.repository = GitRepository(folder / "hpke.git", bare=True)
        self.shas: list[str] = []
        for position, (parents, authored_s, committed_s, message, *reverted) in enumerate(self.facts["commits"]):
            text = f"{message}\n\nThis reverts commit {self.shas[reverted[0]]}." if reverted else message
            self.shas.append(
                self.repository.commit(
                    str(position),
                    parents=[str(parent) for parent in parents],
                    at=committed_s,
                    author_at=authored_s,
                    message=text,
                    branch=None,
                )
            )
        self.repository.branch("main", str(self.facts["tip"]))
        for name, commit, tagged_s in self.facts["tags"]:
            self.repository.tag(name, str(commit), at=tagged_s)
        for number, commit in self.facts["pull_heads"]:
            self.repository.ref(f"refs/pull/{number}/head", str(commit))
        self.repository.flush()
