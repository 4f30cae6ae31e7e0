"""Our own file of accepted decisions: written once, read back to the byte or not at all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from dora_metrics.domain.models import Annotation
from dora_metrics.domain.review import DECISIONS
from dora_metrics.domain.timestamps import format_utc, parse_utc
from dora_metrics.errors import IntegrityError
from dora_metrics.storage.csv_text import MACHINE, guard, render, unguard

COLUMNS = ("repository", "service", "key", "column", "value", "accepted_at", "source", "line")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def annotations_csv(annotations: Iterable[Annotation]) -> bytes:
    """The decisions, in the order given."""
    return render(COLUMNS, (_cells(annotation) for annotation in annotations), MACHINE)


def parse_annotations(content: bytes) -> list[Annotation]:
    """The decisions that `annotations_csv` wrote, in the file's order.

    Raises `IntegrityError` for any other content: whatever is read must give the same bytes when written again.
    """
    try:
        with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = tuple(next(reader, ()))
            shared: dict[str, str] = {}
            annotations = [_annotation([shared.setdefault(cell, cell) for cell in row]) for row in reader]
    except (ValueError, csv.Error) as error:
        raise _damaged(str(error)) from error
    if header != COLUMNS or annotations_csv(annotations) != content:
        problem = "not as it was written"
        raise _damaged(problem)
    return annotations


def _cells(annotation: Annotation) -> Sequence[str]:
    return (
        guard(annotation.repository),
        guard(annotation.service),
        guard(annotation.key),
        annotation.column,
        guard(annotation.value),
        format_utc(annotation.accepted_at),
        annotation.source,
        str(annotation.line),
    )


def _annotation(row: Sequence[str]) -> Annotation:
    repository, service, key, column, value, accepted_at, source, line = row
    if column not in DECISIONS or not _SHA256.fullmatch(source):
        message = f"{column!r} is no decision, or {source!r} no SHA-256"
        raise ValueError(message)
    return Annotation(
        repository=unguard(repository),
        service=unguard(service),
        key=unguard(key),
        column=column,
        value=unguard(value),
        accepted_at=parse_utc(accepted_at),
        source=source,
        line=int(line),
    )


def _damaged(reason: str) -> IntegrityError:
    return IntegrityError(
        f"the stored decisions are damaged: {reason}",
        remedy="run `dora-metrics verify`, then restore annotations/ from a backup",
    )
