"""No name leaves the data folder, and no two repositories share one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.errors import ConfigurationError, StorageError
from dora_metrics.storage.paths import checked, repository_folder

HOSTILE = ["", "/", "/etc/passwd", "..", "../x", "a/../b", "a//b", "a/", "./a", ".lock", "a/.b", "a\0b", "a\nb", "a\\b"]


@pytest.mark.parametrize("path", [*HOSTILE, "CON", "con.txt", "a/NUL", "com1.x", "a.", "a ", "x" * 256, "ü" * 128])
def test_a_hostile_path_is_refused(path: str) -> None:
    with pytest.raises(StorageError, match="not a path inside the data folder"):
        checked(path)


@pytest.mark.parametrize("path", ["metadata.json", "raw/acme/shop/commits-0.jsonl", "reports/größe 1.html", "console"])
def test_a_plain_path_stays_as_it_is(path: str) -> None:
    assert checked(path) == path


@pytest.mark.parametrize("name", ["acme/shop", "Acme/Shop", "local/my_repo", "a/b.c-d", "1/2"])
def test_a_plain_repository_is_its_own_folder(name: str) -> None:
    assert repository_folder(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "acme/.github", "../..", "a/..", "a/b/c", "a/../../etc", "local/my repo", "local/größe", "CON/nul", "a/con.x",
        "a/b.", "a/b ", "a/" + "x" * 300, "a/-rf", "a/b\\c", "a/b~c", "a/" + "ü" * 200,
    ],
)  # fmt: skip
def test_any_other_repository_gets_a_safe_folder_of_its_own(name: str) -> None:
    folder = repository_folder(name)

    assert checked(folder) == folder
    assert folder.count("/") == 1
    assert re.fullmatch(r"[A-Za-z0-9._/~-]{1,200}", folder)
    assert "~" in folder


@given(st.lists(st.text("aA.~/ü_", max_size=4).map("x/a{}".format), min_size=2, max_size=2, unique=True))
def test_two_repositories_never_share_a_folder(names: list[str]) -> None:
    first, second = (repository_folder(name, names) for name in names)

    assert first.casefold() != second.casefold()


def test_two_repositories_that_differ_in_case_only_have_folders_that_differ_in_more() -> None:
    assert repository_folder("Acme/Shop", ["acme/shop"]).casefold() != "acme/shop"


@pytest.mark.parametrize("name", ["", "shop", "/shop", "acme/", "a/b\0", "a/b\n", "a/\udcff"])
def test_what_is_no_repository_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="not a repository name"):
        repository_folder(name)
