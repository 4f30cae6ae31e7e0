"""Evidence about one outage, joined: incidents, and the changes that close them or name them (definitions.md 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property

from dora_metrics.domain.github_facts import Incident
from dora_metrics.domain.history import History, issues_closed
from dora_metrics.domain.models import Change, PullRequest
from dora_metrics.processors.incidents import mentioned, of_this_repository

CLOSED_BY_ITS_FIX = timedelta(seconds=120)
"""GitHub closes an issue when its fix is merged, which is before users have it."""

_BEFORE_ALL = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class JoinedIncidents:
    """Incidents that are one outage, and what was done about it."""

    incidents: tuple[Incident, ...]
    """At least one, by number."""
    fixes: tuple[Change, ...]
    """As they were merged, the last one last."""


def own_outages(outages: Iterable[JoinedIncidents], mine: Collection[int]) -> list[JoinedIncidents]:
    """`outages` with only the incidents whose numbers are in `mine`; those that have none are left out."""
    own = (JoinedIncidents(tuple(i for i in outage.incidents if i.number in mine), outage.fixes) for outage in outages)
    return [outage for outage in own if outage.incidents]


class OutageJoiner:
    """Finds what belongs together."""

    def __init__(
        self, history: History, changes: Sequence[Change], pulls: Iterable[PullRequest], *, repository: str
    ) -> None:
        self._history = history
        self._changes = changes
        self._by_key = {change.key: change for change in changes}
        self._pulls = {pull.number: pull for pull in pulls}
        self._repository = repository

    def join(self, incidents: Sequence[Incident]) -> list[JoinedIncidents]:
        """Each of `incidents` once: two are one outage when they share a fix. By the lowest number."""
        fixes = self._fixes(incidents)
        groups = _connected(fixes)
        by_number = {incident.number: incident for incident in incidents}
        return [
            JoinedIncidents(
                tuple(by_number[number] for number in group),
                self._in_order({key for number in group for key in fixes[number]}),
            )
            for group in groups
        ]

    def _fixes(self, incidents: Sequence[Incident]) -> dict[int, list[str]]:
        """By the incident's number the keys of the changes that close it or name it."""
        fixes: dict[int, list[str]] = {incident.number: self._closers(incident) for incident in incidents}
        for change in self._changes if fixes else ():
            if change.left_out in ("carrier", "cherry_pick"):
                continue
            for number in sorted(self._named(change).intersection(fixes)):
                fixes[number].append(change.key)
        return fixes

    def _closers(self, incident: Incident) -> list[str]:
        closed_by = incident.closed_by_commit
        keys = [f"pr:{incident.closed_by_pull_request}", self._change_of.get(closed_by, "") if closed_by else ""]
        return [key for key in keys if key in self._by_key]

    @cached_property
    def _change_of(self) -> Mapping[str, str]:
        """The key of each commit's change."""
        return {sha: change.key for change in self._changes for sha in (*change.commits, change.merge_commit or "")}

    def _named(self, change: Change) -> set[int]:
        """Numbers that GitHub links as closed by the change and, of a hotfix or a revert, those that it names."""
        pull = self._pulls.get(change.pull_request or 0)
        linked = set(pull.closes) if pull is not None else set()
        if not (change.is_hotfix or change.is_revert):
            return linked
        closed = list(issues_closed(change.title))
        closed += issues_closed(pull.body or "") if pull is not None else ()
        for sha in (*change.commits, change.merge_commit or ""):
            commit = self._history.find(sha)
            if commit is not None:
                closed += issues_closed(self._history.subjects[commit])
                closed += self._history.closes.get(commit, ())
        return linked | of_this_repository(closed, self._repository) | mentioned(change.title, self._repository)

    def _in_order(self, keys: set[str]) -> tuple[Change, ...]:
        return tuple(sorted((self._by_key[key] for key in keys), key=self._merged))

    def _merged(self, change: Change) -> tuple[bool, datetime, str]:
        merged_at = change.merged_at or change.first_commit_at
        known = merged_at is not None
        return (known, merged_at or _BEFORE_ALL, change.key)


def _connected(fixes: Mapping[int, Sequence[str]]) -> list[list[int]]:
    """The numbers, grouped where they share a key, directly or through others; each group and all of them sorted."""
    group_of: dict[int, list[int]] = {}
    first_with: dict[str, int] = {}
    for number in sorted(fixes):
        group_of[number] = [number]
        for key in fixes[number]:
            one, other = group_of[first_with.setdefault(key, number)], group_of[number]
            if one is not other:
                one.extend(other)
                group_of.update(dict.fromkeys(other, one))
    groups = {id(group): group for group in group_of.values()}
    return sorted(sorted(group) for group in groups.values())


def was_closed_by_a_fix(incident: Incident, fixes: Sequence[Change]) -> bool:
    """Whether merging one of `fixes` closed the issue: a commit of it did, or it was merged within two minutes."""
    closed_at = incident.closed_at
    if closed_at is None:
        return False
    if any(incident.closed_by_commit in (*fix.commits, fix.merge_commit or "") for fix in fixes):
        return True
    return any(abs(closed_at - merged_at) <= CLOSED_BY_ITS_FIX for fix in fixes if (merged_at := fix.merged_at))
