"""What new decisions do to those in force: which change, from what, and whose earlier word they replace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

from dora_metrics.domain.models import Annotation
from dora_metrics.domain.review import DECISIONS, TAKE_BACK, RowId


class DecisionChange(NamedTuple):
    """One cell that would say something else than now."""

    row: RowId
    column: str
    before: str
    """Canonical; empty when nothing was in force."""
    after: str
    """Canonical; empty when nothing will be in force."""
    earlier: Optional[Annotation] = None
    """The decision that it replaces; `None` when there was none."""


def decision_changes(said: Sequence[Annotation], accepted: Iterable[Annotation]) -> list[DecisionChange]:
    """What `said` changes over `accepted`, in its order; empty when nothing does."""
    in_force = words_in_force(accepted)
    changes = []
    for word in said:
        earlier = in_force.get((row_of(word), word.column))
        before, after = "" if earlier is None else earlier.value, "" if word.value == TAKE_BACK else word.value
        if before != after:
            changes.append(DecisionChange(row_of(word), word.column, before, after, earlier))
    return changes


def changes_between(before: Iterable[Annotation], after: Iterable[Annotation]) -> list[DecisionChange]:
    """What differs in force between two states: by row in the order of `before`, then `after`; columns as in the file.

    A difference replaces the earlier decision, if there was one, whatever is said after it.
    """
    old, new = words_in_force(before), words_in_force(after)
    rows = dict.fromkeys(row for row, _ in (*old, *new))
    changes = []
    for cell in ((row, column) for row in rows for column in DECISIONS):
        was, now = old.get(cell), new.get(cell)
        texts = ("" if was is None else was.value, "" if now is None else now.value)
        if texts[0] != texts[1]:
            changes.append(DecisionChange(*cell, *texts, was))
    return changes


def words_in_force(annotations: Iterable[Annotation]) -> dict[tuple[RowId, str], Annotation]:
    """The newest word about each row and column, unless it took an earlier one back."""
    latest: dict[tuple[RowId, str], Annotation] = {}
    for word in sorted(annotations, key=lambda annotation: annotation.accepted_at):
        cell = (row_of(word), word.column)
        latest.pop(cell, None)
        latest[cell] = word
    return {cell: word for cell, word in latest.items() if word.value != TAKE_BACK}


def row_of(word: Annotation) -> RowId:
    """The row that a decision is about."""
    return (word.repository, word.service, word.key)
