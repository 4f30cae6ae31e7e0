"""Facts <-> one line of JSON each: Commit, Tag, PullHead. Pure.

Reading is strict: a line that the encoder would not have written raises `ValueError`; whoever knows file and line
number says so (`RepositoryManager.read_facts`).
"""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring as quoted  # the C string encoder, a third of the price of json.dumps
from typing import TYPE_CHECKING, Any

from dora_metrics.domain.models import Commit, PullHead, Tag

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_is_hash = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?").fullmatch
_FILES = b',"files":['
_COMMIT_KEYS = ["sha", "parents", "author", "authored_s", "committed_s", "message", "files"]
_TAG_KEYS = ["name", "commit_sha", "tagged_s", "annotated"]
_PULL_HEAD_KEYS = ["number", "sha"]
_TEXT = {str}
_SECONDS = (int, type(None))  # compared with `type(...)`, so that `true` is no number


def encode_commit(commit: Commit) -> bytes:
    """One line, without its line feed; a lone surrogate becomes U+FFFD, since UTF-8 has none."""
    sha, parents, author, authored_s, committed_s, message, files = commit
    return _utf8(
        f'{{"sha":{quoted(sha)},"parents":[{",".join([quoted(parent) for parent in parents])}],'
        f'"author":{quoted(author)},"authored_s":{"null" if authored_s is None else authored_s},'
        f'"committed_s":{"null" if committed_s is None else committed_s},"message":{quoted(message)},'
        f'"files":[{",".join([quoted(file) for file in files])}]}}'
    )


def decode_commit(line: bytes) -> Commit:
    """The commit of one line."""
    sha, parents, author, authored_s, committed_s, message, files = read_fields(line, _COMMIT_KEYS)
    if not (
        type(parents) is type(files) is list
        and type(author) is type(message) is str
        and type(authored_s) in _SECONDS
        and type(committed_s) in _SECONDS
        and set(map(type, files)) <= _TEXT
    ):
        fault = "a field of the commit has the wrong type"
        raise ValueError(fault)
    require_hashes(sha, *parents)
    return Commit(sha, tuple(parents), author, authored_s, committed_s, message, tuple(files))


def decode_commit_without_files(line: bytes) -> Commit:
    """As `decode_commit`, with `files_changed` empty: the paths are neither parsed nor kept."""
    # Inside a JSON string each quote has a backslash before it, so these bytes stand nowhere but at the field.
    head, found, _ = line.partition(_FILES)
    return decode_commit(head + _FILES + b"]}" if found else line)


def encode_tag(tag: Tag) -> bytes:
    """One line, without its line feed."""
    return write_fields(
        {"name": tag.name, "commit_sha": tag.commit_sha, "tagged_s": tag.tagged_s, "annotated": tag.annotated}
    )


def decode_tag(line: bytes) -> Tag:
    """The tag of one line."""
    name, commit_sha, tagged_s, annotated = read_fields(line, _TAG_KEYS)
    if type(name) is not str or type(tagged_s) not in _SECONDS or type(annotated) is not bool:
        fault = "a field of the tag has the wrong type"
        raise ValueError(fault)
    if commit_sha is not None:
        require_hashes(commit_sha)
    return Tag(name, commit_sha, tagged_s, annotated)


def encode_pull_head(head: PullHead) -> bytes:
    """One line, without its line feed."""
    return write_fields({"number": head.number, "sha": head.sha})


def decode_pull_head(line: bytes) -> PullHead:
    """The pull request's head of one line."""
    number, sha = read_fields(line, _PULL_HEAD_KEYS)
    if type(number) is not int:
        fault = "the number of the pull request is no number"
        raise ValueError(fault)
    require_hashes(sha)
    return PullHead(number, sha)


def write_fields(fields: dict[str, Any]) -> bytes:
    """One line, without its line feed."""
    return _utf8(json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def _utf8(line: str) -> bytes:
    try:
        return line.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", line).encode()


def _no_constant(name: str) -> None:
    message = f"{name} is no JSON"
    raise ValueError(message)


_read_value = json.JSONDecoder(parse_constant=_no_constant).raw_decode


def read_fields(line: bytes, keys: list[str]) -> Iterable[Any]:
    """The values of an object of exactly these keys, in this order; else `ValueError`."""
    text = line.decode()
    fields, end = _read_value(text)
    if end != len(text) or type(fields) is not dict or [*fields] != keys:
        message = f"not an object of exactly {', '.join(keys)}"
        raise ValueError(message)
    return fields.values()


def require_hashes(*hashes: Any) -> None:
    """Refuse what is no full commit hash: `ValueError`."""
    for value in hashes:
        if type(value) is not str or not _is_hash(value):
            message = "a hash is not 40 or 64 lower-case hex digits"
            raise ValueError(message)
