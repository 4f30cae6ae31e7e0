"""The review file's rows and its decision columns: what a person is shown, and what they may say.

How the cells look as CSV: `storage/review_csv.py`. What the decisions do to the numbers: the processors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Optional
from zoneinfo import ZoneInfo

from dora_metrics.domain.links import commit_url, pull_request_url
from dora_metrics.domain.models import Annotation
from dora_metrics.domain.privacy import redact
from dora_metrics.domain.typed_values import Unreadable, read_moment, read_text, read_yes_no, require_undamaged

YES_NO = "yes or no"
MOMENT = "time"
CAUSE = "cause"
TEXT = "text"

DECISIONS: Mapping[str, str] = {
    "reviewed": YES_NO,
    "is_deployment": YES_NO,
    "deployed_at": MOMENT,
    "is_hotfix": YES_NO,
    "is_rollback": YES_NO,
    "deployment_failed": YES_NO,
    "started_at": MOMENT,
    "resolved_at": MOMENT,
    "caused_by": CAUSE,
    "notes": TEXT,
}
"""Each decision column, in the file's order, and the kind of what stands in it."""

DEPLOYMENT_DECISIONS = frozenset({"is_deployment", "deployed_at", "is_hotfix", "is_rollback", "deployment_failed"})
"""Say nothing on the row of an incident issue: it is no deployment and no change."""

TAKE_BACK = "-"
"""The value of an annotation that takes the earlier decision about its key and column back."""

_NOTHING: Mapping[str, str] = MappingProxyType({})
"""Said about most rows."""

RowId = tuple[str, str, str]
"""Repository, service and key: together they name one row."""


class LineCommit(NamedTuple):
    """A commit on the branch's first-parent line, as the review file shows it."""

    sha: str
    committed_at: Optional[datetime]
    """`None` when git has no date of the years 1 to 9999."""
    title: str
    """The pull request's title, else the problem's first line."""
    pull_request: Optional[int] = None
    """Set on the merge, squash or last rebased commit of a merged pull request."""
    labels: Optional[tuple[str, ...]] = None
    """`None` = unknown: only GitHub knows labels."""


class ReviewRow(NamedTuple):
    """One row of pending_review.csv. A tuple for the reason that `Change` is one."""

    key: str
    """`commit:<full hash>`, `issue:<number>`, or a deployment's key."""
    repository: str
    service: str = ""
    date: Optional[datetime] = None
    pull_request: Optional[int] = None
    title: str = ""
    labels: Optional[tuple[str, ...]] = None
    page: str = ""
    """The address of its page, where it is not that of its pull request or its commit."""
    host: str = ""
    """What that address begins with; empty = it has none."""
    deployment: str = ""
    """Tag or id of the deployment made of this commit, or blamed for this incident."""
    attention: bool = False
    """The answer can move a number and nobody has given it."""
    proposal: str = ""
    """What we take the row for, the weightiest first, joined by `; `."""
    reason: str = ""
    confidence: str = ""
    """`high`, `medium` or `low`: that of the least certain proposal."""
    decisions: Mapping[str, str] = _NOTHING
    """Column to canonical value: what people said and did not take back."""
    weight: float = 0.0
    """Of a row that asks: what orders the questions, the weightiest first (`processors/review_weight.py`)."""
    repairs: str = ""
    """Key of the row of the deployment that this one may have repaired; empty = none."""
    repaired_at: Optional[datetime] = None
    """When: this one's deployment; `None` without `repairs`."""
    moves: str = ""
    """What the answer can move, and by how much, in words; empty where that cannot be said."""

    @property
    def url(self) -> str:
        """The address of its page, made when asked for: those of 100,000 rows are 12 MB. Empty without one."""
        if self.page or not self.host:
            return self.page
        if self.pull_request is not None:
            return pull_request_url(self.repository, self.pull_request, self.host)
        return commit_url(self.repository, self.key[len("commit:") :], self.host)


class RowName(NamedTuple):
    """What a person recognises a row by."""

    pull_request: Optional[int]
    title: str


def read_decision(column: str, typed: str, zone: ZoneInfo, date_order: str = "") -> str:
    """The canonical form of one filled cell: `yes`, `no`, a UTC time with `Z`, text; a cause as it was typed.

    Times without an offset are local ones of `zone`; `date_order` is as in `read_moment`.

    Raises `Unreadable`, with the remedy, for what is ambiguous or not of the column's kind.
    """
    kind = DECISIONS[column]
    if kind == TEXT:
        return redact(read_text(typed))
    require_undamaged(typed)
    if kind == MOMENT:
        return read_moment(typed, zone, date_order)
    return read_yes_no(typed) if kind == YES_NO else typed


def require_fitting(column: str, key: str) -> None:
    """Refuse (`Unreadable`) a decision that cannot be about the row `key`."""
    if column in DEPLOYMENT_DECISIONS and key.startswith("issue:"):
        problem = "an incident is neither a deployment nor a change"
        raise Unreadable(
            problem,
            remedy="say it on the row of the commit, or write `none` into caused_by",
        )


def decisions_in_force(annotations: Iterable[Annotation]) -> dict[RowId, dict[str, str]]:
    """What people said and did not take back: row to column to canonical value, columns in the file's order.

    The later decision wins, by key and column; of two accepted at the same moment the one later in `annotations`.
    A row whose decisions were all taken back is absent.
    """
    said: dict[RowId, dict[str, str]] = {}
    for word in words_in_force(annotations):
        said.setdefault(_row_of(word), {})[word.column] = word.value
    return {
        row: {column: columns[column] for column in DECISIONS if column in columns} for row, columns in said.items()
    }


def words_in_force(annotations: Iterable[Annotation]) -> list[Annotation]:
    """The decisions that no later one replaced or took back, each with where it came from, oldest first."""
    latest: dict[tuple[RowId, str], Annotation] = {}
    for word in sorted(annotations, key=lambda annotation: annotation.accepted_at):
        latest[_row_of(word), word.column] = word
    kept = [word for word in latest.values() if word.value != TAKE_BACK]
    return sorted(kept, key=lambda word: word.accepted_at)


def changed_decisions(imported: Sequence[Annotation], accepted: Iterable[Annotation]) -> list[Annotation]:
    """Those of `imported` that say something new over `accepted`, in their order; empty when nothing changes."""
    in_force = decisions_in_force(accepted)
    return [word for word in imported if in_force.get(_row_of(word), {}).get(word.column, TAKE_BACK) != word.value]


def _row_of(annotation: Annotation) -> RowId:
    return (annotation.repository, annotation.service, annotation.key)


def is_reviewed(decisions: Mapping[str, str]) -> bool:
    """A person has looked at the row: they said so, or said anything else about it."""
    said = decisions.get("reviewed")
    return said == "yes" if said else bool(decisions)
