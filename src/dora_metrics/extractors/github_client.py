"""GitHub's GraphQL API, read-only: pages of facts. There is no mutation among the queries.

One code path for a first extraction and for an update: lists ordered by a time, from a cursor on, each page complete or
not there at all. How an answer is understood: `github_outcome.py`. How it is waited for: `github_session.py`.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar

from dora_metrics.domain.github_facts import GitHubDeployment, GitHubRepository, Incident, Release
from dora_metrics.domain.github_source import Page
from dora_metrics.domain.models import PullRequest
from dora_metrics.domain.timestamps import parse_utc
from dora_metrics.errors import AccessError, DoraMetricsError, UnreachableError
from dora_metrics.extractors.github_address import checked_token, checked_url
from dora_metrics.extractors.github_inner import InnerLists, Part
from dora_metrics.extractors.github_pages import (
    MOST_ITEMS,
    Fetched,
    IdsQuestion,
    Listing,
    PageSize,
    PlainQuestion,
    read_pages,
    too_heavy,
)
from dora_metrics.extractors.github_payloads import (
    PullRequestParts,
    is_settled,
    parse_deployment,
    parse_incident,
    parse_pull_request,
    parse_release,
    parse_repository,
)
from dora_metrics.extractors.github_session import AGAIN, Answer, GitHubSession, Question, TooHeavyError
from dora_metrics.extractors.github_wait import Waiter

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger("dora_metrics.github")

FactT = TypeVar("FactT")
Node = Mapping[str, Any]
SETTLED_AFTER = timedelta(minutes=2)
"""A row younger than this may still get neighbours in front of it: seconds resolution, replicas that lag behind."""
DEPLOYMENTS_SETTLED_AFTER = timedelta(days=14)
"""Statuses of a deployment may come so much later, without changing its place in the list."""
MOST_IDS_WITH_COMMITS = 50
COMMITS = Part("commits", "pull_request_commits")
LABELS = Part("labels", "pull_request_labels")
CLOSED_ISSUES = Part("closingIssuesReferences", "pull_request_issues")
TIMELINE = Part("timelineItems", "pull_request_timeline", counted=False)
STATUSES = Part("statuses", "deployment_statuses")
ISSUE_LABELS = Part("labels", "issue_labels")


class GitHubGraphQLClient:
    """What GitHub knows about repositories, page by page.

    Every method raises `AccessError` (token, scope, repository), `UnreachableError` (no answer, or too long a wait) or
    `ConfigurationError` (a wrong address), never an empty result instead.
    """

    def __init__(  # noqa: PLR0913 (each a setting of its own)
        self,
        http: httpx.Client,
        *,
        url: str,
        token: str,
        wait: Waiter,
        page_size: int = 25,
        max_page_size: int = MOST_ITEMS,
        requests_per_minute: int = 0,
        max_wait_minutes: int = 70,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`jitter` gives numbers from 0 to 1.

        Raises `ConfigurationError` for an address without TLS that is not the loopback, and `AccessError` for a token
        with characters that no header may hold.
        """
        self._session = GitHubSession(
            http,
            url=checked_url(url),
            token=checked_token(token),
            wait=wait,
            requests_per_minute=requests_per_minute,
            max_wait_minutes=max_wait_minutes,
            jitter=jitter,
        )
        self._page_size = min(page_size, max_page_size)
        self._largest = max_page_size
        self._inner = InnerLists(self._session)
        self._moved: dict[str, str] = {}

    @property
    def server_time(self) -> Optional[datetime]:
        """The `Date` of the last answer; `None` before the first one."""
        return self._session.served_at

    def get_repository(self, owner: str, name: str, *, known_id: str = "") -> GitHubRepository:
        """What GitHub calls the repository today. A new name is in the record; its lists are found by the old one too.

        Where nothing bears the name any more, the repository with the node id `known_id` is followed to its new one.
        """
        asked = f"{owner}/{name}"
        try:
            return self._repository("repository", asked, {"owner": owner, "name": name}, "repository")
        except AccessError:
            if not known_id:
                raise
        found = self._repository("repository_by_id", asked, {"id": known_id}, "node")
        self._moved[asked] = found.name_with_owner
        return found

    def _repository(self, query: str, asked: str, variables: Mapping[str, str], place: str) -> GitHubRepository:
        answer = self._ask(PlainQuestion(query, asked, variables))
        node = answer.payload.get(place)
        if not node:
            message = f"{asked} was not found on {self._session.host}, or the token has no access to it"
            raise AccessError(message, remedy="check `github` in dora-metrics.toml, and what the token may read")
        with self._understanding(asked):
            return parse_repository(node)

    def get_pull_requests(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[PullRequest]]:
        """Merged ones, those touched longest ago first, each with all its commits and labels.

        One that GitHub cannot give in full comes `incomplete`, with a warning.
        """
        listing = self._listing("pull_requests", "pullRequests", owner, name, thin="pull_requests_thin")
        size = PageSize(self._page_size, self._largest)
        for fetched in self._pages(listing, size, after):
            yield self._page(listing, fetched, partial(self._pull_request, fetched), by="updatedAt")

    def get_pr_commits_batch(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Hashes of all commits of each pull request, by node id, oldest first; ids that are gone are left out."""
        found: dict[str, tuple[str, ...]] = {}
        for node in self._by_ids("pull_request_commits_batch", "commits", ids, MOST_IDS_WITH_COMMITS):
            with self._understanding("commits"):
                commits = self._inner.whole(node, COMMITS)
                found[node["id"]] = tuple(each["commit"]["oid"] for each in commits.nodes)
        return found

    def get_releases(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[Release]]:
        """All of them, those of the newest commits first. Their cursor is always `None`: read them all each time."""
        listing = self._listing("releases", "releases", owner, name)
        for fetched in self._pages(listing, self._light(), after):
            yield replace(self._page(listing, fetched, parse_release, by=""), cursor=None)

    def get_deployments(self, owner: str, name: str, after: Optional[str] = None) -> Iterator[Page[GitHubDeployment]]:
        """Oldest first; a cursor is fourteen days old, so that later statuses are seen."""
        listing = self._listing("deployments", "deployments", owner, name)
        for fetched in self._pages(listing, self._light(), after):
            yield self._page(listing, fetched, self._deployment, by="createdAt", age=DEPLOYMENTS_SETTLED_AFTER)

    def get_deployments_by_id(self, ids: Sequence[str]) -> Iterator[Page[GitHubDeployment]]:
        """Those of these that still exist."""
        return self._pages_by_ids("deployments_by_id", "deployments", ids, self._deployment)

    def get_issues(
        self, owner: str, name: str, *, labels: Sequence[str], after: Optional[str] = None
    ) -> Iterator[Page[Incident]]:
        """Those that bear one of `labels`, touched longest ago first; `total` says how many there are."""
        listing = self._listing("issues", "issues", owner, name, labels=list(labels))
        for fetched in self._pages(listing, self._light(), after):
            yield self._page(listing, fetched, self._incident, by="updatedAt")

    def get_issues_by_id(self, ids: Sequence[str]) -> Iterator[Page[Incident]]:
        """Those of these that still exist, whatever labels they bear."""
        return self._pages_by_ids("issues_by_id", "issues", ids, self._incident)

    # ---- one node

    def _pull_request(self, fetched: Fetched, node: Node) -> PullRequest:
        repository_id = fetched.payload["repository"]["id"]
        if fetched.is_thin:
            logger.warning("GitHub cannot give pull request #%s in full: it has no commits and labels", node["number"])
            return parse_pull_request(node, PullRequestParts(), repository_id=repository_id)
        commits, labels, issues = (self._inner.whole(node, part) for part in (COMMITS, LABELS, CLOSED_ISSUES))
        timeline = self._inner.whole(node, TIMELINE, enough=lambda items: is_settled(items, node["author"]))
        complete = all(each.complete for each in (commits, labels, issues, timeline))
        if not complete:
            logger.warning("pull request #%s has more commits or labels than GitHub gives", node["number"])
        parts = PullRequestParts(commits.nodes, labels.nodes, issues.nodes, timeline.nodes, complete)
        return parse_pull_request(node, parts, repository_id=repository_id)

    def _deployment(self, node: Node) -> GitHubDeployment:
        return parse_deployment(node, self._inner.whole(node, STATUSES).nodes)

    def _incident(self, node: Node) -> Incident:
        return parse_incident(node, self._inner.whole(node, ISSUE_LABELS).nodes)

    # ---- lists

    def _light(self) -> PageSize:
        """Lists whose items are small begin with the largest page."""
        return PageSize(self._largest, self._largest)

    def _listing(
        self, query: str, place: str, owner: str, name: str, *, thin: Optional[str] = None, **variables: Any
    ) -> Listing:
        asked = f"{owner}/{name}"
        owner, _, name = self._moved.get(asked, asked).partition("/")
        about = f"{query.replace('_', ' ')} of {asked}"
        return Listing(query, about, ("repository", place), {"owner": owner, "name": name, **variables}, thin)

    def _pages(self, listing: Listing, size: PageSize, after: Optional[str]) -> Iterator[Fetched]:
        """Pages of one repository: it must not become another one meanwhile."""
        repository_id = ""
        with self._understanding(listing.about):
            for fetched in read_pages(self._session, listing, size, after):
                found = fetched.payload["repository"]["id"]
                if repository_id not in {"", found}:
                    message = f"{listing.about}: another repository has taken the name meanwhile"
                    raise UnreachableError(message, remedy="run the same command again")
                repository_id = found
                yield fetched

    def _page(
        self,
        listing: Listing,
        fetched: Fetched,
        parse: Callable[[Node], FactT],
        *,
        by: str,
        age: timedelta = SETTLED_AFTER,
    ) -> Page[FactT]:
        """One page as records; `by` is the time that the list is ordered by."""
        with self._understanding(listing.about):
            edges = [edge for edge in fetched.connection["edges"] if edge]
            present = [edge for edge in edges if edge["node"]]
            empty = len(fetched.connection["edges"]) - len(present)
            if empty:
                logger.warning("%s: GitHub left %d places empty", listing.about, empty)
            return Page(
                items=tuple(parse(edge["node"]) for edge in present),
                cursor=settled_cursor(present, by, fetched.served_at, age) if by else None,
                end=edges[-1]["cursor"] if edges else None,
                total=fetched.connection.get("totalCount"),
            )

    def _pages_by_ids(
        self, query: str, about: str, ids: Sequence[str], parse: Callable[[Node], FactT]
    ) -> Iterator[Page[FactT]]:
        for node in self._by_ids(query, about, ids, MOST_ITEMS):
            with self._understanding(about):
                yield Page((parse(node),), None)

    def _by_ids(self, query: str, about: str, ids: Sequence[str], most: int) -> Iterator[Node]:
        question = IdsQuestion(query, about, ids, PageSize(most, most))
        while question.at < len(ids):
            answer = self._ask(question)
            with self._understanding(about):
                nodes = answer.payload["nodes"]
                question.at += len(question.variables()["ids"])
                yield from (node for node in nodes if node)

    def _ask(self, question: Question) -> Answer:
        try:
            return self._session.ask(question)
        except TooHeavyError as error:
            raise too_heavy(self._session, question.about, error) from None

    @contextmanager
    def _understanding(self, about: str) -> Iterator[None]:
        """Turns an answer that is not as its schema says into an error that a person understands."""
        try:
            yield
        except DoraMetricsError:
            raise
        except TooHeavyError as error:
            raise too_heavy(self._session, about, error) from None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"{self._session.host} answered in an unknown form about {about} ({type(error).__name__})"
            raise UnreachableError(message, remedy=f"{AGAIN}; if it stays, update dora-metrics") from None


def settled_cursor(edges: Sequence[Node], by: str, served_at: Optional[datetime], age: timedelta) -> Optional[str]:
    """The cursor of the last edge whose time `by` is older than `age` by the server's clock; `None` when none is.

    Without a `Date` the newest time on the page stands for now: never later than the truth.
    """
    times = [parse_utc(edge["node"][by]) for edge in edges]
    now = served_at or max(times, default=None)
    found = [edge["cursor"] for edge, moment in zip(edges, times) if now is not None and moment < now - age]
    return found[-1] if found else None
