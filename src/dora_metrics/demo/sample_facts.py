"""What GitHub would say about the plan played through: labels, reviews, releases, deployments, incident issues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Callable, Optional

from dora_metrics.demo.sample_github import SampleFacts
from dora_metrics.demo.sample_outages import INCIDENTS, IncidentPlan
from dora_metrics.demo.sample_plan import Release, Work
from dora_metrics.demo.sample_story import SECOND_MAJOR_WEEK, WEEK
from dora_metrics.demo.sample_words import BOT
from dora_metrics.domain import github_facts
from dora_metrics.domain.github_facts import GitHubDeployment, GitHubRepository, Incident
from dora_metrics.domain.models import PullRequest

NAME = "acme/shop"
KINDS = (("Document", "documentation"), ("Fix", "bug"), ("Revert", "revert"), ("Bump", "dependencies"))
"""First word of a title to the label that the team gives it."""
DRAFT = "v3.0.0"
DEPLOYED_AGAIN = ("v2.12.0", 27.5)
"""Deployed once more, to read a new certificate: its tag, and so many hours later."""
FAILED_RUN = "v2.20.0"
"""Its first deployment to production failed before it reached anybody."""
_FIRST_DEPLOYMENT = 7_100


@dataclass(frozen=True)
class Landed:
    """A pull request that was merged, as git has it."""

    item: Work
    number: int
    head_branch: str
    merge_sha: str
    branch: tuple[tuple[str, int, int], ...]
    """Of each commit of its branch: hash, author's and committer's Unix seconds."""


@dataclass(frozen=True)
class Tagged:
    """A release whose tag is made."""

    release: Release
    sha: str


def sample_facts(
    landed: Sequence[Landed], tagged: Sequence[Tagged], numbers: Mapping[str, int], moment: Callable[[float], datetime]
) -> SampleFacts:
    """All facts; `numbers` are those of pull requests and issues by title, `moment` the time of an hour of the plan."""
    mergers = {each.item.title: each for each in landed}
    incidents = [_incident(plan, numbers, mergers, moment) for plan in INCIDENTS]
    pulls = [_pull_request(each, numbers, moment) for each in landed]
    return SampleFacts(
        repository=GitHubRepository("R_shop", NAME, "main"),
        pull_requests=tuple(sorted(pulls, key=lambda pull: (pull.updated_at, pull.number))),
        releases=tuple(_releases(tagged, moment)),
        deployments=tuple(sorted(_deployments(tagged, moment), key=lambda made: made.created_at)),
        incidents=tuple(sorted(incidents, key=lambda issue: (issue.updated_at, issue.number))),
    )


def _pull_request(landed: Landed, numbers: Mapping[str, int], moment: Callable[[float], datetime]) -> PullRequest:
    item = landed.item
    closes = tuple(numbers[plan.title] for plan in INCIDENTS if plan.closed_by == item.title)
    merged_at = moment(item.merged)
    return PullRequest(
        node_id=f"PR_{landed.number}",
        number=landed.number,
        title=item.title,
        body="".join(f"Closes #{number}\n" for number in closes),
        merge_sha=landed.merge_sha,
        head_sha=landed.branch[-1][0],
        commits=tuple(sha for sha, _, _ in landed.branch),
        commit_times=tuple((authored, committed) for _, authored, committed in landed.branch),
        head_branch=landed.head_branch,
        base_branch="main",
        author=item.author.lower(),
        is_bot=item.author == BOT,
        labels=_labels(item),
        created_at=moment(item.opened),
        ready_at=moment(item.opened),
        first_review_at=_first_review(item, moment),
        merged_at=merged_at,
        updated_at=merged_at,
        closes=closes,
    )


def _labels(item: Work) -> tuple[str, ...]:
    by_kind = tuple(label for word, label in KINDS if item.title.startswith(word))
    return (item.label,) if item.label else by_kind


def _first_review(item: Work, moment: Callable[[float], datetime]) -> Optional[datetime]:
    """When a person first answered: nobody reviews the bot, nor every fourth small pull request."""
    if item.author == BOT or (item.commits == 1 and len(item.title) % 4 == 0):
        return None
    share = 0.25 + len(item.title) % 5 / 10
    return moment(item.opened + share * (item.merged - item.opened))


def _incident(
    plan: IncidentPlan, numbers: Mapping[str, int], mergers: Mapping[str, Landed], moment: Callable[[float], datetime]
) -> Incident:
    fix = mergers[plan.closed_by] if plan.closed_by else None
    closed = fix.item.merged if fix else plan.closed
    cause = f"\n\nCaused by #{numbers[plan.caused_by]}." if plan.caused_by else ""
    return Incident(
        node_id=f"I_{numbers[plan.title]}",
        number=numbers[plan.title],
        title=plan.title,
        body=plan.text + cause,
        labels=("incident",),
        created_at=moment(plan.opened),
        closed_at=None if closed is None else moment(closed),
        updated_at=moment(plan.opened if closed is None else closed),
        closed_by_pull_request=fix.number if fix else None,
    )


def _releases(tagged: Sequence[Tagged], moment: Callable[[float], datetime]) -> Iterator[github_facts.Release]:
    """One a tag, published some minutes later, and the draft of the next version."""
    for number, each in enumerate(tagged, 1):
        at = moment(each.release.at) + timedelta(minutes=3 + number % 4)
        tag, early = each.release.tag, each.release.is_prerelease
        yield github_facts.Release(f"RE_{number}", tag, each.sha, at, is_draft=False, is_prerelease=early)
    yield github_facts.Release("RE_draft", DRAFT, None, None, is_draft=True, is_prerelease=False)


def _deployments(tagged: Sequence[Tagged], moment: Callable[[float], datetime]) -> Iterator[GitHubDeployment]:
    """Since version 2 a workflow deploys: to staging, and a little later to production."""
    number = _FIRST_DEPLOYMENT
    for each in tagged:
        if each.release.at < SECOND_MAJOR_WEEK * WEEK:
            continue
        hour = each.release.at
        runs = [("staging", hour + 0.05, True), ("production", hour + 0.2, True)]
        if each.release.tag == FAILED_RUN:
            runs.insert(1, ("production", hour + 0.12, False))
        if each.release.tag == DEPLOYED_AGAIN[0]:
            runs.append(("production", hour + DEPLOYED_AGAIN[1], True))
        for environment, at, succeeds in runs:
            number += 3
            yield _deployment(number, each, environment, moment(at), succeeds=succeeds)


def _deployment(number: int, tagged: Tagged, environment: str, at: datetime, *, succeeds: bool) -> GitHubDeployment:
    return GitHubDeployment(
        node_id=f"DE_{number}",
        database_id=number,
        environment=environment,
        commit_sha=tagged.sha,
        ref=tagged.release.tag,
        created_at=at,
        succeeded_at=at + timedelta(minutes=2, seconds=number % 40) if succeeds else None,
        is_terminal=True,
    )
