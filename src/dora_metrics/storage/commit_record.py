"""One numbered commit of the store: what it holds, and its bytes. Pure.

A record is manifest and audit entry in one. Its JSON has sorted keys and a seal (`digest`, the SHA-256 of the record
without it), so the same record always has the same bytes and any edit is seen, also in the newest one, which no later
`prev` guards. Every change of the fields raises `SCHEMA` and adds to `UPGRADES` how the older ones read: an older store
is read as if it were new, and the next commit is written in the new schema; older records stay as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from dora_metrics.domain.timestamps import format_utc, parse_utc, require_utc
from dora_metrics.errors import ConfigurationError, IntegrityError
from dora_metrics.storage.json_fields import Fields

if TYPE_CHECKING:
    from datetime import datetime

SCHEMA = 1
HISTORY_FOLDER = "history"
ANCHOR_DIGITS = 16
UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""By schema: a record's document as the next schema would have it. None yet, since the first schema is the newest."""
JsonValue = Union[None, bool, int, str, "list[JsonValue]", "dict[str, JsonValue]"]
Cursors = Mapping[str, JsonValue]


@dataclass(frozen=True)
class RowCounts:
    """What a commit did to the rows of one file."""

    added: int = 0
    changed: int = 0
    removed: int = 0


@dataclass(frozen=True)
class StoredFile:
    """A write-once file that a record names."""

    path: str
    sha256: str
    size: int
    """Bytes."""
    rows: int
    """Lines of a raw segment, data rows of a table, 0 for an imported file."""
    repository: str = ""
    """For a raw segment; empty for others, as is `stream`."""
    stream: str = ""
    order: int = 0
    """From 1: the segments of a stream are read in this order."""


@dataclass(frozen=True)
class RepositoryIdentity:
    """By what we know a repository again."""

    root_commits: tuple[str, ...] = ()
    """Full hashes, sorted; empty when there is no commit yet."""
    object_format: str = "sha1"
    branch: str = ""
    github_id: str = ""
    """GitHub's node id; empty = unknown."""


@dataclass(frozen=True)
class CommitRecord:
    """The state of the store after its `number`-th modification, and who made it."""

    number: int
    """From 1, without gaps."""
    commit_id: str
    """Random: tells our own record from another run's with the same number."""
    prev: Optional[str]
    """SHA-256 of the previous record's bytes; `None` for the first."""
    time: datetime
    """When the run began; whole seconds."""
    as_of: Optional[datetime]
    """How far the facts reach; whole seconds. `None` when nothing was extracted yet."""
    tool_version: str
    command: str
    actor: str
    changes: Mapping[str, RowCounts] = field(default_factory=dict)
    """What was changed (`annotations`, `raw/<owner>/<name>/<stream>`, …) to its rows."""
    repositories: Mapping[str, RepositoryIdentity] = field(default_factory=dict)
    """By `owner/name`."""
    cursors: Mapping[str, Cursors] = field(default_factory=dict)
    """By repository: how far each stream has been read."""
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    """All files of this state, by name."""

    def __post_init__(self) -> None:
        require_utc(self.time)
        require_utc(self.as_of)

    def segments(self, repository: str, stream: str) -> tuple[StoredFile, ...]:
        """The raw files of one stream in the order they were added; empty when there are none."""
        found = [file for file in self.files.values() if (file.repository, file.stream) == (repository, stream)]
        return tuple(sorted(found, key=lambda file: file.order))


def record_path(number: int) -> str:
    """Where the record of that number lies: `history/00000042.json`."""
    return f"{HISTORY_FOLDER}/{number:08d}.json"


def anchor_of(record: CommitRecord) -> str:
    """Number and short hash of a record, `42:9f86d081884c7d65`: kept elsewhere, it shows that all before stands."""
    return f"{record.number}:{hashlib.sha256(encode_record(record)).hexdigest()[:ANCHOR_DIGITS]}"


def encode_record(record: CommitRecord) -> bytes:
    """The record's bytes; the same record gives the same bytes."""
    return _sealed(
        {
            "schema": SCHEMA,
            "number": record.number,
            "commit_id": record.commit_id,
            "prev": record.prev,
            "time": format_utc(record.time),
            "as_of": format_utc(record.as_of) or None,
            "tool_version": record.tool_version,
            "command": record.command,
            "actor": record.actor,
            "changes": {name: vars(counts) for name, counts in record.changes.items()},
            "repositories": {name: vars(identity) for name, identity in record.repositories.items()},
            "cursors": record.cursors,
            "files": {name: _encode_file(file) for name, file in record.files.items()},
        }
    )


def _encode_file(file: StoredFile) -> dict[str, Any]:
    fields = dict(vars(file))
    if not file.stream:
        for name in ("repository", "stream", "order"):
            del fields[name]
    return fields


def _sealed(document: Mapping[str, Any]) -> bytes:
    digest = hashlib.sha256(_canonical(document)).hexdigest()
    return _canonical({**document, "digest": digest})


def _canonical(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True) + "\n").encode()


def decode_record(content: bytes, *, where: str) -> CommitRecord:
    """The record that `content`, read at `where`, holds.

    Raises `ConfigurationError` for a newer schema, and `IntegrityError` when not every byte is as it was written.
    """
    try:
        document = json.loads(content)
        _require_known(document["schema"], where)
        _require_seal(document, content)
        return _record(Fields(_upgraded(document)))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"damaged record: {where}: {error}"
        raise IntegrityError(
            message, remedy="run `dora-metrics verify`, then restore the file from a backup"
        ) from error


def _require_known(schema: Any, where: str) -> None:
    if type(schema) is int and schema > SCHEMA:
        message = f"stored by a newer dora-metrics: {where} has schema {schema}, this version knows {SCHEMA}"
        raise ConfigurationError(message, remedy="upgrade the tool")
    if type(schema) is not int or not 0 < schema <= SCHEMA:
        message = f"schema {schema!r} never existed"
        raise ValueError(message)


def _upgraded(document: dict[str, Any]) -> dict[str, Any]:
    for schema in range(document["schema"], SCHEMA):
        document = {**UPGRADES[schema](document), "schema": schema + 1}
    return document


def _require_seal(document: dict[str, Any], content: bytes) -> None:
    document.pop("digest", None)
    if _sealed(document) != content:
        message = "changed after it was written"
        raise ValueError(message)


def _record(fields: Fields) -> CommitRecord:
    fields.whole("schema")
    as_of = fields.optional_text("as_of")
    record = CommitRecord(
        number=fields.whole("number"),
        commit_id=fields.text("commit_id"),
        prev=fields.optional_text("prev"),
        time=parse_utc(fields.text("time")),
        as_of=None if as_of is None else parse_utc(as_of),
        tool_version=fields.text("tool_version"),
        command=fields.text("command"),
        actor=fields.text("actor"),
        changes={name: _row_counts(inner) for name, inner in fields.objects("changes")},
        repositories={name: _identity(inner) for name, inner in fields.objects("repositories")},
        cursors={name: inner.rest() for name, inner in fields.objects("cursors")},
        files={name: _stored_file(inner) for name, inner in fields.objects("files")},
    )
    fields.done()
    return record


def _row_counts(fields: Fields) -> RowCounts:
    counts = RowCounts(fields.whole("added"), fields.whole("changed"), fields.whole("removed"))
    fields.done()
    return counts


def _identity(fields: Fields) -> RepositoryIdentity:
    identity = RepositoryIdentity(
        root_commits=fields.texts("root_commits"),
        object_format=fields.text("object_format"),
        branch=fields.text("branch"),
        github_id=fields.text("github_id"),
    )
    fields.done()
    return identity


def _stored_file(fields: Fields) -> StoredFile:
    file = StoredFile(fields.text("path"), fields.text("sha256"), fields.whole("size"), fields.whole("rows"))
    if fields.holds("stream"):
        repository, stream, order = fields.text("repository"), fields.text("stream"), fields.whole("order")
        file = replace(file, repository=repository, stream=stream, order=order)
    fields.done()
    return file
