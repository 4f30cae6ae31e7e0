"""Lists that come in pages: how large a page is, and how to get over one that GitHub cannot give."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Optional

from dora_metrics.errors import UnreachableError
from dora_metrics.extractors.github_session import AGAIN, Answer, BadCursorError, GitHubSession, TooHeavyError

logger = logging.getLogger("dora_metrics.github")

MOST_ITEMS = 100
"""GitHub's own limit for a page, and for a list of ids."""
QUICK_S = 3.0
PATIENCE = 8
"""So many quick pages until a size is tried again that has failed."""


@cache
def query_text(name: str) -> str:
    """The query in `queries/<name>.graphql`."""
    return (files("dora_metrics.extractors") / "queries" / f"{name}.graphql").read_text(encoding="utf-8")


@dataclass
class PageSize:
    """Doubles after each quick page, halves when GitHub takes too long."""

    size: int
    largest: int
    failed: Optional[int] = None
    """The size that took too long last."""
    quick: int = 0
    """Quick pages since then."""

    def shrink(self) -> bool:
        """Halve it; `False` at one."""
        if self.size == 1:
            return False
        self.failed, self.quick, self.size = self.size, 0, self.size // 2
        return True

    def learn(self, elapsed_s: float) -> None:
        """Grow after a quick page; to a size that has failed only after several."""
        if elapsed_s >= QUICK_S:
            self.quick = 0
            return
        self.quick += 1
        wanted = min(2 * self.size, self.largest)
        if self.failed is None or wanted < self.failed or self.quick >= PATIENCE:
            self.size = max(self.size, wanted)

    def forget(self) -> None:
        """It was a single item's fault, not the size's."""
        self.failed = None


@dataclass(frozen=True)
class Listing:
    """A list on GitHub."""

    query: str
    """Name of the query."""
    about: str
    """What is listed, in words."""
    path: tuple[str, ...]
    """Where the list stands in the answer."""
    variables: Mapping[str, Any]
    thin: Optional[str] = None
    """Name of the query for an item that cannot be given in full."""


@dataclass(frozen=True)
class Fetched:
    """One page as it came."""

    connection: Mapping[str, Any]
    payload: Mapping[str, Any]
    served_at: Optional[datetime]
    is_thin: bool = False
    """Without inner lists."""
    restarted: bool = False
    """The list begins anew with this page."""


@dataclass
class _PageQuestion:
    """The page behind a cursor, at the present size."""

    listing: Listing
    size: PageSize
    after: Optional[str]
    name: str = ""

    @property
    def query(self) -> str:
        return query_text(self.name or self.listing.query)

    @property
    def about(self) -> str:
        return self.listing.about

    def variables(self) -> Mapping[str, Any]:
        return {**self.listing.variables, "first": self.size.size, "after": self.after}

    def shrink(self) -> bool:
        return self.size.shrink()


@dataclass
class PlainQuestion:
    """A question that cannot be made smaller."""

    name: str
    about: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """Its text."""
        return query_text(self.name)

    def variables(self) -> Mapping[str, Any]:
        """Its variables."""
        return self.values

    def shrink(self) -> bool:
        """It cannot."""
        return False


@dataclass
class IdsQuestion:
    """The next few of a list of ids."""

    name: str
    about: str
    ids: Sequence[str]
    size: PageSize
    at: int = 0

    @property
    def query(self) -> str:
        """Its text."""
        return query_text(self.name)

    def variables(self) -> Mapping[str, Any]:
        """As many ids as the size allows."""
        return {"ids": list(self.ids[self.at : self.at + self.size.size])}

    def shrink(self) -> bool:
        """Fewer ids."""
        return self.size.shrink()


def read_pages(session: GitHubSession, listing: Listing, size: PageSize, after: Optional[str]) -> Iterator[Fetched]:
    """All pages behind the cursor `after` (`None` = from the beginning), each whole.

    A cursor that GitHub refuses restarts the list once. Raises what `GitHubSession.ask` raises; `TooHeavyError` only
    where an item cannot be had and the list has no thin query.
    """
    restarted = False
    while True:
        try:
            fetched = _one_page(session, listing, size, after)
        except BadCursorError:
            if restarted or after is None:
                message = f"{session.host} refuses its own cursors for {listing.about}"
                raise UnreachableError(message, remedy=AGAIN) from None
            logger.warning("%s: GitHub does not know the stored place any more; reading all again", listing.about)
            restarted, after = True, None
            continue
        yield replace(fetched, restarted=after is None and restarted)
        page_info = fetched.connection["pageInfo"]
        if not page_info["hasNextPage"]:
            return
        after = _next(session, listing, after, page_info["endCursor"])


def _next(session: GitHubSession, listing: Listing, before: Optional[str], cursor: Optional[str]) -> str:
    if cursor is None or cursor == before:
        message = f"{session.host} says that {listing.about} go on, but not where"
        raise UnreachableError(message, remedy=AGAIN)
    return cursor


def _one_page(session: GitHubSession, listing: Listing, size: PageSize, after: Optional[str]) -> Fetched:
    try:
        answer = session.ask(_PageQuestion(listing, size, after))
    except TooHeavyError:
        if listing.thin is None:
            raise
        return _stepped_over(session, listing, after, size)
    size.learn(answer.elapsed_s)
    return _fetched(session, listing, answer)


def _stepped_over(session: GitHubSession, listing: Listing, after: Optional[str], size: PageSize) -> Fetched:
    """The one item that cannot be had in full, from the thin query."""
    question = _PageQuestion(listing, PageSize(1, 1), after, name=listing.thin or "")
    try:
        answer = session.ask(question)
    except TooHeavyError as error:
        raise too_heavy(session, listing.about, error) from None
    size.forget()
    return _fetched(session, listing, answer, is_thin=True)


def too_heavy(session: GitHubSession, about: str, error: TooHeavyError) -> UnreachableError:
    """The end: GitHub takes too long for even one item."""
    return UnreachableError(f"{session.host} takes too long for {about}, even one by one ({error})", remedy=AGAIN)


def _fetched(session: GitHubSession, listing: Listing, answer: Answer, *, is_thin: bool = False) -> Fetched:
    place: Any = answer.payload
    for step in listing.path:
        place = place.get(step) if isinstance(place, dict) else None
    if not isinstance(place, dict):
        message = f"{session.host} gave no {listing.path[-1]} for {listing.about}"
        raise UnreachableError(message, remedy=AGAIN)
    return Fetched(place, answer.payload, answer.served_at, is_thin)
