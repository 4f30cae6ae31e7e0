"""A tiny project for runs of the real command line as processes: a repository, its settings, decisions to import."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.git_repository import GitRepository, clean_environ

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AS_OF = "2025-06-01T12:00:00Z"
COMMAND = (sys.executable, "-m", "dora_metrics")


@dataclass
class SmallShop:
    """`folder/shop` is the clone, `folder/work` where a person stands, `folder/work/data` their data."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clone = GitRepository(self.folder / "shop")
        self.work.mkdir(parents=True)
        (self.work / "dora-metrics.toml").write_text('[repository]\npath = "../shop"\n', encoding="utf-8")

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def data(self) -> Path:
        return self.work / "data"

    def full_environ(self) -> Mapping[str, str]:
        """What a command sees: nothing of this machine but the path."""
        ours = {name: value for name, value in os.environ.items() if name in ("PYTHONPATH", "COVERAGE_PROCESS_START")}
        return {**clean_environ(self.folder), **ours, "DORA_AS_OF": AS_OF, "GITHUB_ACTOR": "ada", **self.environ}

    def grow(self, number: int) -> str:
        """One more commit and its release; the commit's hash."""
        name = f"c{number}"
        self.clone.commit(name, subject=f"feat: number {number}", files={"shop.txt": str(number)})
        self.clone.tag(f"v1.{number}.0", name)
        self.clone.flush()
        return self.clone[name]

    def decide(self, sha: str, file: str = "decisions.csv") -> Path:
        """A file with one decision about a commit, as a person saves it."""
        path = self.work / file
        row = f"commit:{sha},local/shop,yes,by hand"
        path.write_text(f"key,repository,is_hotfix,notes\n{row}\n", encoding="utf-8")
        return path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.work,
            env=dict(self.full_environ()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        """Run a command to its end, which must be `code`; its two outputs."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, f"{arguments} ended with {process.returncode}:\n{out}\n{err}"
        return out, err
