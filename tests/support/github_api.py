"""GitHub's official schema over a `World`: queries are validated and executed, and cost what GitHub says they cost.

What a query asks for that the schema does not have is an error, as it is on GitHub. The published cost: one request for
each parent node of each connection, 100 requests a point, at least one point.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, Optional

import graphql as gql

from support.github_world import FakeCommit, FakeDeployment, FakeIssue, FakePull, FakeRef, FakeRepository, World

SCHEMA_FILE = Path(__file__).parents[1] / "fixtures/github_schema.graphql"
MOST_NODES = 500_000
WORDS = re.compile(r"(?<!^)(?=[A-Z])")


@lru_cache(maxsize=1)
def schema() -> gql.GraphQLSchema:
    """The pruned official schema."""
    return gql.build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def parsed(query: str) -> tuple[gql.DocumentNode, tuple[gql.GraphQLError, ...]]:
    """A query and what is wrong with it."""
    try:
        document = gql.parse(query)
    except gql.GraphQLError as error:
        return gql.DocumentNode(definitions=()), (error,)
    return document, tuple(gql.validate(schema(), document))


@dataclass(frozen=True)
class Executed:
    """What came of a query."""

    body: dict[str, Any]
    points: int
    nodes: int


def execute(world: World, query: str, variables: Mapping[str, Any]) -> Executed:
    """Run a query as GitHub does; its errors bear `type` beside `message` and `path`."""
    document, wrong = parsed(query)
    if wrong:
        return Executed(
            {"errors": [{**each.formatted, "extensions": {"code": "undefinedField"}} for each in wrong]}, 1, 0
        )
    requests, nodes = cost(document, variables)
    points = max(1, round(requests / 100))
    if nodes > MOST_NODES:
        message = f"This query is requesting up to {nodes:,} possible nodes which exceeds the maximum limit of 500,000."
        return Executed({"errors": [{"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message}]}, points, nodes)
    ran = gql.execute_sync(
        schema(), document, world, world, dict(variables), field_resolver=resolve, type_resolver=typename
    )
    body: dict[str, Any] = {"data": ran.data}
    if ran.errors:
        body["errors"] = [_github_form(error) for error in ran.errors]
    return Executed(body, points, nodes)


def _github_form(error: gql.GraphQLError) -> dict[str, Any]:
    if error.original_error and not error.extensions:
        raise error.original_error
    extensions = dict(error.extensions or {})
    kind = extensions.pop("type")
    return {
        "type": kind,
        "path": error.path,
        "message": error.message,
        **({"extensions": extensions} if extensions else {}),
    }


# ---- cost


def cost(document: gql.DocumentNode, variables: Mapping[str, Any]) -> tuple[int, int]:
    """Requests and nodes of a query by GitHub's published formula."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, gql.FragmentDefinitionNode)}
    [operation] = [each for each in document.definitions if isinstance(each, gql.OperationDefinitionNode)]
    assert operation.operation is gql.OperationType.QUERY, "nothing but queries may be sent"
    return _cost_below(operation.selection_set, 1, fragments, variables)


def _cost_below(
    selections: Optional[gql.SelectionSetNode],
    parents: int,
    fragments: Mapping[str, gql.FragmentDefinitionNode],
    variables: Mapping[str, Any],
) -> tuple[int, int]:
    requests = nodes = 0
    for each in selections.selections if selections else ():
        below = parents
        if isinstance(each, gql.FragmentSpreadNode):
            more = _cost_below(fragments[each.name.value].selection_set, parents, fragments, variables)
            requests, nodes = requests + more[0], nodes + more[1]
            continue
        if isinstance(each, gql.FieldNode):
            given = {
                argument.name.value: gql.value_from_ast_untyped(argument.value, variables)
                for argument in each.arguments
            }
            size = given.get("first", given.get("last"))
            if size is not None:
                requests += parents
                below = parents * size
                nodes += below
            elif "ids" in given:
                below = len(given["ids"])
                nodes += below
        more = _cost_below(each.selection_set, below, fragments, variables)
        requests, nodes = requests + more[0], nodes + more[1]
    return requests, nodes


# ---- fields


def typename(source: Any, _info: gql.GraphQLResolveInfo, _type: Any) -> str:
    """The `__typename` of a record."""
    name: str = source.typename
    return name


def resolve(source: Any, info: gql.GraphQLResolveInfo, **arguments: Any) -> Any:
    """A field: by its own rule, else the attribute of that name (`createdAt` is `created_s`)."""
    rule = RULES.get((info.parent_type.name, info.field_name))
    if rule:
        return rule(source, info, **arguments)
    name = WORDS.sub("_", info.field_name).lower()
    if isinstance(source, FakeCommit) and name.endswith("_date"):
        return _iso(getattr(source, f"{name}_s"))
    if name.endswith("_at"):
        return _iso(getattr(source, f"{name[:-3]}_s"))
    return getattr(source, name)


def _iso(seconds: Optional[float]) -> Optional[str]:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class PageInfo:
    has_next_page: bool
    end_cursor: Optional[str]


@dataclass
class Edge:
    cursor: str
    node: Any


@dataclass
class Slice:
    edges: list[Edge]
    page_info: PageInfo
    total_count: int

    @property
    def nodes(self) -> list[Any]:
        return [edge.node for edge in self.edges]


@dataclass(frozen=True)
class Order:
    """How a connection is ordered: a key for each item, and which way."""

    key: Callable[[Any], Any]
    descending: bool = False


@dataclass
class Asked:
    """The arguments of a connection."""

    first: Optional[int] = None
    last: Optional[int] = None
    after: Optional[str] = None
    rest: dict[str, Any] = field(default_factory=dict)


def page(info: gql.GraphQLResolveInfo, items: Sequence[Any], order: Order, asked: Asked) -> Slice:
    """The slice behind a cursor. A cursor is a place in the order, not in the list: GitHub's are, too."""
    world: World = info.context
    size = asked.first if asked.first is not None else asked.last
    if size is None:
        message = f"You must provide a `first` or `last` value on `{info.field_name}`."
        raise MissingPaginationBoundariesError(message)
    if not 1 <= size <= 100:
        message = f"Requesting {size} records on `{info.field_name}` exceeds the limit of 100."
        raise ExcessivePaginationError(message)
    ordered = sorted(items, key=order.key, reverse=order.descending)
    total = len(ordered)
    if asked.after is not None:
        place = _place(asked.after, world)
        ordered = [
            each for each in ordered if (order.key(each) < place if order.descending else order.key(each) > place)
        ]
    taken = ordered[:size] if asked.first is not None else ordered[-size:]
    edges = [Edge(_cursor(world, order.key(each)), each) for each in taken]
    return Slice(edges, PageInfo(len(taken) < len(ordered), edges[-1].cursor if edges else None), total)


def _cursor(world: World, key: Any) -> str:
    return base64.b64encode(f"cursor:v{world.cursors}:{json.dumps(key)}".encode()).decode()


def _place(cursor: str, world: World) -> tuple[Any, ...]:
    try:
        version, _, key = base64.b64decode(cursor, validate=True).decode().partition("cursor:v")[2].partition(":")
        place = tuple(json.loads(key))
    except ValueError:
        version, place = "", ()
    if version != str(world.cursors):
        message = f"`{cursor}` does not appear to be a valid cursor."
        raise InvalidCursorArgumentsError(message)
    return place


class FieldError(gql.GraphQLError):
    """An error of one field; its class's name is GitHub's `type`."""

    def __init__(self, message: str) -> None:
        kind = WORDS.sub("_", type(self).__name__[: -len("Error")]).upper()
        super().__init__(message, extensions={"type": kind})


class NotFoundError(FieldError): ...


class InvalidCursorArgumentsError(FieldError): ...


class MissingPaginationBoundariesError(FieldError): ...


class ExcessivePaginationError(FieldError): ...


def _asked(first: Optional[int] = None, last: Optional[int] = None, after: Optional[str] = None, **rest: Any) -> Asked:
    return Asked(first, last, after, rest)


def _repository(world: World, _info: gql.GraphQLResolveInfo, owner: str, name: str) -> FakeRepository:
    wanted = f"{owner}/{name}".lower()
    for each in world.repositories:
        if each.name_with_owner.lower() == wanted:
            return each
    for each in world.repositories:
        if wanted in (old.lower() for old in each.old_names):
            return each
    message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
    raise NotFoundError(message)


def _everything(world: World) -> Iterable[Any]:
    for repository in world.repositories:
        yield repository
        for part in (repository.pulls, repository.releases, repository.deployments, repository.issues):
            yield from part.values()


def _node(world: World, id_: str) -> Any:
    for each in _everything(world):
        if each.id == id_:
            return each
    return NotFoundError(f"Could not resolve to a node with the global id of '{id_}'.")


def _by_time(direction: str, field_: str) -> Order:
    name = {"UPDATED_AT": "updated_s", "CREATED_AT": "created_s"}[field_]
    return Order(lambda each: (getattr(each, name), each.id), descending=direction == "DESC")


def _ordered(asked: Asked) -> Order:
    order = asked.rest.get("orderBy") or {"direction": "ASC", "field": "CREATED_AT"}
    return _by_time(order["direction"], order["field"])


def _pulls(source: FakeRepository, info: gql.GraphQLResolveInfo, **arguments: Any) -> Slice:
    asked = _asked(**arguments)
    states = asked.rest.get("states")
    items = [each for each in source.pulls.values() if not states or each.state in states]
    return page(info, items, _ordered(asked), asked)


def _issues(source: FakeRepository, info: gql.GraphQLResolveInfo, **arguments: Any) -> Slice:
    asked = _asked(**arguments)
    labels = {label.lower() for label in asked.rest.get("labels") or ()}
    items = [each for each in source.issues.values() if labels & {label.lower() for label in each.labels}]
    return page(info, items, _ordered(asked), asked)


def _part(name: str) -> Callable[..., Slice]:
    def rule(source: Any, info: gql.GraphQLResolveInfo, **arguments: Any) -> Slice:
        asked = _asked(**arguments)
        return page(info, list(getattr(source, name).values()), _ordered(asked), asked)

    return rule


@dataclass
class Placed:
    """An item of a list that is in its own order."""

    place: int
    item: Any


def _listed(items: Callable[[Any], Sequence[Any]]) -> Callable[..., Slice]:
    def rule(source: Any, info: gql.GraphQLResolveInfo, **arguments: Any) -> Slice:
        placed = [Placed(place, item) for place, item in enumerate(items(source))]
        found = page(info, placed, Order(lambda each: (each.place,)), _asked(**arguments))
        found.edges = [Edge(edge.cursor, edge.node.item) for edge in found.edges]
        return found

    return rule


@dataclass
class Named:
    name: str
    typename = "Label"


@dataclass
class PullCommit:
    commit: FakeCommit
    typename = "PullRequestCommit"


@dataclass
class Closed:
    closer: Any
    typename = "ClosedEvent"


def _labels(source: Any) -> list[Named]:
    return [Named(label) for label in source.labels]


def _closings(source: FakeIssue) -> list[Closed]:
    return [Closed(source.closer)] if source.closed_s is not None else []


def _merge_commit(source: FakePull, _info: gql.GraphQLResolveInfo) -> Optional[FakeCommit]:
    return FakeCommit(source.merge_oid) if source.merge_oid else None


def _branch(source: FakeRepository, _info: gql.GraphQLResolveInfo) -> Optional[FakeRef]:
    return FakeRef(source.default_branch) if source.default_branch else None


def _ref(source: FakeDeployment, _info: gql.GraphQLResolveInfo) -> Optional[FakeRef]:
    return FakeRef(source.ref_name) if source.ref_name else None


RULES: dict[tuple[str, str], Callable[..., Any]] = {
    ("Query", "repository"): _repository,
    ("Query", "node"): lambda world, _info, **arguments: _node(world, arguments["id"]),
    ("Query", "nodes"): lambda world, _info, ids: [_node(world, each) for each in ids],
    ("Repository", "defaultBranchRef"): _branch,
    ("Repository", "pullRequests"): _pulls,
    ("Repository", "issues"): _issues,
    ("Repository", "releases"): _part("releases"),
    ("Repository", "deployments"): _part("deployments"),
    ("PullRequest", "mergeCommit"): _merge_commit,
    ("PullRequest", "labels"): _listed(_labels),
    ("PullRequest", "commits"): _listed(lambda pull: [PullCommit(each) for each in pull.commits]),
    ("PullRequest", "closingIssuesReferences"): _listed(lambda pull: pull.closes),
    ("PullRequest", "timelineItems"): _listed(lambda pull: pull.timeline),
    ("Release", "tagCommit"): lambda source, _info: FakeCommit(source.commit_oid) if source.commit_oid else None,
    ("Deployment", "ref"): _ref,
    ("Deployment", "statuses"): _listed(lambda deployment: deployment.statuses),
    ("Issue", "labels"): _listed(_labels),
    ("Issue", "timelineItems"): _listed(_closings),
}
