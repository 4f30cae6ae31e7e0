"""Where the token comes from, and that it is seen nowhere on its way."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import pytest

from dora_metrics.errors import AccessError
from dora_metrics.extractors.github_address import api_host
from dora_metrics.extractors.github_token import SERVICE, find_token, remove_token, require_token, store_token

URL = "https://api.github.com/graphql"
ENTERPRISE = "https://ghe.example.org/api/graphql"
TOKEN = "canary-token-Xq7f31"  # noqa: S105 (not a real one)
NOWHERE: dict[str, str] = {"PATH": ""}


class InMemory(keyring.backend.KeyringBackend):
    """A store that a test can look into; `__module__` says for which one it stands in."""

    priority = 9.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = False

    def get_password(self, service: str, username: str) -> Optional[str]:
        self._fail()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._fail(password)
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._fail()
        del self.kept[service, username]

    def _fail(self, password: str = "") -> None:
        if self.broken:
            message = f"no D-Bus here for {password}"
            raise OSError(message)


class SecretService(InMemory):
    """As if it were the desktop's own."""


class PlainFile(InMemory):
    """As if it wrote a file."""


SecretService.__module__ = "keyring.backends.SecretService"
PlainFile.__module__ = "keyrings.alt.file"


@pytest.fixture(autouse=True)
def _own_store() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def store() -> SecretService:
    made = SecretService()
    keyring.set_keyring(made)
    return made


def gh(folder: Path, body: str) -> dict[str, str]:
    program = folder / "gh"
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_the_places_are_asked_in_their_order(tmp_path: Path, store: SecretService) -> None:
    environ = {**gh(tmp_path, "echo from-gh"), "GITHUB_TOKEN": "first", "GH_TOKEN": "second"}
    store.kept[SERVICE, "github.com"] = "third"
    found = []
    for gone in ("", "GITHUB_TOKEN", "GH_TOKEN"):
        environ.pop(gone, None)
        found.append(find_token(environ, URL))
    store.kept.clear()
    found.append(find_token(environ, URL))

    assert [(token.value, token.source) for token in found if token] == [
        ("first", "GITHUB_TOKEN"),
        ("second", "GH_TOKEN"),
        ("third", "the secret service of the desktop"),
        ("from-gh", "gh auth token"),
    ]


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    assert find_token({**NOWHERE, "GITHUB_TOKEN": "", "GH_TOKEN": " \n"}, URL) is None
    assert find_token({**gh(tmp_path, "exit 1")}, URL) is None


def test_a_token_is_stripped_and_not_shown() -> None:
    token = find_token({"GITHUB_TOKEN": f" {TOKEN}\r\n"}, URL)

    assert token
    assert token.value == TOKEN
    assert TOKEN not in repr(token)


def test_an_impossible_token_is_refused_unseen() -> None:
    with pytest.raises(AccessError) as caught:
        find_token({"GITHUB_TOKEN": f"{TOKEN}\n{TOKEN}"}, URL)

    assert TOKEN not in caught.value.line()


def test_without_any_the_remedy_is_named() -> None:
    with pytest.raises(AccessError, match=r"there is no token for github\.com") as caught:
        require_token(NOWHERE, URL)

    assert "GITHUB_TOKEN" in caught.value.remedy


def test_gh_is_asked_for_the_right_host_and_may_fail(tmp_path: Path) -> None:
    environ = gh(tmp_path, 'test "$*" = "auth token --hostname ghe.example.org" && echo right')

    token = find_token(environ, ENTERPRISE)

    assert token
    assert token.value == "right"
    assert find_token(environ, URL) is None


def test_each_host_has_a_token_of_its_own(store: SecretService) -> None:
    store_token(URL, "one")
    store_token(ENTERPRISE, "two")

    assert store.kept == {(SERVICE, "github.com"): "one", (SERVICE, "ghe.example.org"): "two"}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (URL, "github.com"),
        (ENTERPRISE, "ghe.example.org"),
        ("https://api.acme.ghe.com/graphql", "acme.ghe.com"),
        ("https://api.example.org/graphql", "api.example.org"),
    ],
)
def test_the_host_that_people_know(url: str, host: str) -> None:
    assert api_host(url) == host


def test_set_find_and_remove(store: SecretService) -> None:
    assert remove_token(URL) is None
    assert store_token(URL, f"{TOKEN}\n") == "the secret service of the desktop"
    found = find_token(NOWHERE, URL)
    assert found
    assert found.value == TOKEN
    assert remove_token(URL) == "the secret service of the desktop"
    assert store.kept == {}
    assert find_token(NOWHERE, URL) is None


def test_a_store_in_plain_text_is_refused() -> None:
    plain = PlainFile()
    plain.kept[SERVICE, "github.com"] = TOKEN
    keyring.set_keyring(plain)

    assert find_token(NOWHERE, URL) is None
    with pytest.raises(AccessError, match="no credential store here that keeps a token encrypted"):
        store_token(URL, TOKEN)


def test_of_several_stores_the_encrypted_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    safe, chain = SecretService(), keyring.backends.chainer.ChainerBackend()
    monkeypatch.setattr(keyring.backends.chainer.ChainerBackend, "backends", [PlainFile(), safe])
    keyring.set_keyring(chain)

    store_token(URL, TOKEN)

    assert safe.kept == {(SERVICE, "github.com"): TOKEN}


def test_a_machine_without_any_store_works() -> None:
    assert find_token(NOWHERE, URL) is None
    with pytest.raises(AccessError):
        remove_token(URL)


def test_without_the_library_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    assert find_token(NOWHERE, URL) is None
    with pytest.raises(AccessError, match="no credential store") as caught:
        store_token(URL, TOKEN)
    assert "dora-metrics[keyring]" in caught.value.remedy


def test_a_store_that_fails_is_no_token_when_reading_and_an_error_when_writing(
    store: SecretService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="dora_metrics")
    store.broken = True

    assert find_token(NOWHERE, URL) is None
    with pytest.raises(AccessError, match="did not take the token") as caught:
        store_token(URL, TOKEN)
    with pytest.raises(AccessError, match="did not give up the token"):
        remove_token(URL)

    assert TOKEN not in str(vars(caught.value)) + caplog.text


def test_a_keyring_that_cannot_even_start_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Any:
        message = "no session bus"
        raise RuntimeError(message)

    monkeypatch.setattr(keyring, "get_keyring", fail)

    assert find_token(NOWHERE, URL) is None
