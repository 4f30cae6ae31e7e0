"""The columns of the review file and what they mean: the comments in the spreadsheet and the documents say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dora_metrics.domain.review import DECISIONS


@dataclass(frozen=True)
class ReviewColumn:
    """One column."""

    name: str
    meaning: str
    """Markdown without links; ends without a full stop."""
    width: int
    """In characters, where the file has column widths."""
    wraps: bool = False

    @property
    def is_decision(self) -> bool:
        """Whether a person fills it in."""
        return self.name in DECISIONS


REVIEW_COLUMN_TABLE: tuple[ReviewColumn, ...] = (
    ReviewColumn(
        "key",
        "`commit:<full hash>`, `issue:<number>` or a deployment's key; unique together with `repository` and "
        "`service`. The prefix keeps spreadsheets from reading a number",
        16,
    ),
    ReviewColumn("repository", "`owner/name`", 14),
    ReviewColumn("service", "its name among the repository's `services`; empty where a repository is one service", 10),
    ReviewColumn("date", "the commit's time", 21),
    ReviewColumn("pull_request", "`#123`", 9),
    ReviewColumn("title", "of the pull request, else the first line of the message", 60, wraps=True),
    ReviewColumn("labels", "joined by `; `", 14, wraps=True),
    ReviewColumn("url", "the page of the pull request or commit", 22),
    ReviewColumn("deployment", "the deployment made of this commit, as detected", 14),
    ReviewColumn("attention", "`yes` when a person should look", 10),
    ReviewColumn("proposal", "what we take the row for: `hotfix`, `rollback` …", 18, wraps=True),
    ReviewColumn("reason", "the rule, in words", 40, wraps=True),
    ReviewColumn("confidence", "`high`, `medium` or `low`", 11),
    ReviewColumn("reviewed", "`yes` = the row is right as it is; any other decision implies it", 11),
    ReviewColumn("is_deployment", "yes or no", 13),
    ReviewColumn("deployed_at", "when; empty = as detected, else the commit's time", 21),
    ReviewColumn("is_hotfix", "yes or no", 11),
    ReviewColumn("is_rollback", "yes or no", 11),
    ReviewColumn("deployment_failed", "the deployment of this row failed: yes or no", 13),
    ReviewColumn("started_at", "when users felt it", 21),
    ReviewColumn("resolved_at", "when it was over", 21),
    ReviewColumn("caused_by", "on the row of an incident or hotfix: a tag, `#123`, a commit, or `none`", 20),
    ReviewColumn("notes", "free text", 40, wraps=True),
)

HOW_TO_FILL: Mapping[str, str] = {
    "yes or no": "Write yes or no. Empty says nothing: the proposal, or an earlier decision, stays. "
    "- takes an earlier decision back.",
    "time": "Write it such as 2025-12-31 14:05 (in the report's time zone) or 2025-12-31T13:05:00Z. "
    "Empty says nothing, - takes an earlier decision back.",
    "cause": "Empty says nothing, - takes an earlier decision back.",
    "text": "Empty says nothing, - takes an earlier note back.",
}
"""By the kind of a decision: how to write it."""
FACT_NOTE = "A fact, not to be changed: what is typed here is not read."


def header_comment(column: ReviewColumn) -> str:
    """What the header's comment says, as plain text."""
    meaning = column.meaning.replace("`", "")
    how = HOW_TO_FILL[DECISIONS[column.name]] if column.is_decision else FACT_NOTE
    return f"{meaning[:1].upper()}{meaning[1:]}. {how}"
