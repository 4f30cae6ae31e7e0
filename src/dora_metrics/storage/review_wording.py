"""What the import of a review file tells a person, in words."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from dora_metrics.domain.privacy import redact
from dora_metrics.domain.review import DECISIONS
from dora_metrics.storage.csv_reading import Table
from dora_metrics.storage.review_csv import REVIEW_COLUMNS

LONGEST_QUOTE = 60
MOST_WARNINGS = 100
"""About single rows; how many more there are is said."""
MARK_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs"}


def about_columns(table: Table) -> list[str]:
    """How the file was read when that was not as we write it, and which columns were not understood."""
    warnings = []
    if table.delimiter and (table.delimiter != "," or table.encoding not in {"utf-8", "utf-8-sig"}):
        marks = MARK_NAMES.get(table.delimiter, repr(table.delimiter))
        warnings.append(f"read as {table.encoding} with {marks} between the cells")
    for name in table.header:
        if name and name not in REVIEW_COLUMNS:
            alike = difflib.get_close_matches(name, DECISIONS, n=1, cutoff=0.75)
            hint = f"; did you mean {alike[0]}?" if alike else ""
            warnings.append(f"column {quoted(name)} is not one of ours and was ignored{hint}")
    return warnings


def quoted(value: str) -> str:
    """The start of a cell, without e-mail addresses, in quotes."""
    shown = redact(value)
    return repr(shown if len(shown) <= LONGEST_QUOTE else shown[:LONGEST_QUOTE] + "…")


def few(warnings: Sequence[str]) -> list[str]:
    """The first of `warnings`, and how many more there were."""
    more = len(warnings) - MOST_WARNINGS
    return [*warnings[:MOST_WARNINGS], f"{more:,} more such rows"] if more > 0 else list(warnings)
