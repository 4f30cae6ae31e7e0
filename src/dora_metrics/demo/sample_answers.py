"""What a person of the web shop typed into pending_review.csv: everything up to the newest quarter is answered."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from dora_metrics.demo.sample_outages import PROVIDER_DOWN


@dataclass(frozen=True)
class Answer:
    """The cells of one row; hours count from the release that the row is about."""

    cells: Mapping[str, str]
    started: Optional[float] = None
    resolved: Optional[float] = None


ANSWERS: Mapping[str, Answer] = {
    "v1.14.0": Answer({"deployment_failed": "yes", "notes": "Shipping was charged twice"}, 0.3, 4.5),
    "v1.19.0": Answer({"deployment_failed": "yes", "notes": "Guests could not order"}, 0.1, 7.8),
    "v1.24.0": Answer({"deployment_failed": "no", "notes": "The mistake is years old; the accountants found it"}),
    "v1.32.1": Answer({"caused_by": "none", "notes": "The payment provider changed its certificate"}, -9.4, 0.1),
    "v2.0.2": Answer({"caused_by": "v2.0.0", "notes": "Wrong since 2.0.0, seen two days later"}),
    "v2.11.0": Answer({"deployment_failed": "yes", "notes": "Switched off in the settings until the revert"}, 4, 71),
    "v2.16.1": Answer({"deployment_failed": "yes"}),
}
"""By the tag of the row's deployment."""
INCIDENT_ANSWERS: Mapping[str, Answer] = {
    PROVIDER_DOWN: Answer({"caused_by": "none", "notes": "Not ours: the provider was down"}),
}
"""By the title of the row's incident issue."""


def answered(review: bytes, released: Mapping[str, datetime], *, until: datetime) -> tuple[bytes, int]:
    """The review file with the answers above, and `reviewed` on all other rows up to `until` that need a person.

    With it comes how many rows were answered. Raises `KeyError` for an answer whose row is not there.
    """
    table = csv.DictReader(io.StringIO(review.decode("utf-8-sig"), newline=""))
    rows = list(table)
    waiting = {**ANSWERS, **INCIDENT_ANSWERS}
    count = 0
    for row in rows:
        name = row["title"] if row["key"].startswith("issue:") else row["deployment"]
        answer = waiting.pop(name, None)
        if answer is not None:
            row.update(_typed(answer, released.get(name)))
        elif row["attention"] == "yes" and row["date"] < f"{until:%Y-%m-%dT%H}":
            row["reviewed"] = "yes"
        else:
            continue
        count += 1
    if waiting:
        raise KeyError(*waiting)
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, table.fieldnames or (), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode("utf-8-sig"), count


def _typed(answer: Answer, released_at: Optional[datetime]) -> dict[str, str]:
    hours = {"started_at": answer.started, "resolved_at": answer.resolved}
    times = {
        column: f"{released_at + timedelta(hours=hour):%Y-%m-%d %H:%M}"
        for column, hour in hours.items()
        if hour is not None and released_at is not None
    }
    return {**answer.cells, **times}
