"""Which changes are hotfixes, and which deployments that makes hotfixes (definitions.md 3 and 6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Optional

from dora_metrics.config import FailureSettings
from dora_metrics.domain.models import Change, Deployment


class HotfixRule:
    """The configured labels, branches and titles, compiled once; all case-insensitive."""

    def __init__(self, settings: FailureSettings) -> None:
        self._labels = {label.lower() for label in settings.hotfix_labels}
        self._branches = re.compile(settings.hotfix_branches, re.IGNORECASE) if settings.hotfix_branches else None
        self._titles = re.compile(settings.hotfix_titles, re.IGNORECASE) if settings.hotfix_titles else None

    def reason(self, *, title: str, branch: Optional[str], labels: Optional[Sequence[str]]) -> str:
        """Why this is a hotfix, in words; empty when nothing says so."""
        for label in labels or ():
            if label.lower() in self._labels:
                return f"label {label}"
        if branch and self._branches and self._branches.search(branch):
            return f"branch {branch}"
        titled = self._titles.search(title) if self._titles else None
        return f"title has {titled.group(0).strip()!r}" if titled else ""


def mark_hotfixes(
    deployments: Sequence[Deployment], changes: Iterable[Change], not_hotfix: Mapping[str, bool]
) -> list[Deployment]:
    """`deployments` with `changes` counted, and kind hotfix where each change by a person is a hotfix or a revert.

    `not_hotfix` holds, by deployment key, where a person said that it was none.
    """
    delivered: dict[str, list[Change]] = {}
    for change in changes:
        if change.deployment is not None and change.left_out not in ("carrier", "cherry_pick"):
            delivered.setdefault(change.deployment, []).append(change)
    return [_marked(deployment, delivered.get(deployment.key, ()), not_hotfix) for deployment in deployments]


def _marked(deployment: Deployment, delivered: Sequence[Change], not_hotfix: Mapping[str, bool]) -> Deployment:
    deployment = replace(deployment, changes=len(delivered))
    if deployment.kind != "normal" or not_hotfix.get(deployment.key):
        return deployment
    by_people = [change for change in delivered if not change.is_bot]
    if by_people and all(change.is_hotfix or change.is_revert for change in by_people):
        reason = "each change by a person in it is a hotfix or a revert"
        return replace(deployment, kind="hotfix", kind_reason=reason)
    return deployment
