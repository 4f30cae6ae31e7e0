"""The refs of a repository, its remote and its safe folders: pure readers of what git printed.

`git for-each-ref` with `REFS_ARGS` gives one line for each ref, fields separated by NUL (`·` here); no ref name can
hold a NUL or a line end:

    refs/heads/main·commit·57fb6c4…·····*
    refs/tags/v1.0·tag·9842cef…·commit·4db157e…·1750000000··
"""

from __future__ import annotations

import re
from io import BytesIO
from sys import intern
from typing import TYPE_CHECKING, NamedTuple, Optional
from urllib.parse import urlsplit

from dora_metrics.domain.models import PullHead, Tag
from dora_metrics.domain.privacy import strip_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HEADS = "refs/heads/"
TAGS = "refs/tags/"
ORIGIN = "refs/remotes/origin/"

_FIELDS = ("refname", "objecttype", "objectname", "*objecttype", "*objectname", "taggerdate:unix", "symref", "HEAD")
REFS_ARGS = (
    "for-each-ref",
    "--format=" + "%00".join(f"%({field})" for field in _FIELDS),
    HEADS,
    TAGS,
    ORIGIN,
    "refs/pull/*/head",
    "refs/replace/",
)
SETTINGS_ARGS = (
    "config", "-z", "--show-scope", "--type=path", "--get-regexp", r"^(safe\.directory|remote\..*\.url)$",
)  # fmt: skip

_PULL_HEAD = re.compile(r"refs/pull/(\d{1,18})/head\Z")
_OTHER_FORGES = ("gitlab.", "bitbucket.", "codeberg.", "gitea.", "git.sr.ht", "dev.azure.com", "ssh.dev.azure.com")
_SCP = re.compile(r"(?:[^/@\s]+@)?([^/:@\s]+):(?!//)/?(.+)\Z")
_OWNER_AND_NAME = re.compile(r"/*([A-Za-z0-9._-]+)/([A-Za-z0-9._-]+?)(?:\.git)?/*\Z")


class Ref(NamedTuple):
    """One ref as git lists it."""

    name: str
    kind: str
    """`commit`, `tag`, `tree` or `blob`."""
    oid: str
    peeled_kind: str
    """Of what an annotated tag names; git before 2.45 peels only once, so that it can be `tag`."""
    peeled_oid: str
    tagged_s: Optional[int]
    symref: str
    """The ref that a symbolic ref names."""
    is_head: bool


class Branch(NamedTuple):
    """The branch that is read."""

    name: str
    ref: str
    tip: Optional[str]
    origin_tip: Optional[str]
    """Where the remote's branch of that name stood at the last fetch, when that is elsewhere."""


class UserSettings(NamedTuple):
    """What the configuration says about ownership and remotes."""

    safe_directories: tuple[str, ...]
    """Of the person's and the system's configuration alone: a repository cannot declare itself safe."""
    remote_url: str
    """Of `origin`, or of the only remote, without credentials; empty when there is none."""


def parse_refs(printed: bytes) -> tuple[Ref, ...]:
    """The refs in git's order (by name)."""
    return tuple(_parse_ref(line) for line in BytesIO(printed))  # line by line: there can be 100,000 pull requests


def _parse_ref(line: bytes) -> Ref:
    name, kind, oid, peeled_kind, peeled_oid, tagged, symref, head = (
        line.decode("utf-8", "replace").rstrip("\n").split("\0")
    )
    tagged_s = int(tagged) if tagged.lstrip("-").isdecimal() else None
    return Ref(name, intern(kind), oid, intern(peeled_kind), peeled_oid, tagged_s, symref, head == "*")


def find_branch(refs: Iterable[Ref], name: str) -> Optional[Branch]:
    """The branch of that name, here or else as the remote had it; `None` when there is neither."""
    commits = {ref.name: ref.oid for ref in refs if ref.kind == "commit"}
    here, there = commits.get(HEADS + name), commits.get(ORIGIN + name)
    if here is not None:
        return Branch(name, HEADS + name, here, there if there != here else None)
    return None if there is None else Branch(name, ORIGIN + name, there, None)


def branch_names(refs: Iterable[Ref]) -> tuple[str, ...]:
    """Names of all branches, those of the remote included, sorted."""
    names = set()
    for ref in refs:
        if ref.name.startswith(HEADS):
            names.add(ref.name[len(HEADS) :])
        elif ref.name.startswith(ORIGIN) and not ref.symref:
            names.add(ref.name[len(ORIGIN) :])
    return tuple(sorted(names))


def nested_tags(refs: Sequence[Ref]) -> tuple[str, ...]:
    """Hashes of tags that tags name, and that no listed ref peels further."""
    known = {ref.oid for ref in refs if ref.peeled_kind}
    nested = {ref.peeled_oid for ref in refs if ref.peeled_kind == "tag"}
    return tuple(sorted(nested - known))


def tags_of(refs: Sequence[Ref], peeled: Mapping[str, Optional[str]]) -> tuple[Tag, ...]:
    """All tags, by name; `peeled` gives the commits (`None`: it is none) behind the `nested_tags`."""
    steps = {ref.oid: ref for ref in refs if ref.peeled_kind}

    def commit_behind(ref: Ref) -> Optional[str]:
        while ref.peeled_kind == "tag" and ref.peeled_oid in steps:
            ref = steps[ref.peeled_oid]
        if ref.peeled_kind == "tag":
            return peeled.get(ref.peeled_oid)
        if ref.peeled_kind:
            return ref.peeled_oid if ref.peeled_kind == "commit" else None
        return ref.oid if ref.kind == "commit" else None

    tags = [
        Tag(ref.name[len(TAGS) :], commit_behind(ref), ref.tagged_s, annotated=ref.kind == "tag")
        for ref in refs
        if ref.name.startswith(TAGS)
    ]
    return tuple(sorted(tags, key=lambda tag: tag.name))


def pull_heads_of(refs: Iterable[Ref]) -> tuple[PullHead, ...]:
    """The heads of pull requests that the clone has (`refs/pull/<n>/head`), by number."""
    found = [(_PULL_HEAD.match(ref.name), ref) for ref in refs if ref.kind == "commit"]
    return tuple(sorted((PullHead(int(match[1]), ref.oid) for match, ref in found if match), key=lambda p: p.number))


def parse_settings(printed: bytes) -> UserSettings:
    """The settings in what git printed for `SETTINGS_ARGS`."""
    safe: list[str] = []
    urls: dict[str, str] = {}
    cells = printed.decode("utf-8", "surrogateescape").split("\0")
    for scope, entry in zip(cells[::2], cells[1::2]):
        key, _, setting = entry.partition("\n")
        if key == "safe.directory" and scope in ("system", "global"):
            safe = [*safe, setting] if setting else []
        elif key != "safe.directory" and scope in ("local", "worktree"):
            urls.setdefault(key[len("remote.") : -len(".url")], setting)
    url = urls.get("origin") or (next(iter(urls.values())) if len(urls) == 1 else "")
    return UserSettings(tuple(safe), strip_credentials(url.encode("utf-8", "replace").decode("utf-8")))


def github_name(url: str) -> Optional[str]:
    """`owner/name` of a GitHub remote (https, ssh, scp form; github.com, ghe.com, Enterprise Server).

    `None` for a path, a known host of another forge, and whatever does not have exactly two parts.
    """
    host, path = _host_and_path(url)
    if not host or "." not in host or host.lower().startswith(_OTHER_FORGES):
        return None
    match = _OWNER_AND_NAME.match(path)
    return f"{match[1]}/{match[2]}" if match else None


def _host_and_path(url: str) -> tuple[str, str]:
    if "://" in url:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return "", ""
        return (host, parts.path) if parts.scheme in ("https", "http", "ssh", "git", "git+ssh") else ("", "")
    match = _SCP.match(url)
    return (match[1], match[2]) if match else ("", "")
