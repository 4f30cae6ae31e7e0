"""`import --undo`: the decisions as they were before the last import, as a modification like any other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Optional

from dora_metrics.domain.decision_changes import changes_between
from dora_metrics.domain.models import Annotation
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.decision_diff import Diff, deciders, names_of
from dora_metrics.pipeline.derive import Loaded, derive, read_annotations
from dora_metrics.pipeline.review_import import COMMAND, ImportSummary, shown_rows, still_asking
from dora_metrics.pipeline.review_place import ReviewView
from dora_metrics.pipeline.stored import require_head, stored_as
from dora_metrics.pipeline.views import write_views
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.report.words import plural
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.transaction import ANNOTATIONS, IMPORTS, Transaction

UNDO = f"{COMMAND} --undo"


@dataclass(frozen=True)
class Step:
    """A modification that changed the decisions and stands."""

    before: Optional[CommitRecord]
    """The record that it builds on; `None` for the first of all."""
    record: CommitRecord


def undo_import(workspace: Workspace, *, dry_run: bool = False) -> ImportSummary:
    """Take the last import that stands back; called again, the one before it.

    With `dry_run` only say what would change.
    Raises `ConfigurationError` when no import stands.
    """
    manager = workspace.manager()
    if dry_run:
        require_head(workspace, manager)
        return _told(workspace, _last_step(manager.records()), dry_run=True)[0]

    def build(transaction: Transaction) -> tuple[ImportSummary, Optional[Loaded], Sequence[Annotation]]:
        """Put the decisions back; what to tell, the facts read for it, and the decisions that were in force."""
        require_head(workspace, manager)
        step = _last_step(manager.records())
        restored = read_annotations(workspace, manager, step.before)
        transaction.put_annotations(workspace.csv_handler().annotations_csv(restored), rows=len(restored))
        return *_told(workspace, step, dry_run=False), read_annotations(workspace, manager, step.record)

    with manager.apply(build, command=UNDO, actor=workspace.actor, now=workspace.now) as (record, built):
        told, loaded, before = built
        derived = derive(workspace, manager, record=record, tables=False, loaded=loaded)
        asking = len(write_views(workspace, derived, ReviewView(None), before=before))
    sentences = (*told.sentences, *still_asking(asking), stored_as(record))
    return ImportSummary(sentences, needs_person=asking > 0, as_json=told.as_json)


def _last_step(records: Iterable[CommitRecord]) -> Step:
    """The newest modification of the decisions that was not taken back."""
    standing: list[Step] = []
    earlier: Optional[CommitRecord] = None
    for record in records:
        if _decisions_of(record) != _decisions_of(earlier):
            if record.command == UNDO:
                standing.pop()
            else:
                standing.append(Step(earlier, record))
        earlier = record
    if not standing:
        message = "no import stands that could be taken back"
        raise ConfigurationError(message, remedy="`dora-metrics log` shows what was imported and taken back")
    return standing[-1]


def _decisions_of(record: Optional[CommitRecord]) -> str:
    file = None if record is None else record.files.get(ANNOTATIONS)
    return "" if file is None else file.sha256


def _told(workspace: Workspace, step: Step, *, dry_run: bool) -> tuple[ImportSummary, Optional[Loaded]]:
    """What to tell, and the facts that it was read from."""
    manager, record = workspace.manager(), step.record
    changes = changes_between(
        read_annotations(workspace, manager, record), read_annotations(workspace, manager, step.before)
    )
    derived = derive(workspace, manager, tables=False)
    names = names_of(shown_rows(workspace, derived), changes)
    diff = Diff(changes, names, deciders(manager, changes))
    when = f"the {record.command} of {record.time:%Y-%m-%d %H:%M} UTC by {record.actor}"
    as_json = partial(diff.as_json, f"{record.command} {format_utc(record.time)}", (), stored=not dry_run)
    if dry_run:
        end = f"Dry run: {when} would be taken back, {plural(len(changes), 'decision')}; nothing was stored."
        return ImportSummary((*diff.lines(), end), as_json=as_json), derived.loaded
    done = f"Took back {when}: {plural(len(changes), 'decision')} as before it."
    kept = [workspace.storage().where(path) for path in _imported_by(step)]
    again = [f"To take {'it' if len(kept) == 1 else 'them'} again, import {', '.join(kept)}."] if kept else []
    return ImportSummary((done, *again), as_json=as_json), derived.loaded


def _imported_by(step: Step) -> list[str]:
    """Where the files lie that the modification took its decisions from; none for one that was imported before."""
    earlier = {} if step.before is None else step.before.files
    return [name for name in step.record.files if name.startswith(f"{IMPORTS}/") and name not in earlier]
