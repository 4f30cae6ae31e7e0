"""The oracle's deployments: definitions.md 3 and 4 by looking at everything that came before, each time anew."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Optional

from support.oracle_facts import World, parse, said, when

VERSION = re.compile(r"(^|[-_/@])v?\d+(\.\d+)+")
PRERELEASE = re.compile(r"\d(rc|alpha|beta|a|b)\d+$")
BY_ITSELF = ("deployment", "annotation")
"""Sources that say that an older commit went live again."""


@dataclass
class D:
    """One deployment, or one record of it."""

    key: str
    sha: str
    at: datetime
    source: str
    tag: str = ""
    environment: str = ""
    line: str = ""
    evidence: list[str] = field(default_factory=list)
    kind: str = ""
    out_of_order: bool = False
    new: set[str] = field(default_factory=set)
    truncated: bool = False
    changes: int = 0

    @property
    def can_fail(self) -> bool:
        return self.kind in ("normal", "hotfix")


def deployments_of(world: World) -> list[D]:
    """D in order, with kinds (but for hotfixes by content) and New(d)."""
    found = judged(world, confirmed(world, joined(world, records(world))))
    known: set[str] = set()
    for d in found:
        d.truncated = not known and d.sha in world.commits
        d.new = set(world.ancestors(d.sha)) - known
        known |= d.new
    return found


def release_line(world: World, tag: str) -> str:
    pattern = world.settings.deployments.release_line
    match = re.search(pattern, tag) if pattern and tag else None
    return match.group(1) if match else ""


def records(world: World) -> list[D]:
    rules = world.settings.deployments
    marked = {r.tag for r in world.releases if r.is_prerelease and not r.is_draft}
    tag_commit = {tag.name: tag.commit_sha for tag in world.tags}
    found = []
    for g in world.github_deployments:
        if g.succeeded_at and re.search(rules.environment, g.environment, re.IGNORECASE):
            tag = next((t.name for t in world.tags if t.name == g.ref and t.commit_sha == g.commit_sha), "")
            key = f"deployment:{g.database_id}"
            found.append(D(key, g.commit_sha, g.succeeded_at, "deployment", tag, g.environment.lower()))
    for r in world.releases:
        if r.published_at and not r.is_draft and (rules.include_prereleases or not r.is_prerelease):
            sha = tag_commit.get(r.tag) or r.commit_sha or ""
            found.append(D(f"release:{r.tag}", sha, r.published_at, "release", r.tag))
    for t in world.tags:
        early = t.name in marked or PRERELEASE.search(t.name)
        if t.commit_sha and VERSION.search(t.name) and (rules.include_prereleases or not early):
            at = when(t.tagged_s) if t.annotated else world.committed(t.commit_sha)
            assert at is not None
            found.append(D(f"tag:{t.name}", t.commit_sha, at, "tag", t.name))
    latest: Optional[datetime] = None
    for sha in world.line():
        latest = world.committed(sha) if latest is None else max(latest, world.committed(sha))
        found.append(D(f"merge:{sha}", sha, latest, "merge"))
    for d in found:
        d.line = release_line(world, d.tag)
    return [d for d in found if d.source in rules.sources and not struck(world, d)]


def struck(world: World, d: D) -> bool:
    """`is_deployment = no`: on the record's own row (or its tag's, its release's), else on the commit's."""
    twin = {"tag": f"release:{d.tag}", "release": f"tag:{d.tag}"}.get(d.source, "")
    for key in (d.key, twin, f"commit:{d.sha}"):
        answer = said(world.row(key), "is_deployment")
        if answer is not None:
            return not answer
    return False


def joined(world: World, found: list[D]) -> list[D]:
    """Source by source: a lower record is evidence of its release, or of the nearest higher one of its commit."""
    whole: list[D] = []
    for source in ("deployment", "release", "tag", "merge"):
        lower = [d for d in found if d.source == source]
        hosts = [d for d in judged(world, whole) if d.kind != "rollback"]
        alone = []
        for d in sorted(lower, key=lambda d: (d.at, d.key)):
            own = [h for h in whole if f"release:{d.tag}" in (h.key, *h.evidence)] if source == "tag" else []
            same = [h for h in hosts if h.sha == d.sha]
            if not own and not same:
                alone.append(d)
                continue
            host = own[0] if own else min(same, key=lambda h: (abs(h.at - d.at), h.at, h.key))
            host.evidence.append(d.key)
            host.tag, host.line = host.tag or d.tag, host.line or d.line
        whole += alone
    return whole


def confirmed(world: World, found: list[D]) -> list[D]:
    """A person's word moves the record whose row it is, or the nearest of its commit, or adds one."""
    rows = sorted({a.key for a in world.annotations})
    for key in rows:
        row = world.row(key)
        for d in found:
            if key in (d.key, *d.evidence) and confirms(row) and "deployed_at" in row:
                d.at = typed(row, "deployed_at") or d.at
    for key in rows:
        kind, _, sha = key.partition(":")
        row = world.row(key)
        if kind != "commit" or not confirms(row):
            continue
        at = typed(row, "deployed_at")
        same = [d for d in found if d.sha == sha]
        if same:
            near = min(same, key=lambda d: (abs(d.at - at) if at else timedelta(0), d.at, d.key))
            near.at = at or near.at
        elif at or sha in world.commits:
            brought = next((c for c in world.line() if sha in world.ancestors(c)), sha)
            found.append(D(f"annotation:{sha}", sha, at or world.committed(brought), "annotation"))
    return found


def confirms(row: dict[str, str]) -> bool:
    return said(row, "is_deployment") is True or (said(row, "is_deployment") is None and "deployed_at" in row)


def typed(row: dict[str, str], column: str) -> Optional[datetime]:
    return parse(row[column]) if column in row else None


def ordered(world: World, found: list[D]) -> list[D]:
    """By time; at one time ancestors first and, of those ready, the lowest version, then the key."""
    waiting, out = sorted(found, key=lambda d: (version(d.tag or d.key), d.key)), []
    while waiting:
        now = min(d.at for d in waiting)
        tied = [d for d in waiting if d.at == now]
        shas = {d.sha for d in tied}
        ready = next(d for d in tied if not (world.ancestors(d.sha) - {d.sha}) & shas)
        out.append(ready)
        waiting.remove(ready)
    return out


def version(name: str) -> tuple[object, ...]:
    early = re.search(r"[-_.]?(rc|alpha|beta)[-_.]?\d*$", name)
    stem = name[: early.start()] if early else name
    rest = name[early.start() :] if early else ""
    return (pieces(stem), 0 if early else 1, pieces(rest), name)


def pieces(text: str) -> tuple[object, ...]:
    found = re.findall(r"\d+|[a-z]+", text, re.IGNORECASE)
    return tuple((1, int(p), "") if p.isdigit() else (0, 0, p.lower()) for p in found)


def judged(world: World, found: list[D]) -> list[D]:
    """In order, each of its kind but for hotfixes by content."""
    before: list[D] = []
    for d in ordered(world, found):
        judge_one(world, d, before)
        before.append(d)
    return before


def word_on(world: World, d: D, before: list[D]) -> dict[str, str]:
    """The record's own row, else the commit's for the commit's first record."""
    own = next((world.row(key) for key in (d.key, *d.evidence) if world.row(key)), {})
    first = all(b.sha != d.sha for b in before)
    return own or (world.row(f"commit:{d.sha}") if first else {})


def visible(before: list[D], environment: str) -> list[D]:
    """What went live in an environment; records that tell none went to all of production, whose name is empty."""
    return [b for b in before if not environment or b.environment in ("", environment)]


def live(before: list[D], line: str) -> str:
    there = [b.sha for b in before if b.line == line and not b.out_of_order]
    return there[-1] if there else ""


def judge_one(world: World, d: D, before: list[D]) -> None:
    here, word = visible(before, d.environment), word_on(world, d, before)
    now, had = live(here, d.line), {b.sha for b in here}
    behind = d.sha != now and d.sha in world.ancestors(now)
    d.out_of_order = behind and d.sha not in had and d.source not in BY_ITSELF
    goes_back = behind and (d.source in BY_ITSELF or d.sha in had)
    if said(word, "is_rollback") or (goes_back and said(word, "is_rollback") is not False):
        d.kind = "rollback"
    elif d.sha and (now == d.sha or elsewhere(d, before, had)):
        d.kind = "redeploy"
    elif not here:
        d.kind = "initial"
    else:
        d.kind = "hotfix" if said(word, "is_hotfix") else "normal"


def elsewhere(d: D, before: list[D], had: set[str]) -> bool:
    """Whether users of another environment have its commit, or had it before it first came here."""
    for other in {b.environment for b in before if b.environment} - {d.environment} if d.environment else ():
        there = visible(before, other)
        now = {live(there, line) for line in {b.line for b in there}}
        if d.sha in now or (d.sha not in had and d.sha in {b.sha for b in there}):
            return True
    return False
