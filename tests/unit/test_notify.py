"""A message reaches its targets or a warning says which one did not take it; no address is ever told to anyone."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dora_metrics import notify as module
from dora_metrics.notify import NOT_INSTALLED, Message, notify
from support.webhook import SECRET, Hook, a_webhook

MESSAGE = Message("acme/shop: 2 rows need a person", "2 rows need a person, 1 of them new.")


@pytest.fixture
def hook() -> Iterator[Hook]:
    with a_webhook() as server:
        yield server


def test_without_targets_nothing_is_loaded_and_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    assert notify([], {}, MESSAGE) == []


def test_without_apprise_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    assert notify(["HOOK"], {"HOOK": "jsons://example.org"}, MESSAGE) == [NOT_INSTALLED]


@pytest.mark.parametrize("scheme", ["json", "http"])
def test_a_webhook_gets_title_and_counts(hook: Hook, scheme: str) -> None:
    assert notify(["HOOK"], {"HOOK": f" {hook.address(scheme)}\n"}, MESSAGE) == []

    assert hook.paths == [f"/{SECRET}"]
    assert MESSAGE.title in hook.bodies[0]
    assert MESSAGE.body in hook.bodies[0]


def test_each_target_is_tried_whatever_became_of_the_others(hook: Hook) -> None:
    wrong = notify(["NONE", "HOOK", "ODD"], {"HOOK": hook.address(), "ODD": "rubbish"}, MESSAGE)

    assert len(hook.bodies) == 1
    assert [text.split(":")[0] for text in wrong] == ["nobody was notified over NONE", "nobody was notified over ODD"]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_service_that_does_not_take_it_is_a_warning(
    hook: Hook, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook.status = status
    hook.headers = {"Location": hook.address("http").replace(SECRET, "elsewhere")}

    wrong = notify(["HOOK"], {"HOOK": hook.address()}, MESSAGE)

    assert wrong == ["nobody was notified over HOOK: JSON did not take it"]
    assert hook.paths == [f"/{SECRET}"], "a redirect is not followed"
    assert SECRET not in caplog.text


def test_a_service_that_hangs_is_not_waited_for_long(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    hook.wait.clear()

    assert notify(["HOOK"], {"HOOK": hook.address()}, MESSAGE) == [
        "nobody was notified over HOOK: JSON did not take it"
    ]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        pytest.param("", "the variable is not set", id="an empty variable"),
        pytest.param("rubbish", "it holds no address that apprise knows", id="no address at all"),
        pytest.param(
            f"json://example.org/{SECRET}", "its address is not encrypted", id="plain http to another machine"
        ),
        pytest.param(f"http://example.org/{SECRET}", "its address is not encrypted", id="a plain web address"),
        pytest.param(
            f"mailto://user:{SECRET}@example.org?mode=insecure", "not encrypted", id="mail without encryption"
        ),
        pytest.param(f"jsons://169.254.169.254/{SECRET}", "its host is link-local", id="a cloud's metadata service"),
        pytest.param(f"jsons://[fe80::1]/{SECRET}", "its host is link-local", id="link-local of IPv6"),
    ],
)
def test_where_nothing_is_sent_and_why(address: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> bool:
        pytest.fail("something was sent")

    monkeypatch.setattr(module, "_taken", never)

    [told] = notify(["HOOK"], {"HOOK": address}, MESSAGE)

    assert why in told
    assert SECRET not in told


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "workflows://example.org/a1b2c3d4/e5f6a7b8c9",
        "mailtos://user:password@example.org",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "https://example.org/hook",
    ],
)
def test_services_that_encrypt_are_sent_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    monkeypatch.setattr(module, "_taken", lambda server, _: sent.append(server) is None)

    assert notify(["HOOK"], {"HOOK": address}, MESSAGE) == []

    assert sent[0].redirects is False
    assert sent[0].request_timeout == (module.TIMEOUT_S, module.TIMEOUT_S)


def test_a_plugin_that_raises_is_a_warning_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> bool:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("apprise.plugins.custom_json.NotifyJSON.notify", broken)

    told = notify(["HOOK"], {"HOOK": f"jsons://example.org/{SECRET}"}, MESSAGE)

    assert told == ["nobody was notified over HOOK: JSON did not take it"]


def test_the_module_itself_holds_no_heavy_import() -> None:
    assert "import apprise" in Path(module.__file__).read_text(encoding="utf-8").split("def notify")[1]
