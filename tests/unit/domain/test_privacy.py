"""No e-mail address and no credential of a URL comes through; what only looks like one stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.domain.privacy import redact, strip_credentials


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("no address", "no address"),
        ("Signed-off-by: Ada L. <ada@example.org>", "Signed-off-by: Ada L. <email>"),
        ("mail ada@example.org, now", "mail <email>, now"),
        ("(ada.l+x@mail.example.co.uk)", "(<email>)"),
        ("mailto:ada@example.org", "mailto:<email>"),
        ("a@example.org,b@example.org;c@example.org", "<email>,<email>;<email>"),
        ("ada@example.org.", "<email>."),
        ("'ada@example.org'", "'<email>'"),
        ("<root@localhost>", "<email>"),
        ("<@example.org>", "<email>"),
        ("o'brien@example.org", "<email>"),
        ('"ada lovelace"@example.org', "<email>"),
        ("zoë@exämple.org and 用户@例子.中国", "<email> and <email>"),
        ("x@xn--e1afmkfd.xn--p1ai", "<email>"),
        ("ada@[192.0.2.1]", "<email>"),
        ("12345+ada@users.noreply.github.com", "<email>"),
        ("1234@163.com", "<email>"),
        ("docs/ada@example.org.txt", "docs/<email>.txt"),
        ("https://ada:s3cret@host.example/x.git", "https://host.example/x.git"),
        ("https://ghp_token@github.com/o/n", "https://github.com/o/n"),
        ("see https://a@b.example:pw@host.example/p", "see https://host.example/p"),
    ],
)
def test_addresses_and_credentials_are_taken_out(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "@ada thanks",
        "uses: actions/checkout@v4.1.0",
        "left-pad@1.3.0",
        "react@next",
        "main@{1}",
        "img/icon@2x.png",
        "assets/logo@3x.PNG",
        "vendor/tool@1.2.3.tgz",
        "node_modules/@types/node.d.ts",
        "https://host.example/@ada/1",
        "https://host.example/x.git",
        "a @ b",
        "@",
        "@@",
        "x@",
        "@x.org",
        "@property.setter",
    ],
)
def test_what_only_looks_like_an_address_stays(text: str) -> None:
    assert redact(text) == text


NAMES = st.from_regex(r"[a-z][a-z0-9._+-]{0,20}", fullmatch=True)
DOMAINS = st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,6}){0,2}\.(org|com|de|io)", fullmatch=True)
AROUND = st.text(alphabet=st.characters(exclude_characters='@"', exclude_categories=["Cs"]), max_size=30)


@given(NAMES, DOMAINS, AROUND, AROUND)
def test_no_address_survives_wherever_it_stands(name: str, domain: str, before: str, after: str) -> None:
    for opening, closing in ((" ", " "), ("<", ">"), ("(", ")"), (" ", ".")):
        assert f"{name}@{domain}" not in redact(f"{before}{opening}{name}@{domain}{closing}{after}")


@given(st.text(alphabet='@.a<>" :/\n', max_size=60))
def test_any_text_can_be_redacted_and_then_stays(text: str) -> None:
    once = redact(text)

    assert redact(once) == once


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/o/n.git", "https://github.com/o/n.git"),
        ("https://ada:s3cret@github.com/o/n.git", "https://github.com/o/n.git"),
        ("https://ghp_x@github.com:8443/o/n?access_token=t#f", "https://github.com:8443/o/n"),
        ("https://a@b:c@github.com/o/n", "https://github.com/o/n"),
        ("ssh://git@github.com/o/n", "ssh://github.com/o/n"),
        ("git@github.com:o/n.git", "github.com:o/n.git"),
        ("user:pw@host:o/n", "host:o/n"),
        ("/srv/git/n.git", "/srv/git/n.git"),
        ("../n@2", "../n@2"),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_a_url_loses_its_credentials(url: str, expected: str) -> None:
    assert strip_credentials(url) == expected
