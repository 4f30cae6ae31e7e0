"""The review file as a table of text, whatever a person saved it as: csv, xlsx or ods. Its name does not matter."""

from __future__ import annotations

from dora_metrics.storage.csv_reading import Table, open_table
from dora_metrics.storage.sheet_reading import is_workbook, open_sheet


def open_review(content: bytes, file_name: str) -> Table:
    """The table in `content`. Raises `InputError` for what is no table with a column `key`."""
    return open_sheet(content, file_name) if is_workbook(content) else open_table(content, file_name)
