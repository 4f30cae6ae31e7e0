"""The queries against GitHub's own schema, and what they cost."""

from __future__ import annotations

import os
import re
from pathlib import Path

import graphql as gql
import pytest

from support.github_api import cost, parsed

ROOT = Path(__file__).parents[3]
QUERIES = sorted((ROOT / "src/dora_metrics/extractors/queries").glob("*.graphql"))
MOST_CONNECTIONS = 5


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_each_query_is_valid_against_the_official_schema(path: Path) -> None:
    _, wrong = parsed(path.read_text(encoding="utf-8"))

    assert [each.message for each in wrong] == []


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_each_file_holds_one_query_of_its_name_and_no_mutation(path: Path) -> None:
    document = gql.parse(path.read_text(encoding="utf-8"))

    [operation] = [each for each in document.definitions if isinstance(each, gql.OperationDefinitionNode)]
    assert operation.operation is gql.OperationType.QUERY
    assert operation.name
    assert re.sub(r"(?<!^)(?=[A-Z])", "_", operation.name.value).lower() == path.stem


def test_there_are_queries() -> None:
    assert len(QUERIES) > 10


def test_a_fragment_says_the_same_in_every_file() -> None:
    """Each file can be pasted into GitHub's explorer as it is, so fragments are repeated."""
    found: dict[str, set[str]] = {}
    for path in QUERIES:
        for each in gql.parse(path.read_text(encoding="utf-8")).definitions:
            if isinstance(each, gql.FragmentDefinitionNode):
                found.setdefault(each.name.value, set()).add(gql.print_ast(each))

    assert found
    assert all(len(texts) == 1 for texts in found.values())


@pytest.mark.parametrize(("size", "points"), [(25, 1), (50, 2), (100, 4)])
def test_a_page_of_pull_requests_costs_what_was_planned(size: int, points: int) -> None:
    document, _ = parsed((QUERIES[0].parent / "pull_requests.graphql").read_text(encoding="utf-8"))

    requests, nodes = cost(document, {"first": size})

    assert requests == 1 + (MOST_CONNECTIONS - 1) * size
    assert max(1, round(requests / 100)) == points
    assert nodes < 500_000 / 10


def test_the_schema_names_its_source_and_licence() -> None:
    head = (ROOT / "tests/fixtures/github_schema.graphql").read_text(encoding="utf-8")[:600]

    assert re.search(r"@octokit/graphql-schema \d+\.\d+\.\d+", head)
    assert "MIT" in head
    assert os.access(ROOT / "script/prune-schema", os.X_OK)
