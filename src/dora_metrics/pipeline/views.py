"""The views: processed/*.csv and the person's review file. Made from the committed files, replaced whole."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from typing import Optional

from dora_metrics.domain.models import Annotation
from dora_metrics.domain.review import ReviewRow, RowId, decisions_in_force
from dora_metrics.errors import BusyError, InputError, StorageError
from dora_metrics.pipeline.derive import Derived, each_table, stamp_of
from dora_metrics.pipeline.review_place import ReviewView
from dora_metrics.pipeline.stored import STAMP
from dora_metrics.pipeline.workspace import Workspace, web_address
from dora_metrics.processors.review import MOST_ROWS, build_review_rows, row_order
from dora_metrics.processors.review_facts import BranchLine
from dora_metrics.storage.review_carry import asking_rows, with_typed_cells
from dora_metrics.storage.shared_file import read_shared, replace_shared, retire_shared

logger = logging.getLogger("dora_metrics.pipeline")


def write_views(
    workspace: Workspace,
    derived: Derived,
    view: ReviewView,
    *,
    before: Optional[Sequence[Annotation]] = None,
    imported: str = "",
) -> list[ReviewRow]:
    """Write the tables, the stamp that names their origin, and the review file; returns the rows that ask a person.

    `before` are the decisions in force when the review file was last written (default: those now in force);
    `imported` is the SHA-256 of a file whose every cell has just been taken.

    Called after the commit: a table that cannot be written is a warning, since nothing is lost and every reading
    command makes it again.
    """
    try:
        if not _overtaken(workspace, derived):
            stamp = _write_tables(workspace, derived)
            rows = review_rows(workspace, derived, view.rows)
            written = decisions_in_force(derived.annotations if before is None else before)
            _write_review(workspace, rows, view, written, imported)
            _write_changed(workspace, STAMP, stamp)  # last: it says that all of them are there
            return [row for row in rows if row.attention]
    except (StorageError, BusyError) as error:
        logger.warning("%s; the data are stored, only their view is old; %s", error.message, error.remedy)
    return [row for row in review_rows(workspace, derived, view.rows) if row.attention]


def asked_before(workspace: Workspace, view: ReviewView) -> set[RowId]:
    """The rows that the review file asks about as it stands; empty when it is not there or cannot be read."""
    standing = view.standing(workspace)
    try:
        return set() if standing is None else asking_rows(standing[1], standing[0])
    except InputError:  # damaged by hand: what it asked is unknown, so all counts as new
        return set()


def _overtaken(workspace: Workspace, derived: Derived) -> bool:
    """Whether another run has changed a store without locks since: then its views are the newer ones."""
    if workspace.storage().locks:
        return False
    head = workspace.manager().head()
    return head is not None and head.number > derived.record.number


def _write_tables(workspace: Workspace, derived: Derived) -> bytes:
    """Write each table where it has changed; the stamp of all of them."""
    hashes = {}
    for name, content in each_table(workspace, derived):
        hashes[name] = _write_changed(workspace, f"processed/{name}", content)
    return stamp_of(derived.record, workspace.settings, hashes, workspace.tool_version)


def _write_changed(workspace: Workspace, path: str, content: bytes) -> str:
    """Write `content` unless it is there already; its SHA-256."""
    storage, sha256 = workspace.storage(), hashlib.sha256(content).hexdigest()
    if storage.sha256(path) != sha256:
        storage.write(path, content)
    return sha256


def _write_review(
    workspace: Workspace,
    rows: Sequence[ReviewRow],
    view: ReviewView,
    written: Mapping[RowId, Mapping[str, str]],
    imported: str,
) -> None:
    storage, path = view.place(workspace)
    if program := view.open_in(workspace):
        logger.warning("%s seems to have %s open: what is saved there goes to backup/", program, storage.where(path))
    stamp = workspace.now.strftime("%Y%m%dT%H%M%SZ")
    former = view.former_place(workspace)
    others: list[bytes] = []  # what the file held in its other form

    def make(seen: Optional[bytes]) -> bytes:
        merged: Sequence[ReviewRow] = rows
        saved = [*others, *([] if seen is None else [seen])]
        del seen
        while saved:  # each is let go of: that of a hundred thousand rows is 20 MB, and the new one is as large
            merged = _with_typed_cells(merged, saved.pop(0), path, written, imported)
        return workspace.csv_handler().review_file(merged, view.form(workspace))

    kept = None if former is None else read_shared(storage, former)
    others += [] if kept is None else [kept]
    backups = replace_shared(storage, path, make, stamp=stamp)
    retired = None if kept is None or former is None else retire_shared(storage, former, stamp=stamp)
    if retired is not None and kept != storage.read(retired):  # somebody saved it meanwhile
        others[:] = [storage.read(retired)]
        backups += replace_shared(storage, path, make, stamp=stamp)
    for backup in [*([] if retired is None else [retired]), *backups]:
        logger.info("the earlier review file is kept as %s", storage.where(backup))


def _with_typed_cells(
    rows: Sequence[ReviewRow], saved: bytes, path: str, written: Mapping[RowId, Mapping[str, str]], imported: str
) -> Sequence[ReviewRow]:
    if hashlib.sha256(saved).hexdigest() == imported:
        return rows
    try:
        return with_typed_cells(rows, saved, file_name=path, written=written)
    except InputError as error:
        logger.warning("%s; it is kept in backup/, import it from there once it is repaired", error.message)
        return rows


def review_rows(workspace: Workspace, derived: Derived, rows: str) -> list[ReviewRow]:
    """The rows of all repositories: those that ask first, then newest first."""
    host = web_address(workspace.settings.github.graphql_url)
    wanted = rows
    if rows == "auto":  # of all repositories together
        wanted = "attention" if sum(len(dataset.line) for dataset in derived.datasets) > MOST_ROWS else "all"
    built = [
        row
        for dataset, facts in zip(derived.datasets, derived.facts)
        for row in build_review_rows(
            dataset, BranchLine(dataset, facts.history), derived.annotations, rows=wanted, host=host
        )
    ]
    if rows == "auto" and len(built) > MOST_ROWS:
        built = [row for row in built if row.attention or row.decisions]
    if len(derived.datasets) > 1:
        built.sort(key=row_order)
    return built
