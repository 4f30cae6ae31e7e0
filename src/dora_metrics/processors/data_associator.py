"""Commits, pull requests and deployments → changes: what was shipped, by which rule, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from dora_metrics.domain.history import History
from dora_metrics.domain.models import Change
from dora_metrics.domain.timestamps import from_seconds
from dora_metrics.processors.attribution import UNDEPLOYED, Attribution
from dora_metrics.processors.drafts import Conventions, Delivery, Draft, Drafter
from dora_metrics.processors.membership import Membership, TiedPullRequest
from dora_metrics.processors.reverts import RevertReader

CLAMP = timedelta(minutes=-5)
"""Down to here a negative lead time is two clocks that differ, and counts as none (definitions.md 5)."""
RULE_ORDER = ("merge_commit", "commit", "subject", "head", "cherry_pick", "parent_pr")
"""Of rules that answer with the same deployment, the first one is named."""


@dataclass(frozen=True)
class _Picks:
    """Cherry-picks between changes, by the trailer "(cherry picked from commit X)"."""

    copies: Mapping[str, Sequence[int]]
    """For a change's key the commits of other changes that repeat one of its own."""
    origin: Mapping[int, str]
    """For such a commit the key of the change that it repeats."""


class DataAssociator:
    """Joins the facts of one repository into changes."""

    def __init__(
        self,
        history: History,
        attribution: Attribution,
        conventions: Conventions,
        *,
        repository: str,
        service: str = "",
    ) -> None:
        self._history = history
        self._attribution = attribution
        self._conventions = conventions
        self._repository = repository
        self._drafter = Drafter(history, conventions, repository=repository, service=service)

    def associate(self, tied: Sequence[TiedPullRequest], members: Membership, heads: Mapping[int, str]) -> list[Change]:
        """The changes: deployed ones by time of deployment, then undeployed ones; then by key.

        Pull requests of `tied`, and each non-merge commit of `members` that belongs to none. Pull requests that only
        carried others, and changes made of cherry-picks alone, are listed with the reason in `left_out`.
        """
        drafts = self._drafter.drafts(tied, members, heads)
        change_of = {commit: draft.key for draft in drafts for commit in draft.commits}
        absent = {sha: draft.key for draft in drafts for sha in draft.absent}
        numbers = {draft.pull_request.number: draft.key for draft in drafts if draft.pull_request is not None}
        reader = RevertReader(self._history, change_of, numbers, repository=self._repository)
        picks = self._picks(drafts, change_of, absent)
        changes = []
        drafts.reverse()
        while drafts:  # each is let go once its change is made: together they are as large
            draft = drafts.pop()
            changes.append(self._drafter.change(draft, self._delivery(draft, picks), reader.read(draft)))
        return sorted(_with_net_zero(changes), key=_by_delivery)

    def _picks(self, drafts: Sequence[Draft], change_of: Mapping[int, str], absent: Mapping[str, str]) -> _Picks:
        copies: dict[str, list[int]] = {}
        origins: dict[int, str] = {}
        picked_from = self._history.picked_from
        repeating = ((draft.key, commit) for draft in drafts for commit in draft.commits if commit in picked_from)
        for key, commit in repeating if picked_from else ():
            for sha in self._history.repeated(commit):
                picked = self._history.find(sha)
                origin = absent.get(sha) if picked is None else change_of.get(picked)
                if origin is not None and origin != key:
                    copies.setdefault(origin, []).append(commit)
                    origins[commit] = origin
        return _Picks(copies, origins)

    def _delivery(self, draft: Draft, picks: _Picks) -> Delivery:
        """By the deployment that first brought the draft's change, by the earliest rule that answers."""
        copies = picks.copies.get(draft.key, ())
        started_at = self._earliest_start(draft, copies)
        left_out, flags = _as_copy(draft, picks)
        if draft.is_bot and self._conventions.metrics.exclude_bots:
            left_out = left_out or "bot"
        position, rule = self._answer(draft, copies)
        if position == UNDEPLOYED:
            return Delivery(draft.via, started_at, left_out, flags)
        deployment = self._attribution.deployments[position]
        left_out = left_out or self._not_counted(position)
        lead_time, problem, clamped = _lead_time(started_at, deployment.deployed_at)
        return Delivery(
            via=rule,
            started_at=started_at,
            left_out=left_out or problem,
            flags=(*flags, "clamped") if clamped and not left_out else flags,
            deployment=deployment.key,
            deployed_at=deployment.deployed_at,
            lead_time=None if left_out else lead_time,
        )

    def _answer(self, draft: Draft, copies: Sequence[int]) -> tuple[int, str]:
        """The position of the first deployment that brought it, and the rule that says so; -1 and its own for none."""
        found = [(self._first(draft.merge), draft.via)]
        if draft.head is not None:
            found.append((self._first(draft.head), "head"))
        found += [(self._first(copy), "cherry_pick") for copy in copies]
        found += [(self._first(commit), "parent_pr") for commit in draft.carried_by]
        answers = [answer for answer in found if answer[0] != UNDEPLOYED]
        if len(answers) > 1:
            return min(answers, key=_earliest_rule)
        return answers[0] if answers else found[0]

    def _first(self, commit: Optional[int]) -> int:
        return UNDEPLOYED if commit is None else self._attribution.first[commit]

    def _earliest_start(self, draft: Draft, copies: Sequence[int]) -> Optional[datetime]:
        """Cherry-picks of one change are one change: it began when the earliest of them was written."""
        started_at = draft.begun.started_at
        if started_at is None or not copies or self._conventions.metrics.lead_time_start != "first_commit":
            return started_at
        times = (from_seconds(self._history.written_s(copy)) for copy in copies)
        return min([started_at, *(time for time in times if time is not None)])

    def _not_counted(self, position: int) -> str:
        """Why a change that the deployment at `position` delivered has no lead time; empty when it has."""
        initial = position == self._attribution.truncated_at
        return "left_truncated" if initial and not self._conventions.deployments.include_initial else ""


def _lead_time(started_at: Optional[datetime], deployed_at: datetime) -> tuple[Optional[timedelta], str, bool]:
    """The lead time, why there is none, and whether a small negative one was set to zero."""
    if started_at is None:
        return None, "no_start", False
    lead_time = deployed_at - started_at
    if lead_time >= timedelta(0):
        return lead_time, "", False
    if lead_time >= CLAMP:
        return timedelta(0), "", True
    return None, "negative", False


def _as_copy(draft: Draft, picks: _Picks) -> tuple[str, tuple[str, ...]]:
    """Reason and flags of the draft's change: left out, with what it repeats, when made of cherry-picks alone."""
    flags = draft.begun.flags
    origins = [picks.origin.get(commit, "") for commit in draft.own] if picks.origin else []
    if not origins or not all(origins) or draft.left_out:
        return draft.left_out, flags
    return "cherry_pick", (*flags, f"cherry_pick_of={origins[0]}")


def _earliest_rule(answer: tuple[int, str]) -> tuple[int, int]:
    position, rule = answer
    return position, RULE_ORDER.index(rule)


def _with_net_zero(changes: Sequence[Change]) -> Sequence[Change]:
    """`changes`, flagged where one and its revert reached users together: they never saw it."""
    reverting = [change for change in changes if change.reverts and change.deployment is not None]
    if not reverting:
        return changes
    delivered_by = {change.key: change.deployment for change in changes}
    together = {
        key
        for change in reverting
        for target in change.reverts
        if delivered_by[target] == change.deployment
        for key in (change.key, target)
    }
    return [
        change._replace(flags=(*change.flags, "net_zero")) if change.key in together else change for change in changes
    ]


def _by_delivery(change: Change) -> tuple[bool, Optional[datetime], str]:
    return (change.deployed_at is None, change.deployed_at, change.key)
