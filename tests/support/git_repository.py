"""Real git repositories for tests, built in milliseconds: one `git fast-import` for any number of commits.

    repo = GitRepository(tmp_path / "repo")
    repo.commit("a", at="2025-01-01T00:00:00Z")
    repo.commit("b", subject="fix: this", files={"src/x.py": "x"})
    repo.commit("c", parents=["a"], branch="side")
    repo.commit("m", parents=["b", "c"], subject="Merge branch 'side'")
    repo.tag("v1.0.0", "m", at="2025-01-02T00:00:00Z")
    repo.ref("refs/pull/7/head", "c")
    repo.git("log", "--oneline")

What was added is on disk as soon as anything asks for `repo.path` or runs `repo.git`.
Clean environment, fixed times, no configuration of the machine; the same calls give the same hashes everywhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Optional, Union

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Moment = Union[int, str, datetime]
Text = Union[str, bytes]

FIRST_TIME_S = 1_735_689_600  # 2025-01-01T00:00:00Z
STEP_S = 3600
DEFAULT_AUTHOR = "Ada Lovelace"
SCRATCH_REF = "refs/fixture/scratch"


GIT = shutil.which("git") or "git"
"""With its folder, and started with `close_fds=False`: so Python 3.9 spawns it too, and does not copy a test process of
300 MB first, which takes ten times as long as what git does."""


def clean_environ(home: Union[str, Path] = "/nonexistent", **more: str) -> dict[str, str]:
    """An environment in which git reads no configuration but the repository's own, and gives fixed times."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
    }
    for role in ("AUTHOR", "COMMITTER"):
        environ[f"GIT_{role}_NAME"] = DEFAULT_AUTHOR
        environ[f"GIT_{role}_EMAIL"] = "ada@example.org"
        environ[f"GIT_{role}_DATE"] = f"{FIRST_TIME_S} +0000"
    return {**environ, **more}


def to_unix(moment: Moment) -> int:
    """Unix seconds of an int, an ISO text (`Z` or an offset) or an aware datetime."""
    if isinstance(moment, int):
        return moment
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return int((moment - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds())


def _bytes(text: Text) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def _quoted(path: Text) -> bytes:
    """A path as fast-import reads it, whatever bytes it holds (all but NUL)."""
    return b'"' + b"".join(b"\\%03o" % byte for byte in _bytes(path)) + b'"'


class GitRepository:
    """A repository made for one test; names of commits ("a") and full hashes are both understood."""

    def __init__(
        self, path: Path, *, bare: bool = False, object_format: str = "sha1", default_branch: str = "main"
    ) -> None:
        self._importer: Optional[subprocess.Popen[bytes]] = None
        self.default_branch = default_branch
        self.environ = clean_environ()
        self.shas: dict[str, str] = {}
        """Name given to `commit` → full hash."""
        self._path = path
        self._null = "0" * (64 if object_format == "sha256" else 40)
        self._tips: dict[str, str] = {}
        self._marks: dict[str, int] = {}
        self._clock_s = FIRST_TIME_S
        self._last_mark = 0
        path.mkdir(parents=True, exist_ok=True)
        options = ["--bare"] if bare else []
        self.git("init", "-q", "--template=", f"--initial-branch={default_branch}",
                 f"--object-format={object_format}", *options)  # fmt: skip

    def __del__(self) -> None:
        """A test that never looked leaves no process behind."""
        if self._importer is not None:
            self.flush()

    @property
    def path(self) -> Path:
        """The folder, with all that was added so far written."""
        self.flush()
        return self._path

    def __getitem__(self, name: str) -> str:
        """The full hash of a commit by its name; hashes come back as they are."""
        return self.shas.get(name, name)

    def commit(  # noqa: PLR0913 (a commit has that many parts; all but its name have defaults)
        self,
        name: str,
        *,
        parents: Optional[Sequence[str]] = None,
        at: Optional[Moment] = None,
        author_at: Optional[Moment] = None,
        subject: Optional[Text] = None,
        message: Optional[Text] = None,
        author: Text = DEFAULT_AUTHOR,
        author_mail: Text = "ada@example.org",
        committer: Text = DEFAULT_AUTHOR,
        committer_mail: Text = "ada@example.org",
        files: Optional[Mapping[Text, Optional[Text]]] = None,
        gitlinks: Optional[Mapping[Text, str]] = None,
        branch: Optional[str] = "",
        encoding: str = "",
        zone: str = "+0000",
    ) -> str:
        """The hash of a new commit, known as `name` from now on.

        `parents` default to the tip of the branch (none for its first commit); `[]` makes a root. `at` is the committer
        time, an hour after the last one by default, `author_at` the same unless given. `message` is the whole message,
        byte for byte; otherwise it is `subject` (default: the name). `files` maps paths to contents, `None` deletes;
        default: one file called after the name; a merge changes nothing. `branch` moves to the commit: "" = the
        default branch, `None` = no branch.
        """
        ref = SCRATCH_REF if branch is None else f"refs/heads/{branch or self.default_branch}"
        if parents is None:
            parents = [self._tips[ref]] if ref in self._tips and branch is not None else []
        if at is None:
            at = self._clock_s + STEP_S
        committed_s = self._clock_s = to_unix(at)
        authored_s = committed_s if author_at is None else to_unix(author_at)
        if files is None:
            files = {f"{name}.txt": name} if len(parents) < 2 and not gitlinks else {}
        mark = self._last_mark = self._last_mark + 1
        lines = [
            b"reset " + ref.encode(),
            b"commit " + ref.encode(),
            b"mark :%d" % mark,
            b"author %s <%s> %d %s" % (_bytes(author), _bytes(author_mail), authored_s, zone.encode()),
            b"committer %s <%s> %d %s" % (_bytes(committer), _bytes(committer_mail), committed_s, zone.encode()),
        ]
        if encoding:
            lines.append(b"encoding " + encoding.encode())
        text = _bytes(message if message is not None else subject if subject is not None else name)
        lines.append(b"data %d\n%s" % (len(text), text))
        lines += [b"%s %s" % (b"merge" if i else b"from", self._object(p)) for i, p in enumerate(parents)]
        for path, content in files.items():
            lines += self._file_lines(path, content)
        for path, sha in (gitlinks or {}).items():
            lines.append(b"M 160000 %s %s" % (sha.encode(), _quoted(path)))
        self._write(b"\n".join(lines) + b"\n\n" + b"get-mark :%d\n" % mark)
        sha = self._read_line()
        self.shas[name] = self._tips[ref] = sha
        self._marks[sha] = mark
        return sha

    def tag(
        self,
        name: str,
        target: str,
        *,
        at: Optional[Moment] = None,
        annotated: Optional[bool] = None,
        tagger: Optional[Text] = DEFAULT_AUTHOR,
        message: Text = "",
    ) -> None:
        """A tag: annotated when `at` or `message` is given, else lightweight; `tagger=None` leaves the tagger out."""
        if annotated is None:
            annotated = at is not None or bool(message)
        if not annotated:
            self.ref(f"refs/tags/{name}", target)
            return
        tagged_s = self._clock_s if at is None else to_unix(at)
        signature = b"" if tagger is None else b"tagger %s <t@example.org> %d +0000\n" % (_bytes(tagger), tagged_s)
        text = _bytes(message or name)
        self._write(
            b"tag %s\nfrom %s\n%sdata %d\n%s\n" % (name.encode(), self._object(target), signature, len(text), text)
        )

    def ref(self, ref: str, target: str) -> None:
        """Set any full ref, such as refs/pull/7/head, to a commit."""
        self._tips[ref] = self[target]
        self._write(b"reset %s\nfrom %s\n\n" % (ref.encode(), self._object(target)))

    def branch(self, name: str, target: str) -> None:
        """Set a branch to a commit, by force."""
        self.ref(f"refs/heads/{name}", target)

    def delete_ref(self, ref: str) -> None:
        """Remove any ref; what only it reached is gone from the history, not from the folder."""
        self._tips.pop(ref, None)
        self.git("update-ref", "-d", ref)

    def literal(self, kind: str, content: bytes) -> str:
        """The hash of an object written byte for byte, however broken."""
        return self._run(["hash-object", "-t", kind, "-w", "--literally", "--stdin"], content).decode().strip()

    def git(self, *args: str, stdin: bytes = b"") -> str:
        """What `git <args>` prints in the repository, without the last line end; fails the test when git fails."""
        return self._run(list(args), stdin).decode("utf-8", "surrogateescape").rstrip("\n")

    def flush(self) -> None:
        """Write all that was added so far; everything that reads the repository does this first."""
        importer, self._importer = self._importer, None
        if importer is None:
            return
        assert importer.stdin is not None
        importer.stdin.write(f"reset {SCRATCH_REF}\nfrom {self._null}\n\ndone\n".encode())
        importer.stdin.close()
        returncode = importer.wait()
        assert importer.stdout is not None
        importer.stdout.close()
        self._marks.clear()
        assert returncode == 0, "git fast-import failed, see its message above"

    def _run(self, args: list[str], stdin: bytes = b"") -> bytes:
        self.flush()
        done = subprocess.run(
            [GIT, "-C", str(self._path), *args], input=stdin, env=self.environ, capture_output=True, check=False,
            close_fds=False,
        )  # fmt: skip
        assert done.returncode == 0, f"git {args}: {done.returncode}: {done.stderr.decode(errors='replace')}"
        return done.stdout

    def _object(self, name: str) -> bytes:
        """A commit as the running fast-import knows it."""
        sha = self[name]
        return b":%d" % self._marks[sha] if sha in self._marks else sha.encode()

    @staticmethod
    def _file_lines(path: Text, content: Optional[Text]) -> list[bytes]:
        if content is None:
            return [b"D " + _quoted(path)]
        return [b"M 100644 inline " + _quoted(path), b"data %d\n%s" % (len(_bytes(content)), _bytes(content))]

    def _write(self, command: bytes) -> None:
        if self._importer is None:
            self._importer = subprocess.Popen(
                [GIT, "-C", str(self._path), "fast-import", "--quiet", "--force", "--done",
                 "--date-format=raw-permissive"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environ, close_fds=False,
            )  # fmt: skip
        assert self._importer.stdin is not None
        self._importer.stdin.write(command)
        self._importer.stdin.flush()

    def _read_line(self) -> str:
        assert self._importer is not None
        assert self._importer.stdout is not None
        line = self._importer.stdout.readline().decode().strip()
        assert line, "git fast-import failed, see its message above"
        return line
