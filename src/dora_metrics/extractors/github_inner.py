"""Lists inside an item (commits, labels, statuses): followed beyond their first page, and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional

from dora_metrics.extractors.github_pages import MOST_ITEMS, Listing, PageSize, read_pages
from dora_metrics.extractors.github_session import GitHubSession, TooHeavyError


@dataclass(frozen=True)
class Part:
    """One inner list."""

    field: str
    query: str
    """Name of the query for its further pages."""
    counted: bool = True
    """Whether `totalCount` counts what is listed: in a timeline it does not."""


@dataclass(frozen=True)
class Inner:
    """An inner list."""

    nodes: Sequence[Mapping[str, Any]]
    complete: bool
    """It has as many items as GitHub said, none of them empty."""


class InnerLists:
    """Reads inner lists to their end."""

    def __init__(self, session: GitHubSession) -> None:
        self._session = session

    def whole(
        self,
        node: Mapping[str, Any],
        part: Part,
        enough: Optional[Callable[[Sequence[Mapping[str, Any]]], bool]] = None,
    ) -> Inner:
        """All items of the list `part` of `node`; as soon as `enough` says so, no further page is asked for."""
        connection = node[part.field]
        if connection is None:  # the schema allows it
            return Inner((), complete=False)
        found = list(connection["nodes"])
        goes_on = connection["pageInfo"]["hasNextPage"]
        reached = True
        if goes_on and not (enough and enough(_present(found))):
            reached = self._follow(node, part, connection["pageInfo"]["endCursor"], found)
        expected = connection["totalCount"] if part.counted else None
        nodes = _present(found)
        return Inner(nodes, complete=reached and len(nodes) == (len(found) if expected is None else expected))

    def _follow(self, node: Mapping[str, Any], part: Part, after: Optional[str], found: list[Any]) -> bool:
        """Add the further pages to `found`; `False` when GitHub cannot give them, or the item is gone."""
        listing = Listing(part.query, f"{part.field} of one item", ("node", part.field), {"id": node["id"]})
        try:
            for fetched in read_pages(self._session, listing, PageSize(MOST_ITEMS, MOST_ITEMS), after):
                if fetched.restarted:
                    found.clear()
                found += fetched.connection["nodes"]
        except TooHeavyError:
            return False
        return True


def _present(nodes: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [each for each in nodes if each is not None]
