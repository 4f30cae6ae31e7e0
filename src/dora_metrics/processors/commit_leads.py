"""How long each commit took to users (definitions.md 5, per commit): non-merge commits by their author times."""

from __future__ import annotations

from collections.abc import Iterable

from dora_metrics.domain.history import History
from dora_metrics.domain.models import Change, CommitLead
from dora_metrics.domain.timestamps import to_seconds
from dora_metrics.processors.attribution import UNDEPLOYED, Attribution
from dora_metrics.processors.data_associator import CLAMP


def commit_leads(
    history: History, attribution: Attribution, changes: Iterable[Change], *, include_initial: bool, exclude_bots: bool
) -> tuple[CommitLead, ...]:
    """One for each known non-merge commit that a deployment delivered, by deployment in order, then by hash.

    Not those of the first deployment with a known commit, unless `include_initial`: how long they had waited is
    unknown. A commit written after its deployment counts as zero up to five minutes, and is left out beyond. Left out
    too: with `exclude_bots` all commits of bots' changes, and those that touch no path of the service.
    """
    bots = {sha for change in changes if exclude_bots and change.is_bot for sha in _all_of(change)}
    times = [to_seconds(made.deployed_at) for made in attribution.deployments]
    skipped = UNDEPLOYED if include_initial else attribution.truncated_at
    found: dict[int, list[CommitLead]] = {}
    known, in_prefix, least_s = history.graph.known, history.in_prefix, CLAMP.total_seconds()
    for commit, position in enumerate(attribution.first):
        if position in (UNDEPLOYED, skipped) or not in_prefix[commit] or not known(commit) or history.is_merge(commit):
            continue
        written = history.written_s(commit)
        if written is None:
            continue
        seconds = times[position] - written
        sha = history.sha(commit)
        if seconds >= least_s and sha not in bots:
            lead = CommitLead(sha, attribution.deployments[position].key, max(seconds, 0))
            found.setdefault(position, []).append(lead)
    return tuple(lead for position in sorted(found) for lead in sorted(found[position]))


def _all_of(change: Change) -> Iterable[str]:
    """Its commits, those that a rebase repeated (the branch may have been deployed before its merge), its merge."""
    return (*change.commits, *change.also, *filter(None, (change.merge_commit,)))
