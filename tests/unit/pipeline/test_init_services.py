"""What `init` makes of a repository whose tags are those of several services."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Optional

import pytest

from dora_metrics.config import ServiceSettings
from dora_metrics.domain.history import History
from dora_metrics.domain.models import Tag
from dora_metrics.pipeline.init_services import folders_of, propose_services, tag_families
from support.git_repository import GitRepository
from support.prompt import CommandLine
from support.small_history import sha


def families(*names: str) -> list[tuple[str, int, str]]:
    tags = [Tag(name, sha("a"), 1_700_000_000 + number, annotated=True) for number, name in enumerate(names)]
    return [(family.pattern, family.count, family.newest) for family in tag_families(tags, History())]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        pytest.param(
            ("api/v1.2.0", "web/v3.0.0", "api/v1.3.0"),
            [("api/v*", 2, "api/v1.3.0"), ("web/v*", 1, "web/v3.0.0")],
            id="folders",
        ),
        pytest.param(
            ("@scope/pkg@1.2.3", "cli@2.0.0"),
            [("@scope/pkg@*", 1, "@scope/pkg@1.2.3"), ("cli@*", 1, "cli@2.0.0")],
            id="packages",
        ),
        pytest.param(
            ("s3-v1.0.0", "h2o-1.0"), [("h2o-*", 1, "h2o-1.0"), ("s3-v*", 1, "s3-v1.0.0")], id="digits in a name"
        ),
        pytest.param(("service/s3/v1.0.1-rc.1",), [("service/s3/v*", 1, "service/s3/v1.0.1-rc.1")], id="a path"),
        pytest.param(
            ("api-1.0", "api-gateway-1.0"),
            [("api-[0-9]*", 1, "api-1.0"), ("api-gateway-*", 1, "api-gateway-1.0")],
            id="a name that begins like another",
        ),
        pytest.param(("api/v1.0", "api/2.0"), [("api/*", 2, "api/2.0")], id="with and without a letter"),
        pytest.param(("api/12", "web/13"), [("api/*", 1, "api/12"), ("web/*", 1, "web/13")], id="whole numbers"),
        pytest.param(("v1.0", "2.0", "latest", "build/x", "-1.0"), [], id="no name in front, or no version"),
        pytest.param(("a*b/1.0",), [], id="a sign that the pattern would read as its own"),
    ],
)
def test_version_tags_with_a_name_in_front_are_families(
    names: tuple[str, ...], found: list[tuple[str, int, str]]
) -> None:
    assert families(*names) == found


def test_the_folders_of_a_commit_are_those_down_to_the_fourth_level() -> None:
    assert folders_of(["README", "a/x", "a/b/c/d/e/x"]) == {"a", "a/b", "a/b/c", "a/b/c/d"}


@pytest.mark.parametrize(
    ("names", "folders", "proposed"),
    [
        pytest.param(
            ("api/v1.0", "web/v1.0"), {"api": 1, "web": 1}, {"api": "api/", "web": "web/"}, id="that very path"
        ),
        pytest.param(
            ("@s/cli@1.0", "@s/git@1.0"),
            {"cli": 9, "packages/cli": 2, "packages/git": 2, "x/y/git": 9},
            {"cli": "packages/cli/", "git": "packages/git/"},
            id="where most families have theirs, not a former or a deeper place",
        ),
        pytest.param(("api/v1.0", "web/v1.0"), {"api": 1}, {}, id="one folder is no monorepo"),
        pytest.param(("api/v1.0", "web/v1.0"), {}, {}, id="no folder"),
        pytest.param(
            ("a/x/v1.0", "b/x/v1.0"), {"a/x": 1, "b/x": 1}, {"x": "a/x/", "b-x": "b/x/"}, id="two of one name"
        ),
    ],
)
def test_families_that_have_a_folder_of_their_name_are_services(
    names: tuple[str, ...], folders: dict[str, int], proposed: dict[str, str]
) -> None:
    tags = [Tag(name, sha("a"), None, annotated=False) for name in names]
    services = propose_services(tag_families(tags, History()), Counter(folders))

    assert {service.name: service.path_prefix for service in services} == proposed


def written(folder: Path, *options: str, files: Optional[dict[str, str]] = None) -> tuple[str, str]:
    repository = GitRepository(folder / "clone")
    repository.commit("a", files=files or {"api/x": "1", "libs/web/x": "1"})
    repository.tag("api/v1.0", "a", at="2025-01-01T00:00:00Z")
    repository.tag("web/v1.0", "a", at="2025-01-02T00:00:00Z")
    repository.flush()
    cli = CommandLine(folder / "work")
    said = cli.run("init", "../clone", "--yes", *options).out
    return said, (cli.folder / "dora-metrics.toml").read_text(encoding="utf-8")


def test_init_writes_what_it_says(tmp_path: Path) -> None:
    said, text = written(tmp_path)

    assert "  api/v*: 1 tag, newest api/v1.0 on 2025-01-01; folder api/\n" in said
    assert "  web/v*: 1 tag, newest web/v1.0 on 2025-01-02; folder libs/web/\n" in said
    assert "The proposal has 2 `services`" in said
    assert '  {name = "web", path_prefix = "libs/web/", tag_pattern = "web/v*"},\n' in text


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        pytest.param(("--path-prefix", "api/"), 'path_prefix = "api/"', id="one folder"),
        pytest.param(("--tag-pattern", "api/v*"), 'tag_pattern = "api/v*"', id="one pattern"),
        pytest.param(("--services", '[{name = "x"}]'), '{name = "x"}', id="other services"),
    ],
)
def test_init_proposes_no_services_to_who_says_what_to_measure(
    tmp_path: Path, options: tuple[str, ...], kept: str
) -> None:
    _, text = written(tmp_path, *options)

    assert kept in text
    assert "libs/web" not in text


def test_init_only_lists_tags_whose_folders_it_cannot_find(tmp_path: Path) -> None:
    said, text = written(tmp_path, files={"README": "1"})

    assert "api/v*: 1 tag, newest api/v1.0 on 2025-01-01; no folder proposed" in said
    assert "write `services` by hand" in said
    assert ServiceSettings("api").name not in text.partition("services")[2].partition("\n")[0].partition("#")[0]
