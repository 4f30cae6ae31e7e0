"""The real command line in this process, as a person uses it: what they type in a folder, and what they get back."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from dora_metrics.cli import cli

SETTINGS_PREFIXES = ("DORA_", "GITHUB_", "GH_", "AWS_")


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The last line of stderr; empty when there is none."""
        return self.err.strip().splitlines()[-1] if self.err.strip() else ""


class CommandLine:
    """Runs commands as if typed in one folder, with a fixed clock and no settings from the real environment."""

    def __init__(self, folder: Path, *, as_of: str = "2025-06-01T12:00:00Z") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.as_of = as_of
        self.environ: dict[str, str] = {}

    def run(self, *arguments: str, code: Optional[int] = 0) -> Outcome:
        """Run one command; it must end with `code` (`None` = any)."""
        out, err = io.StringIO(), io.StringIO()
        with self._at_home(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            found = cli.main(list(arguments), standalone_mode=False)
        outcome = Outcome(int(found or 0), out.getvalue(), err.getvalue())
        assert code in (None, outcome.code), f"{arguments} ended with {outcome.code}:\n{outcome.out}\n{outcome.err}"
        return outcome

    @contextlib.contextmanager
    def _at_home(self) -> Iterator[None]:
        before, environ = Path.cwd(), dict(os.environ)
        os.chdir(self.folder)
        for name in [name for name in os.environ if name.startswith(SETTINGS_PREFIXES)]:
            del os.environ[name]
        os.environ.update({"DORA_AS_OF": self.as_of, "COLUMNS": "120", **self.environ})
        try:
            yield
        finally:
            os.chdir(before)
            os.environ.clear()
            os.environ.update(environ)

    def files(self) -> dict[str, bytes]:
        """Every file of the data folder with its bytes; the lock is left out."""
        root = self.folder / "data"
        found = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.is_file()}
        return {name: path.read_bytes() for name, path in found.items() if name != ".lock"}
