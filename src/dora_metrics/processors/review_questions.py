"""The review file's rows as questions for the terminal: what to ask about a row, and what each answer decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from dora_metrics.domain.review import ReviewRow
from dora_metrics.domain.timestamps import format_utc

AGREES = {"reviewed": "yes"}
CAUSE_HINT = "a tag, #123, a commit, or none"


@dataclass(frozen=True)
class ReviewQuestion:
    """One question with two answers; what each writes into the row's decision columns."""

    text: str
    yes: Mapping[str, str]
    no: Mapping[str, str]
    """Empty where a no needs more words: then `column` is asked for."""
    column: str = ""
    """The decision column that a no fills with what the person types; empty = none."""
    hint: str = ""
    """What may be typed there."""
    yes_elsewhere: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By the key of another row, what a yes decides there."""

    @property
    def columns(self) -> frozenset[str]:
        """The decision columns that an answer fills."""
        return frozenset({*self.yes, *self.no, self.column}) - {""}


def questions_about(row: ReviewRow) -> tuple[ReviewQuestion, ...]:
    """What to ask about `row`, the weightiest first: one for each of its proposals that can be answered.

    A row without such a proposal has one question, whether it is right as it stands.
    """
    found = (_question(proposal, row) for proposal in row.proposal.split("; "))
    asked = tuple(question for question in found if question is not None)
    return asked or (ReviewQuestion("Is the row right as it stands?", AGREES, {}, "notes", "what is wrong"),)


def _question(proposal: str, row: ReviewRow) -> Optional[ReviewQuestion]:
    named = row.deployment or "this deployment"
    simple = {
        "deployment_failed": (f"Did {named} fail, so that somebody had to act at once?", "deployment_failed"),
        "rollback": (f"Was {named} a rollback?", "is_rollback"),
        "hotfix": ("Was it a hotfix, made because something was broken?", "is_hotfix"),
    }
    if proposal == "patch_release":
        return _about_patch(row, named)
    if proposal in simple:
        text, column = simple[proposal]
        return ReviewQuestion(text, {column: "yes"}, {column: "no"})
    if proposal == "caused_by":
        return ReviewQuestion(f"Did {named} cause it?", AGREES, {}, "caused_by", CAUSE_HINT)
    if proposal in ("unattributed", "not_in_Dc"):
        text = "No deployment was found that can have caused it. Leave it so?"
        return ReviewQuestion(text, AGREES, {}, "caused_by", CAUSE_HINT)
    if proposal == "deployment" and row.confidence == "low" and "patch_release" not in row.proposal:
        return ReviewQuestion(f"Was {named} a deployment at that time?", AGREES, {"is_deployment": "no"})
    return None


def _about_patch(row: ReviewRow, named: str) -> ReviewQuestion:
    """A yes says two things: this one was a hotfix, and the release before it failed until this one was out."""
    text = f"Was {named} made because the release before it was broken?"
    failed = {"deployment_failed": "yes", "resolved_at": format_utc(row.repaired_at)}
    return ReviewQuestion(
        text,
        {"is_hotfix": "yes"},
        {"is_hotfix": "no"},
        yes_elsewhere={row.repairs: failed} if row.repairs and row.repaired_at else {},
    )
