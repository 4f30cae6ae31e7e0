"""A person's decisions into the store: the one way in, whatever they were typed into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dora_metrics.domain.decision_changes import DecisionChange, decision_changes
from dora_metrics.domain.models import Annotation
from dora_metrics.domain.review import changed_decisions
from dora_metrics.pipeline.derive import derive, read_annotations
from dora_metrics.pipeline.review_place import ReviewView
from dora_metrics.pipeline.stored import require_head, stored_as
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
    stored: str = ""
    """The sentence that names the record; empty when nothing was stored."""


def accept(workspace: Workspace, manager: RepositoryManager, said: Sequence[Annotation], origin: Origin) -> Accepted:
    """Store what `said` newly decides over the head, as one modification, and make the views anew.

    `said` was checked against what was extracted. Raises `BusyError` when another run holds the data.
    """
    with manager.begin(command=origin.command, actor=workspace.actor, now=workspace.now) as transaction:
        before = read_annotations(workspace, manager, require_head(workspace, manager))
        changed = changed_decisions(said, before)
        if not changed:
            record = transaction.commit()  # nothing but the copy of the record that a killed run left old
            derived = derive(workspace, manager, record=record)
            write_views(workspace, derived, ReviewView(None), imported=origin.content)
            return Accepted((), 0)
        accepted = [*before, *changed]
        transaction.put_import(origin.content, extension=origin.extension)
        transaction.put_annotations(workspace.csv_handler().annotations_csv(accepted), rows=len(accepted))
        derived = derive(workspace, manager, record=transaction.commit())
        asking = len(write_views(workspace, derived, ReviewView(None), before=before, imported=origin.content))
    return Accepted(tuple(decision_changes(said, before)), asking, stored_as(derived.record))
