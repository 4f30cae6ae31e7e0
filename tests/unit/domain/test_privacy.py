"""No e-mail address and no credential of a URL comes through; what only looks like one stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.domain.privacy import hide_secrets, redact, redact_parts, strip_credentials


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


AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"  # in two parts: no scanner for secrets shall take this file for a leak
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----"
SLACK = "https://hooks.slack.com/services/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Remove ghp_0123456789abcdefghij0123 again", "Remove *** again"),
        ("'gho_0123456789abcdefghij'", "'***'"),
        ("github_pat_11ABCDEFG0123456789_abcdefgh", "***"),
        ("glpat-0123456789abcdefghij", "***"),
        ("xoxb-123456789012-abcdef", "***"),
        (f"npm_{'a1' * 18}, pypi-{'A-' * 25}", "***, ***"),
        ("sk_live_" + "0123456789abcdefghij", "***"),
        (f"AIza{'a' * 35}", "***"),
        (f"({AWS_KEY})", "(***)"),
        (f"aws_secret_access_key = {AWS_SECRET}", "aws_secret_access_key = ***"),
        (f'"SecretAccessKey": "{AWS_SECRET}"', '"SecretAccessKey": "***"'),
        (f"AWS_SESSION_TOKEN={'FwoGZXIvYXdzE' * 10}==", "AWS_SESSION_TOKEN=***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_1 ok", "*** ok"),
        (f"a\n{PRIVATE_KEY}\nMIIE\n-----END RSA PRIVATE KEY-----\nb", "a\n***\nb"),
        (f"on one line {PRIVATE_KEY} MIIE", "on one line ***"),
        (f"{SLACK}T0/B0/xyz>", "https://hooks.slack.com/***>"),
        ("https://discord.com/api/webhooks/1/x", "https://discord.com/api/webhooks/***"),
        ("https://acme.webhook.office.com/webhookb2/x", "https://acme.webhook.office.com/***"),
        ("https://ghp_0123456789abcdefghij0123@github.com/o/n", "https://github.com/o/n"),
        ("ghp_0123456789abcdefghij of ada@example.org", "*** of <email>"),
    ],
)
def test_what_has_the_form_of_a_secret_is_taken_out(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "the prefixes ghp_, github_pat_, xox- and AKIA",
        "session_token: validate its length",
        "rename AWS_SECRET_ACCESS_KEY to AWS_KEY",
        "-----BEGIN CERTIFICATE-----",
        "https://slack.com/help and https://discord.com/invite/x",
        "0123456789abcdef0123456789abcdef01234567",
        "sighp_0123456789abcdefghij0123",
        "MAKIAVELLIAN0123456789ABCD",
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert redact(text) == text


FORMS = st.one_of(
    st.from_regex(r"gh[a-z]_[A-Za-z0-9]{16,20}", fullmatch=True),
    st.from_regex(r"(github_pat_|glpat-)[A-Za-z0-9_]{16,20}", fullmatch=True),
    st.from_regex(r"xox[a-z]-[A-Za-z0-9]{10,20}", fullmatch=True),
    st.from_regex(r"(AKIA|ASIA)[A-Z0-9]{16}", fullmatch=True),
    st.from_regex(r"eyJ[a-z]{8}\.eyJ[a-z]{8}\.[a-z]{2}", fullmatch=True),
    st.from_regex(r"([sS]ecretAccessKey|secret_access_key|SECRET_ACCESS_KEY)[:=][A-Za-z0-9/+]{40}", fullmatch=True),
    st.from_regex(r"([sS]essionToken|session_token|SESSION_TOKEN)[:=][a-z]{100}", fullmatch=True),
    st.from_regex(
        r"https://(hooks\.slack\.com|discord\.com/api/webhooks|x\.logic\.azure\.com)/[a-z]{3}", fullmatch=True
    ),
    st.just(PRIVATE_KEY),
)


SURROUNDINGS = st.text(alphabet=" abc/_-.:\"'\n", max_size=20)


@given(FORMS, SURROUNDINGS, SURROUNDINGS)
def test_the_quick_look_overlooks_no_secret(secret: str, before: str, after: str) -> None:
    text = f"{before} {secret} {after}"

    assert hide_secrets(text) != text
    assert secret not in redact(text)
    assert redact(redact(text)) == redact(text)


PARTS = st.lists(
    st.one_of(FORMS, SURROUNDINGS, st.sampled_from(["a@b.org", "https://u:p@h.org/x", "<x@y>"])), max_size=5
)


@given(PARTS)
def test_parts_looked_through_together_come_out_as_one_by_one(parts: list[str]) -> None:
    """As the parts of a record are, with NUL between: no secret and no address of any of them is overlooked."""
    assert list(redact_parts("\0".join(parts), parts)) == [redact(part) for part in parts]


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
