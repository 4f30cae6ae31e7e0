"""pending_review.csv as text: facts on the left, the decisions in force on the right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Callable

from dora_metrics.domain.privacy import redact
from dora_metrics.domain.review import DECISIONS, ReviewRow
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.storage.csv_text import SPREADSHEET, free_text, guard_typed, joined, name_cell, render, same_name_cell

LONGEST_TITLE = 1000
"""Far below what a spreadsheet's cell holds; the whole title is in changes.csv."""

FACT_CELLS: Mapping[str, Callable[[ReviewRow], str]] = {
    "key": lambda row: name_cell(row.key),
    "repository": lambda row: same_name_cell(row.repository),
    "service": lambda row: same_name_cell(row.service),
    "date": lambda row: format_utc(row.date),
    "pull_request": lambda row: "" if row.pull_request is None else f"#{row.pull_request}",
    "title": lambda row: free_text(_cut(row.title)),
    "labels": lambda row: joined(row.labels, "; "),
    "url": lambda row: name_cell(row.url),
    "deployment": lambda row: same_name_cell(row.deployment),
    "attention": lambda row: "yes" if row.attention else "",
    "proposal": lambda row: free_text(row.proposal),
    "reason": lambda row: free_text(row.reason),
    "confidence": lambda row: row.confidence,
}
REVIEW_COLUMNS = (*FACT_CELLS, *DECISIONS)


def review_csv(rows: Iterable[ReviewRow]) -> bytes:
    """The person's file, rows in the order given."""
    return render(REVIEW_COLUMNS, map(review_cells, rows), SPREADSHEET)


def review_cells(row: ReviewRow) -> list[str]:
    """The row's cells in the file's order, the same whatever the file is: none runs, is converted or tells a secret."""
    facts = [cell(row) for cell in FACT_CELLS.values()]
    said = row.decisions
    return [*facts, *(guard_typed(redact(said[column])) if column in said else "" for column in DECISIONS)]


def _cut(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"
