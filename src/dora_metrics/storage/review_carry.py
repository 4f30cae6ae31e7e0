"""What a person typed into the review file and has not imported yet goes over into the new one, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dora_metrics.domain.review import DECISIONS, ReviewRow, RowId
from dora_metrics.storage.csv_reading import open_table
from dora_metrics.storage.csv_text import unguard


def with_typed_cells(rows: Iterable[ReviewRow], saved: bytes, *, file_name: str) -> list[ReviewRow]:
    """`rows` with the filled decision cells of `saved` in place of their own, as typed, by repository, service and key.

    A row of `saved` that has filled cells and stands no longer among `rows` is added at the end.
    Raises `InputError` when `saved` is no longer a CSV file with a column `key`.
    """
    typed = _typed_cells(saved, file_name)
    carried = []
    for row in rows:
        cells = typed.pop((row.repository, row.service, row.key), None)
        carried.append(row if cells is None else replace(row, decisions={**row.decisions, **cells}))
    carried += [
        ReviewRow(key=key, repository=repository, service=service, reason="no longer among the rows", decisions=cells)
        for (repository, service, key), cells in typed.items()
    ]
    return carried


def _typed_cells(saved: bytes, file_name: str) -> dict[RowId, dict[str, str]]:
    table = open_table(saved, file_name)
    found: dict[RowId, dict[str, str]] = {}
    for _, cells in table.rows:
        row = _named(table.header, cells)
        decisions = {column: row[column] for column in DECISIONS if row.get(column)}
        if decisions:
            found.setdefault((row.get("repository", ""), row.get("service", ""), row["key"]), {}).update(decisions)
    return found


def _named(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {name: unguard(cell.strip()).strip() for name, cell in zip(header, cells)}
