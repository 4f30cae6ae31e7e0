"""What we take each row of the review file for, why, how sure we are, and whether the answer can move a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from dora_metrics.domain.models import Change, Dataset, Deployment, Failure
from dora_metrics.domain.outages import BLAMES_NO_DEPLOYMENT
from dora_metrics.processors.review_patches import Patch, patch_releases
from dora_metrics.processors.review_weight import LEAST_SHIFT, NO_SHIFT, Shift, Shifts

WEIGHT = (
    "deployment_failed",
    "caused_by",
    "unattributed",
    "not_in_Dc",
    "no_deployment",
    "rollback",
    "hotfix",
    "patch_release",
    "revert",
    "deployment",
)
"""Proposals, the weightiest first."""
CONFIDENCE = ("low", "medium", "high")
"""The least sure first."""
DOUBTFUL_FLAGS: Mapping[str, str] = {
    "backfilled_tag": "its tag was made more than 30 days after the commit",
    "out_of_order": "its tag stands on a commit older than what was live",
}


class Finding(NamedTuple):
    """One thing that we take a row for."""

    proposal: str
    reason: str
    confidence: str
    asks: bool
    """A person's answer can move a number."""
    shift: Shift = NO_SHIFT
    """By how much; nothing where that cannot be said."""
    patch: Optional[Patch] = None
    """What may have been repaired."""

    @property
    def matters(self) -> bool:
        """Whether to ask: not for what is known to move hardly anything."""
        return self.asks and not 0 < self.shift.most < LEAST_SHIFT


@dataclass
class Places:
    """Which row speaks of what."""

    deployment: dict[str, str] = field(default_factory=dict)
    """Key of a deployment to the key of its row."""
    change: dict[str, str] = field(default_factory=dict)
    """Key of a change to the key of its row; changes off the line have none."""


def find_places(dataset: Dataset, line: Iterable[str]) -> Places:
    """The row of each deployment and change: a commit's first deployment joins the commit's row.

    `line` are the hashes of the commits that have rows.
    """
    places, on_line = Places(), frozenset(line)
    taken: set[str] = set()
    for made in dataset.deployments:
        joins = made.commit_sha in on_line and made.commit_sha not in taken
        taken.add(made.commit_sha)
        places.deployment[made.key] = f"commit:{made.commit_sha}" if joins else made.key
    for change in dataset.changes:
        alone = _commit_of(change)
        sha = change.merge_commit or alone
        if sha in on_line:
            places.change[change.key] = f"commit:{sha}" if change.merge_commit or not alone else change.key
    return places


def _commit_of(change: Change) -> str:
    return change.key[len("commit:") :] if change.key.startswith("commit:") else ""


def find_proposals(dataset: Dataset, places: Places) -> dict[str, list[Finding]]:
    """Row key to what the row is taken for; absent where there is nothing to say."""
    found: dict[str, list[Finding]] = {}
    shifts = Shifts(dataset)
    kinds = {made.key: made.kind for made in dataset.deployments}
    patches = patch_releases(dataset.deployments)
    asked = {failure.fixed_by for failure in dataset.failures if _asks(failure, own=failure.issue is not None)}
    for change in dataset.changes:
        if (change.is_hotfix or change.is_revert) and change.key in places.change:
            again = change.key in asked and kinds.get(change.deployment or "") != "hotfix"
            found.setdefault(places.change[change.key], []).extend(_about_change(change, shifts, again=again))
    for made in dataset.deployments:
        row = places.deployment[made.key]
        about = _about_deployment(made, shifts, patches.get(made.key), alone=row == made.key)
        found.setdefault(row, []).extend(about)
    for failure in dataset.failures:
        for row in _rows_of(failure, places):
            found.setdefault(row, []).append(_about_failure(failure, row, shifts))
    return found


def _about_change(change: Change, shifts: Shifts, *, again: bool) -> Iterable[Finding]:
    """`again`: what hangs on it is asked about the failure that it fixed."""
    if change.is_hotfix:
        yield Finding("hotfix", change.hotfix_reason, "high", not again, shifts.kind(change.deployment))
    if change.is_revert:
        named = ", ".join(change.reverts)
        reason = f"reverts {named}" if named else "its title says that it is a revert"
        yield Finding("revert", reason, "high" if named else "medium", asks=False)


def _about_deployment(made: Deployment, shifts: Shifts, patch: Optional[Patch], *, alone: bool) -> Iterable[Finding]:
    if made.kind == "rollback":
        yield Finding("rollback", made.kind_reason, "high", True, shifts.kind(made.key))
        return
    if made.kind == "hotfix" and alone:
        yield Finding("hotfix", made.kind_reason, "high", True, shifts.kind(made.key))
        return
    if patch:
        yield Finding("patch_release", patch.words, "low", True, shifts.kind(made.key), patch)
    doubts = [DOUBTFUL_FLAGS[flag] for flag in made.flags if flag in DOUBTFUL_FLAGS]
    reason = "; ".join(doubts) or f"{made.source} {deployment_name(made)}"
    yield Finding("deployment", reason, "low" if doubts else "high", bool(doubts), shifts.existence(made.key))


def deployment_name(made: Deployment) -> str:
    """The tag, else the id: what the key says after its source."""
    return made.tag or made.key.partition(":")[2]


def _rows_of(failure: Failure, places: Places) -> Sequence[str]:
    """The incident's own row, and that of the deployment it is blamed on, else of its fix."""
    own = [f"issue:{failure.issue}"] if failure.issue is not None else []
    blamed = failure.deployment if failure.attribution not in BLAMES_NO_DEPLOYMENT else None
    if blamed in places.deployment:
        return [*own, places.deployment[blamed]]
    if own:
        return own
    fix = places.change.get(failure.fixed_by or "") or places.deployment.get(failure.restored_by or "")
    return [fix] if fix else []


def _asks(failure: Failure, *, own: bool) -> bool:
    """Of an incident only its `own` row asks."""
    return failure.provenance == "inferred" and (own or failure.issue is None)


def _about_failure(failure: Failure, row: str, shifts: Shifts) -> Finding:
    """What the row says of the failure."""
    own = row.startswith("issue:")
    shift = shifts.failure(failure.deployment, failure.began_at)
    asks = _asks(failure, own=own)
    if failure.attribution in BLAMES_NO_DEPLOYMENT:
        return Finding(failure.attribution, failure.because, failure.confidence, asks, shift)
    proposal = "caused_by" if own else "deployment_failed"
    return Finding(proposal, failure.because, failure.confidence, asks, shift)
