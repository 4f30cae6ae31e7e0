"""`path_prefix` and `services` in dora-metrics.toml: what is taken, and the one clear line for what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dora_metrics.config import ServiceSettings, Settings
from dora_metrics.config_file import parse_file
from dora_metrics.config_sources import load
from dora_metrics.config_writing import render
from dora_metrics.errors import ConfigurationError

TABLES = """\
[repository]
path = "."

[[repository.services]]
name = "api"
path_prefix = ["api/", "libs/shared/"]
tag_pattern = "api/v*"

[[repository.services]]
name = "web"
path_prefix = "web"
"""


def loaded(text: str, folder: Path) -> Settings:
    (folder / "dora-metrics.toml").write_text(text, encoding="utf-8")
    return load(file=None, cwd=folder, environ={}, options={}).settings


def test_services_are_tables_or_one_list(tmp_path: Path) -> None:
    one_list = (
        '[repository]\nservices = [\n  {name = "api", path_prefix = "api/, libs/shared/", tag_pattern = "api/v*"},\n'
        '  {name = "web", path_prefix = "web"},\n]\n'
    )

    assert loaded(TABLES, tmp_path) == loaded(one_list, tmp_path)
    assert loaded(TABLES, tmp_path).repositories[0].services == (
        ServiceSettings("api", "api/, libs/shared/", "api/v*"),
        ServiceSettings("web", "web"),
    )


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    settings = loaded(TABLES, tmp_path)

    text = render(settings)
    assert '  {name = "api", path_prefix = "api/, libs/shared/", tag_pattern = "api/v*"},\n' in text
    assert loaded(text, tmp_path) == settings


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        pytest.param('""', "", id="the whole repository"),
        pytest.param('"."', "", id="the whole repository, as a path"),
        pytest.param('["api/", "libs/a"]', "api/, libs/a", id="a list"),
        pytest.param('["a,b/"]', '"a,b/"', id="a comma in a name"),
        pytest.param('"routes/[id]/"', "routes/[id]/", id="brackets in a name"),
    ],
)
def test_a_path_prefix_is_one_folder_or_several(written: str, kept: str) -> None:
    values = parse_file(f"[repository]\npath_prefix = {written}\n", "f.toml")

    assert values.repositories[0]["path_prefix"] == kept


@pytest.mark.parametrize(
    ("line", "fault", "remedy"),
    [
        ('path_prefix = "../api"', 'path_prefix = "../api" leads out of the repository', "without .."),
        ('path_prefix = "/api/"', "is not a folder of the repository", "from the repository's top"),
        ('path_prefix = "api, /web"', "is not a folder of the repository", "from the repository's top"),
        ("path_prefix = 'api\\web'", "is no path as git writes it", "with slashes"),
        ("path_prefix = 'C:/web'", "is no path as git writes it", "with slashes"),
        ('path_prefix = "services/*"', "is a pattern", "name each folder"),
        ("path_prefix = 3", "is not text", "quotes"),
        ("path_prefix = [3]", "is not text", "quotes"),
        ('services = [{name = ""}]', "holds a service without a name", 'name = "api"'),
        ('services = [{name = "my api"}]', "which is no name of a service", "letters, digits"),
        (
            'services = [{name = "api", path_prefix = "../x"}]',
            "holds path_prefix = '../x' of service api, which leads out of the repository",
            "without ..",
        ),
        ('services = [{name = "api", environment = "("}]', "is not a regular expression", "backslash"),
        ('services = [{name = "api", prefix = "a"}]', "the unknown key prefix", "path_prefix"),
        (
            'services = [{name = "api", path_prefix = "a"}, {name = "API", path_prefix = "b"}]',
            "names a service twice",
            "a name of its own",
        ),
        (
            'services = [{name = "api", path_prefix = "a"}, {name = "web", path_prefix = "a"}]',
            "says the same of api and of web",
            "its own path_prefix, tag_pattern or environment",
        ),
    ],
)
def test_a_wrong_value_is_one_line_with_file_line_and_key(line: str, fault: str, remedy: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_file(f"[repository]\npath = '.'\n{line}\n", "f.toml")

    assert caught.value.message.startswith(f"f.toml:3: [repository] {line.partition(' ')[0]}")
    assert fault in caught.value.message
    assert remedy in caught.value.remedy
    assert "\n" not in caught.value.message


def test_a_fault_in_a_table_of_services_names_a_line() -> None:
    with pytest.raises(ConfigurationError, match=r"^f.toml:4: \[repository\] services"):
        parse_file(TABLES.replace("web", "../web"), "f.toml")


def test_a_prefix_beside_services_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has both path_prefix and services"):
        loaded('[repository]\npath_prefix = "a"\nservices = [{name = "b", path_prefix = "b"}]\n', tmp_path)
