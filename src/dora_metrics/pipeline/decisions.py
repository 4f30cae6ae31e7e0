"""A person's decisions into the store: the one way in, whatever they were typed into."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from dora_metrics.domain.decision_changes import DecisionChange, decision_changes
from dora_metrics.domain.models import Annotation
from dora_metrics.domain.review import changed_decisions
from dora_metrics.pipeline.derive import Loaded, derive, read_annotations
from dora_metrics.pipeline.review_place import ReviewView
from dora_metrics.pipeline.stored import require_head, stored_as
from dora_metrics.pipeline.views import write_views
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.transaction import Transaction


@dataclass
class Origin:
    """Where decisions come from: kept with them for good."""

    command: str
    """As the history will call it."""
    content: bytes
    """The very bytes of the file that holds them; its SHA-256 is the decisions' `source`. Empty once they are stored:
    they may be 20 MB."""
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


def accept(
    workspace: Workspace,
    manager: RepositoryManager,
    said: Sequence[Annotation],
    origin: Origin,
    loaded: Optional[Loaded] = None,
) -> Accepted:
    """Store what `said` newly decides over the head, as one modification, and make the views anew.

    `said` was checked against what was extracted, and `loaded` is that, where it was read for the check. Raises
    `BusyError` when another run holds the data.
    """

    def build(transaction: Transaction) -> tuple[tuple[Annotation, ...], tuple[Annotation, ...]]:
        """Add to the decisions that are in force by then; those, and all that are accepted now."""
        require_head(workspace, manager)
        before = read_annotations(workspace, manager, transaction.head)
        changed = changed_decisions(said, before)
        accepted = (*before, *changed)
        if changed:
            transaction.put_import(origin.content, extension=origin.extension)
            transaction.put_annotations(workspace.csv_handler().annotations_csv(accepted), rows=len(accepted))
        return before, accepted

    with manager.apply(build, command=origin.command, actor=workspace.actor, now=workspace.now) as (record, built):
        before, accepted = built
        imported = hashlib.sha256(origin.content).hexdigest()
        origin.content = b""
        derived = derive(workspace, manager, record=record, tables=False, loaded=loaded, annotations=accepted)
        asking = write_views(workspace, derived, ReviewView(None), before=before, imported=imported)
    if len(accepted) == len(before):  # only what a killed run had left to do was done
        return Accepted((), 0)
    return Accepted(tuple(decision_changes(said, before)), len(asking), stored_as(record))
