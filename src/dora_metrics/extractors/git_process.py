"""Where git is run: read-only, and so that nothing a repository or the caller's environment says is executed.

Repositories are hostile input. Their configuration can name programs (a pager, a signature checker, a file system
monitor, a transport), their refs can look like options, and a clone without all objects makes git fetch behind our
back. So: fixed options, an environment made from an allow-list, no protocol, no configuration but the repository's own.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, NamedTuple

from dora_metrics.domain.privacy import redact
from dora_metrics.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

logger = logging.getLogger("dora_metrics.git")

OLDEST_GIT = (2, 32)
"""GIT_CONFIG_GLOBAL, without which a person's own configuration would be read, came with 2.32."""

HARDENED_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.attributesFile=/dev/null",
    "-c", "log.showSignature=false",
    "-c", "log.showRoot=true",
    "-c", "diff.orderFile=/dev/null",
    "-c", "protocol.allow=never",
    "-c", "advice.graftFileDeprecated=false",
)  # fmt: skip

HARDENED_ENVIRON = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_FLUSH": "0",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

ONLINE_OPTIONS = (
    "--no-pager",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "gc.autoDetach=false",
    "-c", "http.lowSpeedLimit=1000",
    "-c", "http.lowSpeedTime=60",
    "-c", "submodule.recurse=false",
)  # fmt: skip

ONLINE_ENVIRON = {
    "GIT_ALLOW_PROTOCOL": "https:ssh",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

READ_SIZE = 1024 * 1024
_SMALL_READ = 128 * 1024
_NAP_S = 0.005
_SET_PIPE_SIZE = 1031  # fcntl.F_SETPIPE_SZ, which Python 3.9 does not name
_LONGEST_COMPLAINT = 16 * 1024
_ALLOWED = ("PATH", "TMPDIR", "DEVELOPER_DIR")
_ALLOWED_FOR_CONFIG = (*_ALLOWED, "HOME", "XDG_CONFIG_HOME")
_ALLOWED_ONLINE = (
    *_ALLOWED_FOR_CONFIG,
    "USER", "LOGNAME", "GNUPGHOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "SSH_AGENT_PID",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy",
    "NO_PROXY",
)  # fmt: skip


class Answer(NamedTuple):
    """What a finished git said."""

    returncode: int
    output: bytes
    complaint: str
    """Standard error, without addresses and credentials."""


class GitProcess:
    """Runs git on one repository."""

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        """`environ` is the caller's environment, of which git gets PATH and little else."""
        self.path = path
        self.safe_directories: tuple[str, ...] = ()
        """What the person has declared safe (`safe.directory`), passed on to each git."""
        self._environ = {**_allowed(environ, _ALLOWED), **HARDENED_ENVIRON}
        self._config_environ = {**_allowed(environ, _ALLOWED_FOR_CONFIG), "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}

    def run(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run git to its end, whatever its exit code; for short answers."""
        return _run(self._command(arguments), self._environ, stdin)

    def version(self) -> str:
        """What `git version` prints; needs no repository."""
        return _run(["git", "version"], self._environ, b"").output.decode("ascii", "replace").strip()

    def run_with_user_config(self, *arguments: str) -> Answer:
        """The same with the person's and the system's configuration in force: to read it, and for nothing else."""
        return _run(["git", "--no-pager", "-C", str(self.path), *arguments], self._config_environ, b"")

    @contextmanager
    def stream(self, *arguments: str, stdin: bytes = b"") -> Iterator[GitStream]:
        """A git whose output is read while it is written; killed when the block is left early."""
        with tempfile.TemporaryFile() as complaints:
            process = _start(self._command(arguments), self._environ, complaints)
            try:
                _feed(process, stdin)
                yield GitStream(process, complaints)
            finally:
                if process.poll() is None:
                    process.kill()
                _close(process)

    def _command(self, arguments: Sequence[str]) -> list[str]:
        safe = [part for entry in self.safe_directories for part in ("-c", f"safe.directory={entry}")]
        return ["git", *HARDENED_OPTIONS, *safe, "-C", str(self.path), *arguments]


def run_online(*arguments: str, environ: Mapping[str, str]) -> Answer:
    """Run a git that may reach the network, over https and ssh, with the person's credential helpers and keys.

    For our own cache of repositories alone. Nobody is asked for anything: there is no terminal to ask on.
    """
    allowed = {**_allowed(environ, _ALLOWED_ONLINE), **ONLINE_ENVIRON}
    process = _start(["git", *ONLINE_OPTIONS, *arguments], allowed, subprocess.PIPE, detached=True)
    try:
        output, complaint = process.communicate()
    finally:
        if process.poll() is None:
            process.kill()
    return Answer(process.returncode, output, _readable(complaint))


class GitStream:
    """The output of one running git."""

    def __init__(self, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
        self._process = process
        self._complaints = complaints

    def chunks(self) -> Iterator[bytes]:
        """The output in pieces of at most 1 MiB, to its end."""
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 (it was asked for)
        wide = _widen(pipe)
        total = 0
        while chunk := os.read(pipe.fileno(), READ_SIZE):
            yield chunk
            total += len(chunk)
            if wide and total > READ_SIZE and len(chunk) < _SMALL_READ:
                # git writes 4 KiB at a time: being woken for each costs both sides a fifth of git's own work
                time.sleep(_NAP_S)

    def finish(self) -> Answer:
        """The exit code and what git complained about; only after the output has ended."""
        returncode = self._process.wait()
        end = self._complaints.seek(0, os.SEEK_END)
        self._complaints.seek(max(end - _LONGEST_COMPLAINT, 0))
        return Answer(returncode, b"", _readable(self._complaints.read()))


def require_git(process: GitProcess) -> None:
    """Refuse a machine without git or with one that is too old: `RepositoryError`."""
    printed = process.version()
    version = re.search(r"(\d+)\.(\d+)", printed)
    if version is None or (int(version[1]), int(version[2])) < OLDEST_GIT:
        found = printed or "a git that does not tell its version"
        message = f"{found} is too old"
        raise RepositoryError(message, remedy=f"install git {_oldest()} or newer")


def _oldest() -> str:
    return ".".join(str(part) for part in OLDEST_GIT)


def _allowed(environ: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: environ[name] for name in names if name in environ}


def _run(command: Sequence[str], environ: Mapping[str, str], stdin: bytes) -> Answer:
    process = _start(command, environ, subprocess.PIPE)
    output, complaint = process.communicate(stdin)
    return Answer(process.returncode, output, _readable(complaint))


def _start(
    command: Sequence[str], environ: Mapping[str, str], stderr: int | IO[bytes], *, detached: bool = False
) -> subprocess.Popen[bytes]:
    logger.debug("running %s", redact(" ".join(command)))
    try:
        return subprocess.Popen(  # noqa: S603 (a fixed program, arguments of our own making)
            command,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            bufsize=0,
            start_new_session=detached,
        )
    except OSError as error:
        message = f"git cannot be run: {error.strerror}"
        raise RepositoryError(message, remedy=f"install git {_oldest()} or newer and put it on PATH") from None


def _feed(process: subprocess.Popen[bytes], stdin: bytes) -> None:
    """Write all of standard input; a git that died early tells why itself."""
    pipe = process.stdin
    assert pipe is not None  # noqa: S101 (it was asked for)
    with suppress(BrokenPipeError):
        remaining = memoryview(stdin)
        while remaining:
            remaining = remaining[pipe.write(remaining) :]
    pipe.close()


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is not None:
        process.stdout.close()
    process.wait()


def _widen(pipe: IO[bytes]) -> bool:
    """Whether the pipe now holds 1 MiB; only Linux can."""
    if sys.platform != "linux":
        return False
    import fcntl  # noqa: PLC0415 (absent on other systems)

    try:
        fcntl.fcntl(pipe, _SET_PIPE_SIZE, READ_SIZE)
    except OSError:
        return False
    return True


def _readable(complaint: bytes) -> str:
    return redact(complaint[-_LONGEST_COMPLAINT:].decode("utf-8", "replace"))
