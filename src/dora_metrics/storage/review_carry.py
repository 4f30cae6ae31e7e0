"""What a person typed into the review file and has not imported yet goes over into the new one, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dora_metrics.domain.review import DECISIONS, ReviewRow, RowId
from dora_metrics.storage.csv_reading import KEY_COLUMN
from dora_metrics.storage.csv_text import read_cell, unguard
from dora_metrics.storage.review_table import open_review


def with_typed_cells(
    rows: Iterable[ReviewRow],
    saved: bytes,
    *,
    file_name: str,
    written: Mapping[RowId, Mapping[str, str]],
) -> list[ReviewRow]:
    """`rows` with the decision cells that a person typed into `saved`, as typed, by repository, service and key.

    `written` are the decisions that stood in the file as we wrote it: a cell that still says the same was not typed,
    and gives way to a newer decision. A row of `saved` with typed cells that stands no longer among `rows` is added at
    the end. Raises `InputError` when `saved` is no table with a column `key` any more.
    """
    typed = typed_cells(saved, file_name, written)
    carried = []
    for row in rows:
        cells = typed.pop((row.repository, row.service, row.key), None)
        carried.append(row if cells is None else row._replace(decisions={**row.decisions, **cells}))
    carried += [
        ReviewRow(key=key, repository=repository, service=service, reason="no longer among the rows", decisions=cells)
        for (repository, service, key), cells in typed.items()
    ]
    return carried


def asking_rows(saved: bytes, file_name: str) -> set[RowId]:
    """The rows of `saved` that ask for a person, as we wrote them. Raises `InputError` as `typed_cells` does."""
    table = open_review(saved, file_name)
    rows = ({name: unguard(cell.strip()) for name, cell in zip(table.header, cells)} for _, cells in table.rows)
    return {_row_id(row) for row in rows if row.get("attention") == "yes"}


def _row_id(row: Mapping[str, str]) -> RowId:
    return (row.get("repository", ""), row.get("service", ""), row.get(KEY_COLUMN, ""))


def typed_cells(
    saved: bytes, file_name: str, written: Mapping[RowId, Mapping[str, str]]
) -> dict[RowId, dict[str, str]]:
    """The decision cells of `saved` that say something else than `written`, by row and column.

    Raises `InputError` when `saved` is no table with a column `key`.
    """
    table = open_review(saved, file_name)
    places = {name: place for place, name in enumerate(table.header)}
    of_decisions = {name: places[name] for name in DECISIONS if name in places}
    of_row = [places.get(name, len(places)) for name in ("repository", "service", KEY_COLUMN)]
    found: dict[RowId, dict[str, str]] = {}
    for _, cells in table.rows:
        filled = {
            name: read_cell(cells[place]) for name, place in of_decisions.items() if place < len(cells) and cells[place]
        }
        if not filled:
            continue
        repository, service, key = (read_cell(cells[place]) if place < len(cells) else "" for place in of_row)
        ours = written.get((repository, service, key), {})
        typed = {name: cell for name, cell in filled.items() if cell and cell != ours.get(name)}
        if typed:
            found.setdefault((repository, service, key), {}).update(typed)
    return found
