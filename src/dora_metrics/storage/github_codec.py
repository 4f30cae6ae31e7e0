"""Facts of GitHub <-> one line of JSON each: PullRequest, Release, GitHubDeployment, Incident. Pure.

As strict as `fact_codec`: a line that the encoder would not have written raises `ValueError`. A line holds the fields
of the record in their order; times are whole seconds, written `2025-03-02T14:05:00Z`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from dora_metrics.domain.github_facts import GitHubDeployment, Incident, Release
from dora_metrics.domain.models import PullRequest
from dora_metrics.domain.timestamps import format_utc, parse_utc
from dora_metrics.storage.fact_codec import read_fields, require_hashes, write_fields

Fact = TypeVar("Fact")
_is_time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII).fullmatch


class _Kind(NamedTuple):
    """How one field is written, and what of JSON is read as one."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    """Raises `ValueError`."""


def _same(value: Any) -> Any:
    return value


def _exactly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:  # `true` is no number
            message = f"{value!r:.40} is not of type {kind.__name__}"
            raise ValueError(message)
        return value

    return read


def _read_node_id(value: Any) -> str:
    if type(value) is not str or not value:
        message = "a node id is missing"
        raise ValueError(message)
    return value


def _read_hash(value: Any) -> Any:
    require_hashes(value)
    return value


def _read_time(value: Any) -> Any:
    if type(value) is not str or not _is_time(value):
        message = f"{value!r:.40} is no time"
        raise ValueError(message)
    return parse_utc(value)


def _read_pair(values: Any) -> tuple[int, int]:
    first, second = (_exactly(int)(value) for value in _exactly(list)(values))
    return first, second


def _optional(kind: _Kind) -> _Kind:
    return _Kind(
        lambda value: None if value is None else kind.write(value),
        lambda value: None if value is None else kind.read(value),
    )


def _several(kind: _Kind) -> _Kind:
    def read(values: Any) -> Any:
        return tuple([kind.read(value) for value in _exactly(list)(values)])

    return _Kind(list, read)


_NODE_ID = _Kind(_same, _read_node_id)
_TEXT = _Kind(_same, _exactly(str))
_NUMBER = _Kind(_same, _exactly(int))
_FLAG = _Kind(_same, _exactly(bool))
_PAIR = _Kind(list, _read_pair)
_HASH = _Kind(_same, _read_hash)
_TIME = _Kind(format_utc, _read_time)


class Codec(Generic[Fact]):
    """Writes and reads one type of record."""

    def __init__(self, record: Callable[..., Fact], kinds: dict[str, _Kind]) -> None:
        self._record = record
        self._kinds = kinds
        self._keys = [*kinds]

    @property
    def fields(self) -> list[str]:
        """The names of the fields, in the order of a line."""
        return [*self._keys]

    def encode(self, fact: Fact) -> bytes:
        """One line, without its line feed; a lone surrogate becomes U+FFFD, since UTF-8 has none."""
        return write_fields({name: kind.write(getattr(fact, name)) for name, kind in self._kinds.items()})

    def decode(self, line: bytes) -> Fact:
        """The record of one line."""
        values = read_fields(line, self._keys)
        return self._record(**{name: kind.read(value) for (name, kind), value in zip(self._kinds.items(), values)})


def _codec(record: Callable[..., Fact], **kinds: _Kind) -> Codec[Fact]:
    return Codec(record, kinds)


PULL_REQUEST = _codec(
    PullRequest,
    number=_NUMBER,
    title=_TEXT,
    merge_sha=_optional(_HASH),
    head_sha=_optional(_HASH),
    commits=_optional(_several(_HASH)),
    commit_times=_several(_PAIR),
    head_branch=_optional(_TEXT),
    base_branch=_optional(_TEXT),
    author=_optional(_TEXT),
    is_bot=_optional(_FLAG),
    labels=_optional(_several(_TEXT)),
    body=_optional(_TEXT),
    created_at=_optional(_TIME),
    ready_at=_optional(_TIME),
    first_review_at=_optional(_TIME),
    merged_at=_optional(_TIME),
    node_id=_NODE_ID,
    updated_at=_TIME,
    closes=_several(_NUMBER),
    incomplete=_FLAG,
)
RELEASE = _codec(
    Release,
    node_id=_NODE_ID,
    tag=_TEXT,
    commit_sha=_optional(_HASH),
    published_at=_optional(_TIME),
    is_draft=_FLAG,
    is_prerelease=_FLAG,
)
DEPLOYMENT = _codec(
    GitHubDeployment,
    node_id=_NODE_ID,
    database_id=_NUMBER,
    environment=_TEXT,
    commit_sha=_HASH,
    ref=_optional(_TEXT),
    created_at=_TIME,
    succeeded_at=_optional(_TIME),
    is_terminal=_FLAG,
)
INCIDENT = _codec(
    Incident,
    node_id=_NODE_ID,
    number=_NUMBER,
    title=_TEXT,
    body=_TEXT,
    labels=_several(_TEXT),
    created_at=_TIME,
    closed_at=_optional(_TIME),
    updated_at=_TIME,
    closed_by_pull_request=_optional(_NUMBER),
    closed_by_commit=_optional(_HASH),
)
