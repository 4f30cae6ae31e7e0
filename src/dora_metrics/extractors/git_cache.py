"""Our own clones of repositories that are given by URL or as OWNER/NAME: bare, without blobs, fetched again each time.

Only what lies in the cache is ever fetched into. Protocols are https and ssh; credentials come from the person's own
credential helpers and ssh keys, never from a URL, an option or the environment.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dora_metrics.domain.privacy import strip_credentials
from dora_metrics.errors import (
    AccessError,
    ConfigurationError,
    DoraMetricsError,
    RepositoryError,
    StorageError,
    UnreachableError,
)
from dora_metrics.extractors.git_process import Answer, run_online

if TYPE_CHECKING:
    from collections.abc import Mapping

REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", "+refs/pull/*/head:refs/pull/*/head")

_OWNER_AND_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+\Z")
_SCP = re.compile(r"(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:[^:\s][^\s]*\Z")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NO_ACCESS = re.compile(
    r"could not read (?:username|password)|authentication failed|permission denied|access denied|invalid credentials|"
    r"repository .*not found|error: 40[134]|host key verification failed|terminal prompts disabled|not authorized",
    re.IGNORECASE,
)
_NO_NETWORK = re.compile(
    r"could not resolve|couldn't resolve|failed to connect|connection (?:refused|timed out|reset|closed)|timed out|"
    r"network is unreachable|no route to host|could not connect|operation too slow|error: 5\d\d",
    re.IGNORECASE,
)
_LONGEST_SLUG = 80


def clone_url(source: str) -> str:
    """The URL to clone: `OWNER/NAME` is one of github.com, a URL or scp form comes back as it is.

    Raises `ConfigurationError` for other protocols, and for a URL that may hold a password or token: it would be seen
    in the list of processes.
    """
    if _OWNER_AND_NAME.match(source):
        return f"https://github.com/{source.removesuffix('.git')}.git"
    if "://" not in source and _SCP.match(source):
        return source
    try:
        parts = urlsplit(source)
        secret = parts.password is not None or (parts.scheme == "https" and parts.username is not None)
    except ValueError:
        parts, secret = urlsplit(""), False
    if parts.scheme not in ("https", "ssh") or not parts.hostname or parts.hostname.startswith("-"):
        message = f"{strip_credentials(source)} is no OWNER/NAME and no https or ssh URL"
        raise ConfigurationError(message, remedy="give one of these, or the path of a clone")
    if secret:
        message = f"the URL of {strip_credentials(source)} holds a user, password or token"
        raise ConfigurationError(message, remedy="leave that out and let git's credential helper know it")
    return source


class GitCache:
    """A folder of bare clones."""

    def __init__(self, folder: Path, *, environ: Mapping[str, str]) -> None:
        """`environ` is the caller's environment, of which git gets what it needs to find keys and helpers."""
        self._folder = folder
        self._environ = environ

    def path_of(self, source: str) -> Path:
        """Where the clone of `source` lies or will lie; nothing is made."""
        url = clone_url(source)
        public = strip_credentials(url)
        slug = _UNSAFE.sub("+", public.partition("://")[2] or public).strip("+.")[-_LONGEST_SLUG:]
        digest = hashlib.sha256(url.encode()).hexdigest()[:12]
        return self._folder / f"{slug.removesuffix('.git')}-{digest}.git"

    def refresh(self, source: str) -> Path:
        """The clone of `source`, made or brought up to date: branches, tags and pull request heads, gone ones removed.

        Raises `AccessError` when the remote refuses or does not show the repository, `UnreachableError` when it does
        not answer, `RepositoryError` otherwise; the clone then is as it was.
        """
        path = self.path_of(source)
        if path.exists():
            self._fetch(path, source)
        else:
            self._clone(clone_url(source), path)
        return path

    def _clone(self, url: str, path: Path) -> None:
        """Into a draft first, so that a clone that was broken off is never taken for a whole one."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self._folder))
        except OSError as error:
            message = f"{self._folder} cannot be written: {error.strerror}"
            raise StorageError(message, remedy="free or open that folder, or give the path of a clone") from None
        pulls = ("--config", f"remote.origin.fetch={REFSPECS[-1]}")  # branches and tags come with any bare clone
        options = ("--bare", "--quiet", "--template=", "--filter=blob:none", *pulls)
        try:
            answer = run_online("clone", *options, "--", url, str(draft), environ=self._environ)
            if answer.returncode:
                raise _refused(answer, url)
            draft.rename(path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _fetch(self, path: Path, source: str) -> None:
        options = ("--quiet", "--prune", "--force", "--no-tags", "--no-recurse-submodules")
        answer = run_online("-C", str(path), "fetch", *options, "origin", *REFSPECS, environ=self._environ)
        if answer.returncode:
            raise _refused(answer, source)
        self._follow_renamed_branch(path)

    def _follow_renamed_branch(self, path: Path) -> None:
        """Let HEAD name the remote's default branch again when the one it named is gone."""
        head = run_online("-C", str(path), "rev-parse", "--verify", "--quiet", "HEAD", environ=self._environ)
        if head.returncode == 0:
            return
        answer = run_online("-C", str(path), "ls-remote", "--symref", "origin", "HEAD", environ=self._environ)
        match = re.match(rb"ref: (refs/heads/\S+)\tHEAD\n", answer.output)
        if match:
            ref = match[1].decode("utf-8", "surrogateescape")
            run_online("-C", str(path), "symbolic-ref", "HEAD", ref, environ=self._environ)


def _refused(answer: Answer, source: str) -> DoraMetricsError:
    """The error for a remote that did not give what was asked; its words come with credentials taken out."""
    shown = strip_credentials(source)
    said = " ".join(answer.complaint.split())
    if _NO_ACCESS.search(said):
        return AccessError(
            f"no access to {shown}, or there is no such repository: {said}",
            remedy="check the name, and that git itself can fetch it without asking",
        )
    if _NO_NETWORK.search(said):
        return UnreachableError(f"{shown} does not answer: {said}", remedy="check the network and run it again")
    return RepositoryError(f"git cannot clone or fetch {shown}: {said}", remedy="try the same with git itself")
