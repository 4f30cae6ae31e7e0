"""Which services of a monorepo an incident belongs to: an outage counts where it was, and nowhere else.

The first rule that answers (docs/decisions/0008): a person decided on the incident's row of a service · a label
`service:<name>` · among the services that the named cause and the fix belong to, all that had shipped a named or
reverted change, else the one that was deployed last before the incident was opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from dora_metrics.domain.github_facts import Incident
from dora_metrics.domain.history import History
from dora_metrics.processors.causes import CauseFinder
from dora_metrics.processors.failure_evidence import shipped_apart
from dora_metrics.processors.incidents import stated_causes
from dora_metrics.processors.judgement import Shipped
from dora_metrics.processors.outage_evidence import JoinedIncidents

_LABEL = re.compile(r"service\s*[:/]\s*(\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class Witness:
    """What one service knows about the incidents of its repository."""

    name: str
    shipped: Shipped
    causes: CauseFinder
    outages: Mapping[int, JoinedIncidents]
    """By the incident's number, with this service's own fixes."""

    @classmethod
    def of(cls, name: str, history: History, shipped: Shipped, joined: Sequence[JoinedIncidents]) -> Witness:
        """The witness of the service called `name`."""
        causes = CauseFinder(history, shipped.attribution, shipped.deployments, shipped.changes)
        outages = {incident.number: outage for outage in joined for incident in outage.incidents}
        return cls(name, shipped, causes, outages)

    def has_decided(self, number: int) -> bool:
        """Whether a person said anything on the incident's row of this service."""
        return bool(self.shipped.words.on_issue(number))

    def fixed(self, number: int) -> bool:
        """Whether a change of this service closes or names the incident."""
        return bool(self.outages[number].fixes)

    def took_back(self, number: int) -> bool:
        """Whether this service shipped something, and its fix of the incident reverts that."""
        for fix in self.outages[number].fixes:
            targets = (self.causes.change(key) for key in fix.reverts)
            if any(target is not None and not target.is_revert and shipped_apart(fix, target) for target in targets):
                return True
        return False

    def shipped_change(self, target: str) -> bool:
        """Whether `target`, `#12` or a commit as the incident names it, is a change that this service shipped."""
        return any(
            change.deployment is not None
            and (change.key == f"pr:{target[1:]}" or any(sha.startswith(target.lower()) for sha in change.commits))
            for change in self.shipped.changes
        )

    def deployed(self, target: str) -> bool:
        """Whether `target` is the tag or the key of a deployment of this service."""
        return any(target in (made.tag, made.key) for made in self.shipped.deployments)

    def last_deployed(self, before: datetime, window: timedelta) -> Optional[datetime]:
        """When the last deployment that can fail was, at or before `before` and within `window` of it."""
        last = self.causes.last_before(before, window)
        return None if last is None else last.deployed_at


def owners_of(incident: Incident, witnesses: Sequence[Witness], repository: str, window: timedelta) -> list[str]:
    """The names of the services that the incident belongs to, at least one, in the order of `witnesses`."""
    said = [one for one in witnesses if one.has_decided(incident.number)] or _labelled(incident, witnesses)
    if said:
        return _names(said)
    targets = stated_causes(incident, repository)
    shipped = [one for one in witnesses if any(map(one.shipped_change, targets))]
    named = shipped or [one for one in witnesses if any(map(one.deployed, targets))]
    fixing = [one for one in witnesses if one.fixed(incident.number)]
    candidates = [one for one in named if one in fixing] or named or fixing or list(witnesses)
    certain = [one for one in candidates if one in shipped or one.took_back(incident.number)]
    return _names(certain or [_last_deployed(candidates, incident.created_at, window)])


def _labelled(incident: Incident, witnesses: Sequence[Witness]) -> list[Witness]:
    found = (_LABEL.fullmatch(label.strip()) for label in incident.labels)
    names = {match[1].casefold() for match in found if match}
    return [one for one in witnesses if one.name.casefold() in names]


def _last_deployed(candidates: Sequence[Witness], before: datetime, window: timedelta) -> Witness:
    """Of those deployed last within the window the first one; the first of all when none was."""
    times = [(one.last_deployed(before, window), one) for one in candidates]
    latest = max((moment for moment, _ in times if moment is not None), default=None)
    return next(one for moment, one in times if moment == latest)


def _names(witnesses: Sequence[Witness]) -> list[str]:
    return [one.name for one in witnesses]
