from __future__ import annotations

import time

import pytest

from dora_metrics.redaction import Redactor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("token ghp_0123456789abcdefghij0123 refused", "token *** refused"),
        ("github_pat_11ABCDEFG0123456789_abcdefgh", "***"),
        ("key AKIAIOSFODNN7EXAMPLE", "key ***"),
        ("Authorization: Bearer abc.def.ghi", "Authorization: ***"),
        ("{'authorization': 'token abcdef', 'accept': '*'}", "{'authorization': '***', 'accept': '*'}"),
        ("(b'Authorization', b'bearer abcdefgh')", "(b'Authorization', b'***')"),
        ("sent Bearer abcdefgh123", "sent Bearer ***"),
        ("https://h/x?X-Amz-Signature=abc&page=2", "https://h/x?X-Amz-Signature=***&page=2"),
        ("https://h/x?access_token=abc", "https://h/x?access_token=***"),
        ("https://hooks.slack.com/services/T0/B0/xyz failed", "https://hooks.slack.com/*** failed"),
        ("cannot clone https://ada:pw@h.example/x.git", "cannot clone https://h.example/x.git"),
        ("by Ada <ada@example.org>", "by Ada <email>"),
        ("2 tags at 3 p.m., @ada merged #12", "2 tags at 3 p.m., @ada merged #12"),
    ],
)
def test_forms_of_secrets_are_hidden(text: str, expected: str) -> None:
    assert Redactor().text(text) == expected


def test_values_of_secret_variables_are_hidden_longest_first() -> None:
    """A secret that begins with another one leaves no rest behind."""
    redactor = Redactor.from_environment(
        {"GITHUB_TOKEN": "abcdef", "AWS_SECRET_ACCESS_KEY": "abcdef-ghijkl\n", "HOME": "/home/ada"}
    )

    assert redactor.text("abcdef-ghijkl and abcdef in /home/ada") == "*** and *** in /home/ada"


def test_what_is_learnt_later_is_hidden_too() -> None:
    redactor = Redactor()
    redactor.learn(["https://chat.example/hook/1", "short"])

    assert redactor.text("POST https://chat.example/hook/1 is too short") == "POST *** is too short"


def test_values_inside_tables_and_lists_are_hidden() -> None:
    redactor = Redactor(["hunter22"])
    value = {"hunter22": ["a hunter22", 1, None, True, 0.5], "nested": {"x": ("hunter22",)}}

    assert redactor.value(value) == {"***": ["a ***", 1, None, True, "0.5"], "nested": {"x": ["***"]}}


@pytest.mark.parametrize("text", ["a" * 100_000, "a." * 50_000, "a@" * 50_000, "?x" * 50_000, "https://" * 10_000])
def test_no_long_text_hangs(text: str) -> None:
    """An expression that goes back and forth would take minutes for these."""
    started = time.perf_counter()

    Redactor().text(text)

    assert time.perf_counter() - started < 20
