from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dora_metrics.config import (
    DeploymentSettings,
    MetricSettings,
    RepositorySettings,
    ServiceSettings,
    Settings,
)
from dora_metrics.config_file import FILE_NAME, find_file, parse_file
from dora_metrics.config_kinds import PERIODS, Flag
from dora_metrics.config_sources import load, override
from dora_metrics.config_table import SETTINGS, Setting, value_in
from dora_metrics.config_writing import quoted
from dora_metrics.domain.periods import ALL, GRAINS
from dora_metrics.errors import ConfigurationError

SAMPLES: dict[str, tuple[Any, Any, Any]] = {
    "repository_path": ("/in/file", "/in/environment", "/in/option"),
    "repository_url": ("https://h/file.git", "ssh://git@h/environment.git", "git@h:acme/option.git"),
    "github": ("acme/file", "acme/environment", "acme/option"),
    "branch": ("file", "release/environment", "option"),
    "path_prefix": ("file/", "environment/", "option/"),
    "services": (
        (ServiceSettings("file"),),
        (ServiceSettings("a", "a/"), ServiceSettings("b", tag_pattern="b/*")),
        (ServiceSettings("option", environment="^x$"),),
    ),
    "sources": (("tag",), ("release", "merge"), ()),
    "environment": ("^file$", "^environment$", "^(a|b){1,2}$"),
    "tag_pattern": ("file*", "environment*", ""),
    "release_line": ("^f(.)", r"^v(\d+\.\d+)", ""),
    "include_prereleases": (True, False, True),
    "include_initial": (True, False, True),
    "hotfix_labels": (("file",), ("a", "b c"), ("with, comma", "x")),
    "hotfix_branches": ("^file/", "^environment/", "^option/"),
    "hotfix_titles": ("^file", "^environment", "^option"),
    "incident_labels": (("file",), ("outage",), ("a", "b")),
    "window_days": (1, 2, 3),
    "rollback_blames": ("introduced", "live", "introduced"),
    "maturity_days": (1, 0, 3),
    "period": ("daily", "30d", "all"),
    "timezone": ("Europe/Berlin", "Asia/Tokyo", "UTC"),
    "fiscal_start_month": (2, 3, 12),
    "lead_time_start": ("ready", "created", "merged"),
    "exclude_bots": (True, False, True),
    "bots": (("file",), ("a[bot]", "b"), ("c",)),
    "levels": ("2021", "2023", "2024"),
    "profile": ("dora", "dora", "dora"),
    "review_format": ("xlsx", "csv", "xlsx"),
    "date_order": ("dmy", "mdy", "none"),
    "include_authors": (True, False, True),
    "graphql_url": ("https://file/api/graphql", "http://127.0.0.1:8080/", "http://[::1]:8080/"),
    "page_size": (1, 2, 100),
    "requests_per_minute": (1, 2, 0),
    "max_wait": (1, 2, 0),
    "max_page_size": (99, 98, 97),
    "storage_type": ("s3", "local", "s3"),
    "storage_path": ("/file", "/environment", "/option"),
    "s3_bucket": ("file", "environment", "my.option-1"),
    "lock_timeout": (1, 2, 0),
    "single_writer": (True, False, True),
    "notify_targets": (("FILE",), ("SLACK", "TEAMS"), ("_X1",)),
}


def as_text(value: Any) -> Any:
    """As a person types it into an option or a variable."""
    if isinstance(value, tuple) and value and isinstance(value[0], ServiceSettings):
        return quoted(value)
    if isinstance(value, tuple):
        return ",".join(f'"{item}"' if "," in item else item for item in value)
    return value if isinstance(value, str) else quoted(value)


def as_option(value: Any) -> Any:
    return value if isinstance(value, bool) else as_text(value)


def load_in(folder: Path, toml: str = "", environ: dict[str, str] | None = None, **options: Any) -> Settings:
    (folder / FILE_NAME).write_text(toml, encoding="utf-8")
    return load(file=None, cwd=folder, environ=environ or {}, options=options).settings


def test_the_samples_cover_the_whole_table() -> None:
    assert list(SAMPLES) == [setting.name for setting in SETTINGS]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_option_beats_environment_beats_file_beats_default(setting: Setting, tmp_path: Path) -> None:
    in_file, in_environment, in_option = SAMPLES[setting.name]
    toml = f"[{setting.section}]\n{setting.key} = {quoted(in_file)}\n"
    bucket = {"DORA_S3_BUCKET": "bucket"} if setting.name == "storage_type" else {}
    environ = {setting.variables[0]: as_text(in_environment), **bucket}
    option = {setting.name: as_option(in_option)}

    def found(**sources: Any) -> Any:
        return value_in(load_in(tmp_path, **sources), setting)

    assert found() == setting.default
    assert found(toml=toml, environ=bucket) == in_file
    assert found(toml=toml, environ=environ) == in_environment
    assert found(toml=toml, environ=environ, **option) == in_option
    assert found(environ=bucket, **option) == in_option


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    """As CI passes on a variable that nobody defined."""
    settings = load_in(tmp_path, '[metrics]\nperiod = "yearly"\n', environ={"DORA_PERIOD": ""})

    assert settings.metrics.period == "yearly"


def test_an_empty_option_is_the_empty_text(tmp_path: Path) -> None:
    assert load_in(tmp_path, '[deployments]\ntag_pattern = "v*"\n', tag_pattern="").deployments.tag_pattern == ""


def test_our_own_variable_beats_the_one_that_github_sets(tmp_path: Path) -> None:
    environ = {"GITHUB_GRAPHQL_URL": "https://theirs/graphql", "DORA_GRAPHQL_URL": "https://ours/graphql"}

    assert load_in(tmp_path, environ=environ).github.graphql_url == "https://ours/graphql"
    del environ["DORA_GRAPHQL_URL"]
    assert load_in(tmp_path, environ=environ).github.graphql_url == "https://theirs/graphql"


@pytest.mark.parametrize("text", ["yes", "TRUE", "on", "1"])
def test_truths_are_read_in_every_usual_form(text: str, tmp_path: Path) -> None:
    assert load_in(tmp_path, environ={"DORA_EXCLUDE_BOTS": text}).metrics.exclude_bots is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b", ("a", "b")),
        (" a , b ,", ("a", "b")),
        ('"a, b",c', ("a, b", "c")),
        (",", ()),
        ("", ("hotfix", "hot-fix", "urgent-fix")),
    ],
)
def test_lists_are_separated_by_commas(text: str, expected: tuple[str, ...], tmp_path: Path) -> None:
    assert load_in(tmp_path, environ={"DORA_HOTFIX_LABELS": text}).failures.hotfix_labels == expected


def test_several_repositories() -> None:
    toml = '[[repository]]\npath = "a"\n[[repository]]\nurl = "https://h/b"\nservices = [{name = "x"}]\n'

    values = parse_file(toml, FILE_NAME)

    assert values.repositories == ({"path": "a"}, {"url": "https://h/b", "services": (ServiceSettings("x"),)})


def test_an_option_cannot_choose_among_several_repositories(tmp_path: Path) -> None:
    toml = '[[repository]]\npath = "a"\n[[repository]]\npath = "b"\n'

    with pytest.raises(ConfigurationError, match=r"--branch could mean any of the 2 repositories"):
        load_in(tmp_path, toml, branch="main")


@pytest.mark.parametrize(
    ("toml", "options", "expected"),
    [
        pytest.param('url = "https://h/x"', {}, (".", "https://h/x"), id="a url alone"),
        pytest.param('path = "."\nurl = "https://h/x"', {}, (".", "https://h/x"), id="beside the default path"),
        pytest.param('url = "https://h/x"', {"repository_path": "/b"}, ("/b", ""), id="a path replaces a url"),
        pytest.param('path = "a"', {"repository_url": "https://h/x"}, (".", "https://h/x"), id="a url replaces a path"),
    ],
)
def test_path_and_url(toml: str, options: dict[str, str], expected: tuple[str, str], tmp_path: Path) -> None:
    [repository] = load_in(tmp_path, f"[repository]\n{toml}\n", **options).repositories

    assert (repository.path, repository.url) == expected


def test_the_file_is_looked_for_here_and_above(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_file(below) is None

    (tmp_path / FILE_NAME).touch()
    assert find_file(below) == tmp_path / FILE_NAME

    (below / FILE_NAME).touch()
    assert find_file(below) == below / FILE_NAME


def test_relative_paths_mean_the_folder_of_whoever_wrote_them(tmp_path: Path) -> None:
    """The file's are relative to the file, typed ones to where the person stands."""
    below = tmp_path / "below"
    below.mkdir()
    (tmp_path / FILE_NAME).write_text('[repository]\npath = "clone"\n[storage]\npath = "store"\n', encoding="utf-8")

    from_file = load(file=None, cwd=below, environ={}, options={})
    typed = load(file=None, cwd=below, environ={"DORA_STORAGE_PATH": "here"}, options={"repository_path": "there"})

    assert (from_file.root, from_file.settings.repositories[0].path) == (tmp_path, "clone")
    assert from_file.settings.storage.path == "store"
    assert typed.settings.repositories[0].path == str(below / "there")
    assert typed.settings.storage.path == str(below / "here")


def test_a_prefix_in_a_bucket_is_no_path(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (tmp_path / FILE_NAME).write_text('[storage]\ntype = "s3"\ns3_bucket = "bucket"\n', encoding="utf-8")

    loaded = load(file=None, cwd=below, environ={}, options={"storage_path": "team/data"})

    assert loaded.settings.storage.path == "team/data"


def test_override_leaves_alone_what_nobody_mentions(tmp_path: Path) -> None:
    settings = Settings(deployments=DeploymentSettings(tag_pattern="v*"), metrics=MetricSettings(period="yearly"))

    changed = override(settings, cwd=tmp_path, root=tmp_path, environ={}, options={"branch": "main", "period": None})

    assert changed == replace(settings, repositories=(RepositorySettings(branch="main"),))


@pytest.mark.parametrize(
    ("toml", "message", "remedy"),
    [
        ("[metrics]\n\nperiod = 'monthy'", ':3: [metrics] period = "monthy" is not', "did you mean monthly?"),
        ("[deploymnts]", f"{FILE_NAME}:1: [deploymnts] is no section", "did you mean deployments?"),
        ("[x]", f"{FILE_NAME}:1: [x] is no section", "the sections are repository, deployments"),
        ("[deployments]\ntag_patern = ''", ":2: [deployments] has no key tag_patern", "did you mean tag_pattern?"),
        ("[metrics]\nwindow_days = 3", f"{FILE_NAME}:2: [metrics] has no key window_days", "put it below [failures]"),
        ("[metrics]\nwindow_day = 3", ":2: [metrics] has no key window_day", "did you mean window_days? It belongs"),
        ("[privacy]\nzzz = 3", ":2: [privacy] has no key zzz", "its keys are include_authors"),
        ("tag_pattern = 'v*'", ":1: tag_pattern stands outside of its section", "put it below [deployments]"),
        ("metrics = 3", ":1: metrics is not a section", "write [metrics]"),
        ("[[metrics]]", ":1: metrics is not a section", "write [metrics]"),
        ("[failures]\nwindow_days = '7'", ':2: [failures] window_days = "7" is not a whole number', "0 to 3650"),
        ("[failures]\nwindow_days = true", ":2: [failures] window_days = true is not a whole number", "0 to 3650"),
        ("[failures]\nwindow_days = 1.5", ":2: [failures] window_days = 1.5 is not a whole number", "0 to 3650"),
        ("[metrics]\nfiscal_start_month = 13", ":2: [metrics] fiscal_start_month = 13 is out of range", "1 to 12"),
        ("[metrics]\nexclude_bots = 'yes'", "is neither true nor false", "without quotes"),
        ("[metrics]\nbots = 'a'", "is not a list", '["a", "b"]'),
        ("[metrics]\nbots = ['a', 3]", "is not text", "between quotes"),
        ("[metrics]\nperiod = 3", "period = 3 is not text", "between quotes"),
        ("[metrics]\nperiod = '0d'", "is not a period", "days such as 30d"),
        ("[metrics]\ntimezone = 'Europe/Berln'", "is not a time zone", "did you mean Europe/Berlin?"),
        ("[metrics]\ntimezone = '../etc/passwd'", "is not a time zone", ""),
        ("[metrics]\ntimezone = 'Europe'", "is not a time zone", ""),
        ("[metrics]\nlevels = '2022'", "is none of none, 2021, 2023, 2024", "did you mean 202"),
        ("[failures]\nhotfix_titles = '('", "is not a regular expression", "backslash"),
        ("[deployments]\nrelease_line = 'v'", "has 0 groups instead of 1", "put ( ) around"),
        ("[deployments]\nsources = ['tags']", "is none of deployment, release, tag, merge", "did you mean tag?"),
        ('[deployments]\ntag_pattern = "a\\tb"', "holds a control character", "on one line"),
        ("[repository]\ngithub = 'acme'", "is not of the form owner/name", "acme/shop"),
        ("[repository]\ngithub = '../..'", "is not of the form owner/name", "acme/shop"),
        ("[repository]\nbranch = '--output=x'", "is no name of a branch", "git branch"),
        ("[repository]\nurl = 'file:///etc'", "url is no https or ssh address", "https://"),
        ("[repository]\nurl = 'ext::sh -c x'", "url is no https or ssh address", "https://"),
        ("[repository]\nurl = 'ssh://-oProxyCommand=x/y'", "url is no https or ssh address", "https://"),
        ("[repository]\npath = 'a'\nurl = 'https://h/x'", "a repository has both a path and a url", "keep"),
        ("[repository]\nservices = [{path_prefix = 'a'}]", "a service without a name", 'name = "api"'),
        ("[repository]\nservices = [{name = 'a', tag = 'b'}]", "the unknown key tag", "a service has name"),
        ("[repository]\nservices = [{name = 'a'}, {name = 'a'}]", "names a service twice", "a name of its own"),
        ("[[repository]]\nbranch = 'a'\n[[repository]]\nbranch = 3", ":4: [repository] branch = 3", "quotes"),
        ("[[repository]]\npath = 'a'\n[[repository]]\npath = 'a'", "name the same repository", "remove one"),
        ("[github]\ngraphql_url = 'http://evil/graphql'", "is no https address", "https://HOST/api/graphql"),
        ("[github]\npage_size = 50\nmax_page_size = 20", "page_size 50 is larger than max_page_size 20", "smaller"),
        ("[storage]\ntype = 's3'", "type is s3, but no bucket is named", "DORA_S3_BUCKET"),
        ("[storage]\npath = ''", "[storage] path is empty", "such as data"),
        ("[storage]\ns3_bucket = 'My_Bucket'", "is no name of a bucket", "small letters"),
        ("[metrics]\nperiod = ", f"{FILE_NAME}:2: not valid TOML in period: Invalid value", "correct this line"),
        ("[metrics]\nperiod = 'a'\nperiod = 'b'", f"{FILE_NAME}:3: not valid TOML in period", "correct this line"),
        ("[metrics\n", f"{FILE_NAME}:1: not valid TOML", "correct this line"),
    ],
)  # fmt: skip
def test_a_wrong_file_names_line_key_and_remedy(toml: str, message: str, remedy: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_in(tmp_path, toml)

    assert message in caught.value.message
    assert remedy in caught.value.remedy
    assert caught.value.exit_code == 2


def test_a_wrong_variable_and_a_wrong_option_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^DORA_PERIOD=monthy is not a period$"):
        load_in(tmp_path, environ={"DORA_PERIOD": "monthy"})
    with pytest.raises(ConfigurationError, match=r"^--storage-type s4 is none of local, s3$"):
        load_in(tmp_path, storage_type="s4")
    with pytest.raises(ConfigurationError, match=r"^--services nonsense is not a list of services$"):
        load_in(tmp_path, services="nonsense")


@pytest.mark.parametrize(
    ("toml", "environ"),
    [
        ("[repository]\nurl = 'https://ada:SECRET@h/x'", {}),
        ("[github]\ngraphql_url = 'https://SECRET@h/x'", {}),
        ("[notify]\ntargets = ['https://hooks.example/SECRET']", {}),
        ("[notify]\ntargets = 'https://hooks.example/SECRET'", {}),
        ('[notify]\ntargets = ["SECRET\\n"]', {}),
        ("", {"DORA_NOTIFY_TARGETS": "https://hooks.example/SECRET"}),
        ("", {"DORA_REPOSITORY_URL": "https://ada:SECRET@h/x"}),
        ("", {"DORA_REPOSITORY_URL": "https://[SECRET"}),
    ],
)  # fmt: skip
def test_a_refused_address_is_never_shown(toml: str, environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_in(tmp_path, toml, environ=environ)

    assert "SECRET" not in caught.value.line()


def test_a_file_as_windows_saves_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b'\xef\xbb\xbf[metrics]\r\nperiod = "daily"\r\n')

    assert load(file=path, cwd=tmp_path, environ={}, options={}).settings.metrics.period == "daily"


@pytest.mark.parametrize(("content", "message"), [(b"\xff\xfe[", "is not UTF-8"), (None, "cannot be read")])
def test_an_unreadable_file_is_a_configuration_error(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=rf"^other.toml {message}"):
        load(file=path, cwd=tmp_path, environ={}, options={})


def test_periods_are_those_that_the_calculators_know() -> None:
    assert (*GRAINS, ALL) == PERIODS


def test_a_name_stands_for_one_setting_only() -> None:
    names = [name for setting in SETTINGS for name in (setting.option, *setting.variables)]
    flags = [setting.option.replace("--", "--no-") for setting in SETTINGS if isinstance(setting.kind, Flag)]

    assert len({*names, *flags}) == len(names) + len(flags)
