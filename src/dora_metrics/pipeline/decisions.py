"""A person's decisions into the store: the one way in, whatever they were typed into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dora_metrics.domain.decision_changes import DecisionChange, decision_changes
from dora_metrics.domain.models import Annotation
from dora_metrics.domain.review import changed_decisions
from dora_metrics.pipeline.derive import Derived, derive
from dora_metrics.pipeline.review_place import ReviewView
from dora_metrics.pipeline.stored import require_head
from dora_metrics.pipeline.views import write_views
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.repository_manager import RepositoryManager


@dataclass(frozen=True)
class Origin:
    """Where decisions come from: kept with them for good."""

    command: str
    """As the history will call it."""
    content: bytes
    """The very bytes of the file that holds them; its SHA-256 is the decisions' `source`."""
    extension: str
    """Of its copy in imports/, without the dot."""


@dataclass(frozen=True)
class Accepted:
    """What a set of decisions did."""

    changes: tuple[DecisionChange, ...]
    """Empty when they said nothing new; then nothing was stored."""
    asking: int
    """Rows that still need a person."""


def accept(
    workspace: Workspace, manager: RepositoryManager, derived: Derived, said: Sequence[Annotation], origin: Origin
) -> Accepted:
    """Store what `said` newly decides over the head, as one modification, and make the views anew.

    `derived` is what `said` was checked against. Raises `BusyError` when another run holds the data.
    """
    if not changed_decisions(said, derived.annotations):
        return Accepted((), 0)
    with manager.begin(command=origin.command, actor=workspace.actor, now=workspace.now) as transaction:
        record = require_head(workspace, manager)
        if record.commit_id != derived.record.commit_id:
            derived = derive(workspace, manager, record=record)
        before = derived.annotations
        changes = decision_changes(said, before)
        accepted = [*before, *changed_decisions(said, before)]
        transaction.put_import(origin.content, extension=origin.extension)
        transaction.put_annotations(workspace.csv_handler().annotations_csv(accepted), rows=len(accepted))
        derived = derive(workspace, manager, record=transaction.commit())
        asking = write_views(workspace, derived, ReviewView(None), before=before, imported=origin.content)
    return Accepted(tuple(changes), asking)
