"""`auth set`, `remove`, `status`: a token comes by standard input and is never shown."""

from __future__ import annotations

import sys
from typing import Any, Optional

import pytest

from support.command_line import invoke

TOKEN = "canary-token-Xq7f31"  # noqa: S105 (not a real one)
NO_TOKEN = {"GITHUB_TOKEN": "", "GH_TOKEN": "", "PATH": "", "GITHUB_GRAPHQL_URL": ""}


class Keychain:
    """Stands in for the functions that reach the credential store."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def store(self, url: str, token: str) -> str:
        self.kept[url] = token.strip()
        return "the test's own store"

    def remove(self, url: str) -> Optional[str]:
        return "the test's own store" if self.kept.pop(url, None) else None


@pytest.fixture
def keychain(monkeypatch: pytest.MonkeyPatch) -> Keychain:
    made = Keychain()
    monkeypatch.setattr("dora_metrics.extractors.github_token.store_token", made.store)
    monkeypatch.setattr("dora_metrics.extractors.github_token.remove_token", made.remove)
    monkeypatch.setitem(sys.modules, "keyring", None)
    return made


def test_a_token_is_piped_in_and_not_shown(keychain: Keychain) -> None:
    result = invoke("auth", "set", input=f"{TOKEN}\n", env=NO_TOKEN)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "The token for github.com is in the test's own store.\n"
    assert keychain.kept == {"https://api.github.com/graphql": TOKEN}


def test_a_token_is_typed_without_being_shown(keychain: Keychain, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def prompt(text: str, **how: Any) -> str:
        asked.append({"text": text, **how})
        return TOKEN

    monkeypatch.setattr("dora_metrics.cli_auth.sys.stdin", type("Terminal", (), {"isatty": lambda _self: True})())
    monkeypatch.setattr("click.prompt", prompt)
    from dora_metrics.cli_auth import read_token  # noqa: PLC0415 (after the patch)

    assert read_token() == TOKEN
    assert asked == [{"text": "Token", "hide_input": True, "err": True}]
    assert keychain.kept == {}


def test_a_token_is_no_argument(keychain: Keychain) -> None:
    for arguments in (("set", TOKEN), ("set", "--token", TOKEN)):
        assert invoke("auth", *arguments, env=NO_TOKEN).exit_code == 2
    assert keychain.kept == {}


def test_a_variable_that_comes_first_is_said(keychain: Keychain) -> None:
    result = invoke("auth", "set", input=TOKEN, env={**NO_TOKEN, "GH_TOKEN": "another-one"})

    assert result.exit_code == 0
    assert result.stderr == "warning: GH_TOKEN is set too, and comes before the credential store\n"
    assert keychain.kept


def test_remove(keychain: Keychain) -> None:
    keychain.kept["https://ghe.example.org/api/graphql"] = TOKEN
    environ = {**NO_TOKEN, "GITHUB_GRAPHQL_URL": "https://ghe.example.org/api/graphql"}

    first, second = (invoke("auth", "remove", env=environ) for _ in range(2))

    assert first.stdout == "The token for ghe.example.org is no longer in the test's own store.\n"
    assert (second.exit_code, second.stdout) == (0, "There was none for ghe.example.org.\n")


@pytest.mark.usefixtures("keychain")
def test_status_says_where_it_comes_from_and_nothing_of_it() -> None:
    result = invoke("auth", "status", env={**NO_TOKEN, "GITHUB_TOKEN": TOKEN})

    assert (result.exit_code, result.stdout) == (0, "The token for github.com comes from GITHUB_TOKEN.\n")
    assert TOKEN not in result.stdout + result.stderr


@pytest.mark.usefixtures("keychain")
def test_status_without_a_token_is_no_permission() -> None:
    result = invoke("auth", "status", env=NO_TOKEN)

    assert result.exit_code == 3
    assert result.stderr.startswith("error: there is no token for github.com; set GITHUB_TOKEN")


def test_auth_alone_is_help() -> None:
    result = invoke("auth")

    assert result.exit_code == 0
    for name in ("set", "remove", "status", "GITHUB_TOKEN, GH_TOKEN"):
        assert name in result.stdout


@pytest.mark.parametrize("name", ["set", "remove", "status"])
def test_each_has_help(name: str) -> None:
    result = invoke("auth", name, "--help")

    assert result.exit_code == 0
    assert "--graphql-url" in result.stdout
    assert "--config" in result.stdout
