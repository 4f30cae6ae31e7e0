"""Which files belong to a folder, and which services a commit touches."""

from __future__ import annotations

import pytest

from dora_metrics.domain.history import History
from dora_metrics.domain.path_scope import PathIndex, split_prefixes
from support.small_history import SmallHistory


@pytest.mark.parametrize(
    ("text", "folders"),
    [
        pytest.param("", (), id="the whole repository"),
        pytest.param("./", (), id="the whole repository, as a path"),
        pytest.param("api/", ("api",), id="one folder"),
        pytest.param("api", ("api",), id="without the slash"),
        pytest.param(" ./api//v2/ , libs/shared ", ("api/v2", "libs/shared"), id="several"),
        pytest.param('"a,b/", c', ("a,b", "c"), id="a comma in a name"),
        pytest.param("api, api/", ("api",), id="one folder said twice"),
    ],
)
def test_the_folders_that_a_prefix_names(text: str, folders: tuple[str, ...]) -> None:
    assert split_prefixes(text) == folders


@pytest.mark.parametrize(
    ("path", "names"),
    [
        pytest.param("api/x.py", {"api"}, id="a file in the folder"),
        pytest.param("api/deep/er/x.py", {"api"}, id="a file deep below"),
        pytest.param("api", {"api"}, id="the name itself, as of a submodule"),
        pytest.param("api2/x.py", set(), id="not a folder whose name only begins like it"),
        pytest.param("apix.py", set(), id="not a file whose name only begins like it"),
        pytest.param("libs/api/x.py", set(), id="not a folder of that name elsewhere"),
        pytest.param("libs/shared/x.py", {"api", "web"}, id="a folder of two services"),
        pytest.param("libs/x.py", set(), id="not what lies above the folder"),
        pytest.param("api/admin/x.py", {"api", "admin"}, id="a folder within another service's"),
        pytest.param("API/x.py", set(), id="git knows upper and lower case"),
    ],
)
def test_a_file_belongs_to_a_folder_by_whole_parts_of_its_path(path: str, names: set[str]) -> None:
    index = PathIndex({"api": "api/, libs/shared/", "web": "libs/shared", "admin": "api/admin/", "all": ""})

    assert index.touched([path]) == names


def test_a_prefix_never_matches_half_a_name_of_a_folder() -> None:
    """Found in use: `api` took in `api2/`, because the text began alike."""
    history = SmallHistory().commit("a", files="api2/x.py").commit("b", "a", files="api/x.py")
    narrowed = History.from_commits(history.commits.values(), path_prefix="api")

    assert list(narrowed.in_prefix) == [0, 1]


def test_views_of_services_share_everything_but_what_they_touch() -> None:
    history = (
        SmallHistory().commit("a", files="api/x web/x").commit("b", "a", files="web/x").commit("c", "b", files="x")
    )
    whole = History.from_commits(history.commits.values(), services={"api": "api/", "web": "web/", "all": ""})

    assert [list(whole.within(name).in_prefix) for name in ("api", "web", "all")] == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert whole.within("api").graph is whole.graph
    assert list(whole.in_prefix) == [1, 1, 1]
