"""How repositories are called, and where their pages are."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from dora_metrics.config import RepositorySettings, Settings
from dora_metrics.domain.progress import NoProgress
from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.workspace import Workspace, web_address
from dora_metrics.report.words import plural


def workspace(root: Path, *repositories: RepositorySettings) -> Workspace:
    settings = Settings(repositories=repositories)
    now = datetime(2025, 1, 1, tzinfo=timezone.utc)
    return Workspace(settings, root, now, {"HOME": str(root)}, "1", "ada", NoProgress())


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("shop", "local/shop", id="a clone"),
        pytest.param("shop.git", "local/shop", id="a bare clone"),
        pytest.param("shop/.git", "local/shop", id="the git folder of a clone"),
    ],
)
def test_without_github_a_repository_bears_its_folders_name(tmp_path: Path, path: str, name: str) -> None:
    repository = RepositorySettings(path=path)

    assert workspace(tmp_path, repository).name(repository) == name


def test_on_github_it_bears_githubs_name(tmp_path: Path) -> None:
    repository = RepositorySettings(path="anything", github="acme/shop")

    assert workspace(tmp_path, repository).names() == ["acme/shop"]


def test_two_repositories_of_one_name_are_refused(tmp_path: Path) -> None:
    both = workspace(tmp_path, RepositorySettings(path="a/shop"), RepositorySettings(path="b/shop"))

    with pytest.raises(ConfigurationError, match="local/shop"):
        both.names()


@pytest.mark.parametrize(
    ("graphql_url", "web"),
    [
        ("https://api.github.com/graphql", "https://github.com"),
        ("https://github.example.com/api/graphql", "https://github.example.com"),
        ("https://api.acme.ghe.com/graphql", "https://acme.ghe.com"),
    ],
)
def test_the_pages_lie_where_the_api_is(graphql_url: str, web: str) -> None:
    assert web_address(graphql_url) == web


@pytest.mark.parametrize(("count", "words"), [(0, "0 rows"), (1, "1 row"), (2000, "2,000 rows")])
def test_counts_agree_with_their_noun(count: int, words: str) -> None:
    assert plural(count, "row") == words
