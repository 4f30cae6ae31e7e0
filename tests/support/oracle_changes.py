"""The oracle's changes: definitions.md 4 and 5, pull request by pull request and commit by commit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Optional

from dora_metrics.domain.models import PullRequest
from support.oracle_deployments import D
from support.oracle_facts import World, said, written

FIVE_MINUTES = timedelta(minutes=5)
RULES = ("merge_commit", "commit", "head", "cherry_pick")


@dataclass
class C:
    """One change."""

    key: str
    title: str
    own: list[str]
    """Its non-merge commits in the clone; of a rebase those that it made on the branch."""
    merge: str
    also: list[str] = field(default_factory=list)
    """Those that a rebase repeated."""
    head: str = ""
    pull: Optional[PullRequest] = None
    is_bot: bool = False
    started: Optional[datetime] = None
    first_commit: Optional[datetime] = None
    via: str = "commit"
    left_out: str = ""
    flags: set[str] = field(default_factory=set)
    deployment: Optional[D] = None
    lead: Optional[timedelta] = None
    is_hotfix: bool = False
    is_revert: bool = False
    reverts: list[C] = field(default_factory=list)

    @property
    def everything(self) -> list[str]:
        return [sha for sha in dict.fromkeys((*self.own, *self.also, self.merge)) if sha]

    @property
    def merged(self) -> Optional[datetime]:
        return self.pull.merged_at if self.pull else None

    @property
    def is_listed_only(self) -> bool:
        return self.left_out in ("carrier", "cherry_pick")


def changes_of(world: World, deployments: list[D]) -> list[C]:
    """The changes with their deliveries, hotfixes and reverts; `deployments` learn which of them are hotfixes."""
    pulls = [of_pull(world, pull) for pull in sorted(world.pull_requests, key=lambda p: p.number)]
    owned = {sha for pull in pulls for sha in pull.everything}
    reached = set(world.ancestors(world.tip)).union(*(world.ancestors(d.sha) for d in deployments))
    alone = [of_commit(world, sha) for sha in sorted(reached - owned) if not world.is_merge(sha)]
    changes = pulls + alone
    for change in changes:
        deliver(world, change, changes, deployments, reached)
    for change in changes:
        read_reverts(world, change, changes)
    for change in changes:
        for target in change.reverts:
            if change.deployment and target.deployment is change.deployment:
                change.flags.add("net_zero")
                target.flags.add("net_zero")
    mark_hotfixes(world, changes, deployments)
    return changes


def of_pull(world: World, pull: PullRequest) -> C:
    merge = pull.merge_sha if pull.merge_sha in world.commits else ""
    listed = [sha for sha in pull.commits or () if sha in world.commits and not world.is_merge(sha)]
    repeated = rebased(world, merge or "", listed)
    own = repeated or listed
    change = C(f"pr:{pull.number}", pull.title, own, merge or "", head=pull.head_sha or "", pull=pull)
    change.via, change.also = "merge_commit", [sha for sha in listed if sha not in own]
    times = [world.written(sha) for sha in {*own, *listed}]
    for sha, (authored, committed) in zip(pull.commits or (), pull.commit_times):
        if sha not in world.commits:
            times.append(written(authored, committed))
    change.first_commit = min(times, default=None)
    change.started = {
        "first_commit": change.first_commit or pull.created_at,
        "ready": pull.ready_at,
        "created": pull.created_at,
        "merged": pull.merged_at,
    }[world.settings.metrics.lead_time_start]
    bot = pull.is_bot or (pull.author or "").removesuffix("[bot]").lower() in bots(world)
    change.is_bot = bool(bot)
    rules = world.settings.failures
    change.is_hotfix = (
        any(label.lower() in rules.hotfix_labels for label in pull.labels or ())
        or bool(re.search(rules.hotfix_branches, pull.head_branch or "", re.IGNORECASE))
        or bool(re.search(rules.hotfix_titles, pull.title, re.IGNORECASE))
    )
    return said_hotfix(world, change)


def rebased(world: World, merge: str, listed: list[str]) -> list[str]:
    """The commits on the branch that a rebase made of the branch's: those ending at the merge that look the same."""
    looks = {(world.commits[sha].authored_s, subject(world, sha)) for sha in listed}
    found: list[str] = []
    while merge and len(found) < len(listed) and (world.commits[merge].authored_s, subject(world, merge)) in looks:
        found.insert(0, merge)
        merge = next(iter(world.commits[merge].parents), "")
    return found if len(found) > 1 else []


def subject(world: World, sha: str) -> str:
    return world.commits[sha].message.split("\n")[0]


def body(world: World, sha: str) -> str:
    return world.commits[sha].message.partition("\n")[2]


def bots(world: World) -> set[str]:
    return {bot.lower().removesuffix("[bot]") for bot in world.settings.metrics.bots}


def of_commit(world: World, sha: str) -> C:
    author, title = world.commits[sha].author, subject(world, sha)
    change = C(f"commit:{sha}", title, [sha], sha, first_commit=world.written(sha))
    change.started = change.first_commit if world.settings.metrics.lead_time_start == "first_commit" else None
    change.is_bot = author.endswith("[bot]") or author.lower() in bots(world)
    change.is_hotfix = bool(re.search(world.settings.failures.hotfix_titles, title, re.IGNORECASE))
    return said_hotfix(world, change)


def said_hotfix(world: World, change: C) -> C:
    answer = said(row_of(world, change), "is_hotfix")
    change.is_hotfix = change.is_hotfix if answer is None else answer
    return change


def row_of(world: World, change: C) -> dict[str, str]:
    """A person's decisions on the change: on the row of its merge, squash, last rebased or only commit."""
    return world.row(f"commit:{change.merge or (change.pull and change.pull.merge_sha) or ''}")


def picked(world: World, sha: str) -> list[str]:
    """The commits that this one says it was picked from, and those that they were picked from."""
    direct = re.findall(r"^\(cherry picked from commit ([0-9a-f]{40})\)$", world.commits[sha].message, re.MULTILINE)
    return direct + [further for one in direct if one in world.commits for further in picked(world, one)]


def first(sha: str, deployments: list[D]) -> Optional[D]:
    return next((d for d in deployments if sha in d.new), None)


def deliver(world: World, change: C, changes: list[C], deployments: list[D], reached: set[str]) -> None:
    """Its first deployment, by the earliest that answers; start, lead time, and why it is left out."""
    others = [(other, sha) for other in changes if other is not change for sha in other.everything]
    named = set(change.everything) | set(change.pull.commits or () if change.pull else ())
    copies = [sha for _, sha in others if named & set(picked(world, sha))]
    theirs = {sha for _, sha in others} | {s for other, _ in others if other.pull for s in other.pull.commits or ()}
    if change.own and all(set(picked(world, sha)) & theirs for sha in change.own):
        change.left_out = "cherry_pick"
    if change.pull and change.merge not in reached and not change.left_out:
        change.via = "head" if change.head in reached else "unresolved"
    if change.started and world.settings.metrics.lead_time_start == "first_commit":
        change.started = min([change.started, *map(world.written, copies)])
    ways = [(change.merge, change.via), (change.head, "head"), *((sha, "cherry_pick") for sha in copies)]
    answers = [(deployments.index(d), rule) for sha, rule in ways if (d := first(sha, deployments))]
    if answers:
        place, change.via = min(answers, key=lambda answer: (answer[0], RULES.index(answer[1])))
        change.deployment = deployments[place]
    if change.is_bot and world.settings.metrics.exclude_bots:
        change.left_out = change.left_out or "bot"
    time_it(world, change)


def time_it(world: World, change: C) -> None:
    if change.deployment is None or change.left_out:
        return
    if change.deployment.truncated and not world.settings.deployments.include_initial:
        change.left_out = "left_truncated"
    elif change.started is None:
        change.left_out = "no_start"
    elif change.deployment.at < change.started - FIVE_MINUTES:
        change.left_out = "negative"
    else:
        change.lead = max(change.deployment.at - change.started, timedelta(0))


def read_reverts(world: World, change: C, changes: list[C]) -> None:
    """By "This reverts commit X" with X outside, else by "Reverts #N" in the body; a title alone names nothing."""
    texts = [body(world, sha) for sha in change.everything]
    hashes = [s for t in texts for s in re.findall(r"This reverts commit ([0-9a-f]{7,40})", t)]
    outside = [c for s in hashes for c in changes if c is not change and any(o.startswith(s) for o in c.everything)]
    texts += [change.pull.body or ""] if change.pull else []
    numbers = [int(n) for t in texts for n in re.findall(r"^Reverts #(\d+)", t, re.MULTILINE)]
    by_number = [c for n in numbers[:1] for c in changes if c.key == f"pr:{n}" and c is not change]
    change.reverts = list({c.key: c for c in outside or by_number}.values())
    change.is_revert = bool(change.reverts or hashes or change.title.startswith('Revert "'))


def mark_hotfixes(world: World, changes: list[C], deployments: list[D]) -> None:
    """A normal deployment is a hotfix when each change by a person in it is a hotfix or a revert."""
    seen: set[str] = set()
    for d in deployments:
        brought = [c for c in changes if c.deployment is d and not c.is_listed_only]
        people = [c for c in brought if not c.is_bot]
        d.changes = len(brought)
        row = row_on(world, d, first=d.sha not in seen)
        seen.add(d.sha)
        if d.kind == "normal" and people and all(c.is_hotfix or c.is_revert for c in people):
            d.kind = "normal" if said(row, "is_hotfix") is False else "hotfix"


def row_on(world: World, d: D, *, first: bool) -> dict[str, str]:
    """The decisions on a deployment: on its own row, else its evidence's, else its commit's for the first of it."""
    own = next((world.row(key) for key in (d.key, *d.evidence) if world.row(key)), {})
    return own or (world.row(f"commit:{d.sha}") if first else {})
