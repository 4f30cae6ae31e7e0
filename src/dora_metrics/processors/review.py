"""The rows of the review file: what we propose, why, and where a person's word would change a number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Optional

from dora_metrics.domain.links import GITHUB
from dora_metrics.domain.models import Annotation, Dataset
from dora_metrics.domain.review import LineCommit, ReviewRow, decisions_in_force, is_reviewed
from dora_metrics.domain.timestamps import to_seconds
from dora_metrics.processors.review_facts import RowFacts
from dora_metrics.processors.review_findings import (
    CONFIDENCE,
    WEIGHT,
    Finding,
    Places,
    find_places,
    find_proposals,
)
from dora_metrics.processors.review_weight import DOUBT, MOST_QUESTIONS, NO_SHIFT

MOST_ROWS = 5000
"""Above, `rows="auto"` leaves out what neither asks nor holds a decision."""


def build_review_rows(
    dataset: Dataset,
    line: Mapping[str, LineCommit],
    annotations: Iterable[Annotation],
    *,
    rows: str = "auto",
    host: str = GITHUB,
) -> list[ReviewRow]:
    """The rows of one service: those that ask first, then newest first.

    One for each commit of `line` (by hash, newest first), each incident issue, each deployment that is off the line or
    is a commit's second, and each key that holds a decision and would have no row otherwise. `rows` is `all`,
    `attention` (what asks, and what holds a decision) or `auto` (all up to 5,000).
    """
    few = rows == "attention" or (rows == "auto" and len(line) > MOST_ROWS)
    decided = _decided(annotations, dataset)
    places = find_places(dataset, line)
    builder = _Builder(dataset, decided, find_proposals(dataset, places), places, host)
    built = [
        *builder.commits(line, few=few),
        *builder.deployments(),
        *builder.incidents(),
    ]
    built += builder.left_over({row.key for row in built})
    built = _asking_few(built)
    if few or (rows == "auto" and len(built) > MOST_ROWS):
        built = [row for row in built if row.attention or row.decisions]
    return sorted(built, key=row_order)


def row_order(row: ReviewRow) -> tuple[bool, float, bool, int]:
    """What sorts rows: those that ask first, the weightiest of them on top; then newest first, undated ones last."""
    return (not row.attention, -row.weight, row.date is None, -to_seconds(row.date) if row.date else 0)


def _asking_few(rows: Sequence[ReviewRow]) -> list[ReviewRow]:
    """`rows` of which at most 100 ask, the weightiest: the others are proposals that may be answered all the same."""
    asking = sorted((row for row in rows if row.attention), key=row_order)
    later = {row.key for row in asking[MOST_QUESTIONS:]}
    return [row._replace(attention=False, weight=0.0) if row.key in later else row for row in rows]


def _decided(annotations: Iterable[Annotation], dataset: Dataset) -> dict[str, dict[str, str]]:
    here = (dataset.repository, dataset.service)
    mine = (word for word in annotations if (word.repository, word.service) == here)
    return {key: columns for (_, _, key), columns in decisions_in_force(mine).items()}


class _Builder:
    """Makes the rows, each with what is proposed and decided about it."""

    def __init__(
        self,
        dataset: Dataset,
        decided: Mapping[str, Mapping[str, str]],
        proposals: Mapping[str, Sequence[Finding]],
        places: Places,
        host: str,
    ) -> None:
        self._dataset = dataset
        self._decided = decided
        self._proposals = proposals
        self._places = places
        self._facts = RowFacts(dataset, places, host)
        self._deployments = {made.key: made for made in dataset.deployments}

    def commits(self, line: Mapping[str, LineCommit], *, few: bool) -> Iterable[ReviewRow]:
        """One for each commit of the line, in its order; with `few` not of those that nothing is said about."""
        for sha in line:
            if few and not self._is_spoken_of(f"commit:{sha}"):
                continue
            facts = self._facts.of_commit(line[sha])
            yield self._judged(facts, self._evidence(self._facts.made_of(facts.key)))

    def _is_spoken_of(self, key: str) -> bool:
        """Whether something is proposed or decided about a row."""
        return key in self._proposals or key in self._decided

    def deployments(self) -> Iterable[ReviewRow]:
        """One for each deployment that no commit's row speaks of, newest first."""
        for made in reversed(self._dataset.deployments):
            if self._places.deployment[made.key] == made.key:
                yield self._judged(self._facts.of_deployment(made), made.evidence)

    def incidents(self) -> Iterable[ReviewRow]:
        """One for each incident issue, newest first."""
        for failure in reversed(self._dataset.failures):
            if failure.issue is not None:
                yield self._judged(self._facts.of_incident(failure, failure.issue))

    def left_over(self, shown: Collection[str]) -> Iterable[ReviewRow]:
        """One for each key with decisions that no other row holds: nothing a person said goes out of sight."""
        evidence = {key for made in self._dataset.deployments for key in made.evidence}
        gone = set(self._dataset.unreachable)
        for key in sorted(self._decided.keys() - shown):
            reason = "not on the branch's first-parent line"
            if key[len("commit:") :] in gone:
                reason = "in the history no more"
            elif key in evidence:
                reason = "now evidence of another deployment"
            facts = ReviewRow(key=key, repository=self._dataset.repository, service=self._dataset.service)
            yield self._judged(facts)._replace(reason=reason)

    def _evidence(self, key: Optional[str]) -> Sequence[str]:
        made = self._deployments.get(key or "")
        return made.evidence if made else ()

    def _judged(self, facts: ReviewRow, evidence: Sequence[str] = ()) -> ReviewRow:
        """The row with its proposals and decisions; a word about `evidence` of its deployment counts as a review."""
        found, decisions = self._proposals.get(facts.key, ()), self._decided.get(facts.key)
        if not found:
            return facts if decisions is None else facts._replace(decisions=decisions)
        proposals = sorted(found, key=lambda finding: WEIGHT.index(finding.proposal))
        reviewed = any(is_reviewed(self._decided.get(key, {})) for key in (facts.key, *evidence))
        asking = [] if reviewed else [finding for finding in proposals if finding.matters]
        shift = max((finding.shift for finding in asking), key=lambda shift: shift.most, default=NO_SHIFT)
        patch = next((finding.patch for finding in proposals if finding.patch), None)
        return facts._replace(
            repairs="" if patch is None else self._places.deployment.get(patch.before, ""),
            repaired_at=None if patch is None else patch.at,
            attention=bool(asking),
            weight=max((finding.shift.most * DOUBT[finding.confidence] for finding in asking), default=0.0),
            moves=str(shift),
            proposal=_once(finding.proposal for finding in proposals),
            reason=_once(finding.reason for finding in proposals),
            confidence=min((finding.confidence for finding in proposals), key=CONFIDENCE.index, default=""),
            decisions=facts.decisions if decisions is None else decisions,
        )


def _once(parts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(part for part in parts if part))
