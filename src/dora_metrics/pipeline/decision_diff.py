"""What decisions change, row by row, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Optional

from dora_metrics.domain.decision_changes import DecisionChange
from dora_metrics.domain.known_keys import RowLookup
from dora_metrics.domain.models import dataset_name
from dora_metrics.domain.privacy import redact
from dora_metrics.domain.review import RowId, RowName
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.report.words import plural
from dora_metrics.storage.csv_text import one_line

if TYPE_CHECKING:
    from dora_metrics.storage.repository_manager import RepositoryManager

MOST_SHOWN = 200
MOST_CONFLICTS = 20
LONGEST_TEXT = 72
SHORT_HASH = 12

Deciders = Mapping[datetime, str]
"""Who made the modification of that time."""


def deciders(manager: RepositoryManager, changes: Iterable[DecisionChange]) -> Deciders:
    """Who made the decisions that `changes` replace; the history is read only when there is one."""
    times = {change.earlier.accepted_at for change in changes if change.earlier is not None}
    if not times:
        return {}
    return {record.time: record.actor for record in manager.records() if record.time in times}


def names_of(rows: Mapping[tuple[str, str], RowLookup], changes: Iterable[DecisionChange]) -> dict[RowId, RowName]:
    """The names of the rows that `changes` are about; those of some changes may be missing.

    `rows` finds the rows of each repository and service.
    """
    names = {}
    for row_id in dict.fromkeys(change.row for change in changes):
        repository, service, key = row_id
        row = rows[repository, service].get(key) if (repository, service) in rows else None
        if row is not None:
            names[row_id] = RowName(row.pull_request, row.title)
    return names


@dataclass(frozen=True)
class Diff:
    """Changes, with what a person needs to recognise them."""

    changes: Sequence[DecisionChange]
    names: Mapping[RowId, RowName]
    """Of the rows that they are about; those of some may be missing."""
    who: Deciders

    @property
    def conflicts(self) -> list[DecisionChange]:
        """Those that replace an earlier decision."""
        return [change for change in self.changes if change.earlier is not None]

    def lines(self) -> list[str]:
        """A line a row, then a line a cell: what it says now, what it will say, and whose word that replaces."""
        return self._lines(self.changes, MOST_SHOWN)

    def conflict_lines(self) -> list[str]:
        """As `lines`, with a headline and for conflicts only; nothing when there are none."""
        if not self.conflicts:
            return []
        headline = f"Of these, {plural(len(self.conflicts), 'decision')} in place of earlier ones:"
        return [headline, *self._lines(self.conflicts, MOST_CONFLICTS)]

    def as_json(self, file_name: str, warnings: Sequence[str], *, stored: bool) -> str:
        """All of it for programs; what is not there is `null`."""
        return import_json(file_name, stored=stored, decisions=map(self._fields, self.changes), warnings=warnings)

    def _lines(self, changes: Sequence[DecisionChange], most: int) -> list[str]:
        lines = []
        several = len({change.row[:2] for change in changes}) > 1
        for row, cells in groupby(changes[:most], key=lambda change: change.row):
            lines.append(_row_line(row, self.names.get(row), several=several))
            lines += [f"    {_cell_line(change, self.who)}" for change in cells]
        more = len(changes) - most
        return [*lines, f"and {plural(more, 'more decision')}"] if more > 0 else lines

    def _fields(self, change: DecisionChange) -> dict[str, Any]:
        repository, service, key = change.row
        row = self.names.get(change.row)
        conflict = None
        if change.earlier is not None:
            at = change.earlier.accepted_at
            conflict = {"decided_at": format_utc(at), "decided_by": self.who.get(at)}
        return {
            "repository": repository,
            "service": service,
            "key": key,
            "title": None if row is None else _short(row.title),
            "column": change.column,
            "before": change.before or None,
            "after": change.after or None,
            "conflict": conflict,
        }


def import_json(
    file_name: str,
    *,
    stored: bool,
    decisions: Iterable[Mapping[str, Any]] = (),
    warnings: Sequence[str] = (),
    problems: Sequence[Mapping[str, Any]] = (),
) -> str:
    """What an import did or found, for programs."""
    parts = {"decisions": list(decisions), "warnings": list(warnings), "problems": list(problems)}
    return json.dumps({"schema": 1, "file": file_name, "stored": stored, **parts}, indent=1, ensure_ascii=False)


def _row_line(row_id: RowId, row: Optional[RowName], *, several: bool) -> str:
    repository, service, key = row_id
    place = [dataset_name(repository, service)] if several else []
    number = [f"#{row.pull_request}"] if row is not None and row.pull_request is not None else []
    title = [_short(row.title)] if row is not None and row.title else []
    kind, colon, name = key.partition(":")
    short = f"{kind}{colon}{name[:SHORT_HASH]}" if kind == "commit" else key
    return " ".join([*place, *number, *title, f"({one_line(short)})"])


def _cell_line(change: DecisionChange, who: Deciders) -> str:
    line = f"{change.column}: {_short(change.before) or '(blank)'} -> {_short(change.after) or '(blank)'}"
    if change.earlier is None:
        return line
    at = change.earlier.accepted_at
    return f"{line}   replaces what {who.get(at, 'somebody')} decided on {at:%Y-%m-%d %H:%M} UTC"


def _short(text: str) -> str:
    shown = redact(one_line(text))
    return shown if len(shown) <= LONGEST_TEXT else shown[: LONGEST_TEXT - 3] + "..."
