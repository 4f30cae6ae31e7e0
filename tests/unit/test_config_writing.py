from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.config import (
    DeploymentSettings,
    FailureSettings,
    NotifySettings,
    RepositorySettings,
    ServiceSettings,
    Settings,
    StorageSettings,
)
from dora_metrics.config_file import FILE_NAME, parse_file
from dora_metrics.config_sources import load
from dora_metrics.config_table import SECTIONS, SETTINGS
from dora_metrics.config_toml import read_toml
from dora_metrics.config_writing import quoted, render

one_line = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=("Cs",), exclude_characters="\x7f"), max_size=40
)


def read_back(text: str, folder: Path) -> Settings:
    path = folder / FILE_NAME
    path.write_text(text, encoding="utf-8")
    return load(file=path, cwd=folder, environ={}, options={}).settings


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(), id="the defaults"),
        pytest.param(
            Settings(
                repositories=(
                    RepositorySettings(path="../shop", github="acme/shop", branch="main"),
                    RepositorySettings(
                        url="https://example.org/mono.git",
                        services=(
                            ServiceSettings("api", "api/", "api/v*"),
                            ServiceSettings("web", environment="^live$"),
                        ),
                    ),
                ),
                deployments=DeploymentSettings(sources=(), release_line=r"^v(\d+\.\d+)", include_initial=True),
                failures=FailureSettings(hotfix_labels=("a, b", 'with "quotes"', "é☃"), hotfix_titles=r"^\[fix\]\\"),
                storage=StorageSettings(type="s3", path="", s3_bucket="bucket"),
                notify=NotifySettings(targets=("SLACK_URL",)),
            ),
            id="everything else",
        ),
    ],
)
def test_the_file_reads_back_identical(settings: Settings, tmp_path: Path) -> None:
    assert read_back(render(settings), tmp_path) == settings


@given(one_line, st.lists(one_line, max_size=3))
def test_any_text_on_one_line_survives(pattern: str, labels: list[str]) -> None:
    settings = Settings(
        deployments=DeploymentSettings(tag_pattern=pattern), failures=FailureSettings(hotfix_labels=tuple(labels))
    )

    values = parse_file(render(settings), FILE_NAME)

    assert values.sections["deployments"]["tag_pattern"] == pattern
    assert values.sections["failures"]["hotfix_labels"] == tuple(labels)


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_is_quoted_right(text: str) -> None:
    assert read_toml(f"key = {quoted(text)}") == {"key": text}


def test_every_section_and_key_stands_in_the_file_with_its_meaning() -> None:
    text = render(Settings())

    tables = read_toml(text)
    assert list(tables) == list(SECTIONS)
    assert [(section, key) for section, keys in tables.items() for key in keys] == [
        (setting.section, setting.key) for setting in SETTINGS
    ]
    assert all(setting.explanation in text for setting in SETTINGS)


def test_choices_are_listed_beside_the_key() -> None:
    assert ": none, 2021, 2023, 2024\n" in render(Settings())


def test_one_repository_has_a_single_section() -> None:
    two = replace(Settings(), repositories=(RepositorySettings(path="a"), RepositorySettings(path="b")))

    assert "\n[repository] " in render(Settings())
    assert render(two).count("\n[[repository]] ") == 2
