"""Results part by part, in each of the forms in which results are written: one block a part, then all of it pooled."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dora_metrics.domain.measurements import Results

POOLED = "all, pooled"
"""Names the rows of everything together in CSV."""


class Part(Protocol):
    """The results of one service or repository."""

    @property
    def repository(self) -> str:
        """Its repository."""

    @property
    def service(self) -> str:
        """Its service; empty for a whole repository."""

    @property
    def results(self) -> Results:
        """Its numbers."""


def results_by_table(pooled: Results, parts: Sequence[Part]) -> str:
    """The tables of the parts, one after the other, then the pooled one with the legend, with a line end."""
    from dora_metrics.report.quality_words import WIDTH  # noqa: PLC0415 (only in this form)
    from dora_metrics.report.results_table import LEGEND, results_table  # noqa: PLC0415 (only in this form)

    legend = "\n".join(textwrap.wrap(LEGEND, WIDTH)) + "\n"
    return "\n".join([*(results_table(part.results).removesuffix(legend) for part in parts), results_table(pooled)])


def results_by_markdown(pooled: Results, parts: Sequence[Part]) -> str:
    """The Markdown of the parts, one after the other, then the pooled one, with a line end."""
    from dora_metrics.report.results_markdown import results_markdown  # noqa: PLC0415 (only in this form)

    return "\n".join([*(results_markdown(part.results) for part in parts), results_markdown(pooled)])


def results_by_json(pooled: Results, parts: Sequence[Part]) -> str:
    """The object of the pooled results, as without parts, and beside its keys `parts`: an object each."""
    from dora_metrics.report.results_json import results_object  # noqa: PLC0415 (only in this form)

    objects = [
        {"repository": part.repository, "service": part.service, **_numbers(results_object(part.results))}
        for part in parts
    ]
    whole = {**results_object(pooled), "parts": objects}
    return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _numbers(content: dict[str, object]) -> dict[str, object]:
    return {key: content[key] for key in ("periods", "overall")}


def results_by_csv(pooled: Results, parts: Sequence[Part]) -> str:
    """The rows of the parts, then the pooled ones, under one header with `repository` and `service` in front."""
    from dora_metrics.report.results_csv import results_csv  # noqa: PLC0415 (only in this form)

    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    named = [(part.repository, part.service, part.results) for part in parts]
    for number, (repository, service, results) in enumerate([*named, (POOLED, "", pooled)]):
        header, *rows = csv.reader(io.StringIO(results_csv(results)))
        if number == 0:
            writer.writerow(("repository", "service", *header))
        writer.writerows((repository, service, *row) for row in rows)
    return target.getvalue()
