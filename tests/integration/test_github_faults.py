"""Everything that goes wrong between GitHub and us, over real HTTP: what people get, how long we wait, what leaks."""

from __future__ import annotations

import logging
import ssl
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Optional

import httpx
import pytest

from dora_metrics.errors import AccessError, ConfigurationError, DoraMetricsError, UnreachableError
from dora_metrics.extractors.github_address import open_http
from dora_metrics.extractors.github_client import GitHubGraphQLClient
from support.github_asking import Asking, items
from support.github_faults import (
    answering,
    bad_gateway,
    captive_portal,
    errors,
    field_error,
    rate_limit,
    redirect,
    reset,
    resource_limits,
    secondary,
    slow,
    truncated,
    unauthorized,
    went_wrong,
    with_headers,
)
from support.github_server import TOKEN, FakeGitHub, Fault

PULLS = 28
"""Two pages."""
EMAIL = "canary@example.org"
PAT = "Resource not accessible by personal access token"
ACTIONS = "Resource not accessible by integration"
SAML = "Resource protected by organization SAML enforcement. You must grant your OAuth token access."
SSO = "required; url=https://github.com/orgs/acme/sso?authorization_request=CANARY-SSO"
SCOPES = (
    "requires one of the following scopes: ['repo', 'read:org'], but your token has only been granted the: [''] scopes"
)
NO_SENTENCE = ["Traceback", TOKEN, EMAIL, "CANARY-SSO", "bearer"]


@cache
def shared_http() -> httpx.Client:
    """One client for all tests: making one reads all authorities of the machine."""
    return open_http()


@contextmanager
def asking_over_http(**options: Any) -> Iterator[Asking]:
    """An `Asking` whose client speaks real HTTP, with the very client that a run opens."""
    asking = Asking()
    with asking.github.serving() as url:
        given = {"url": url, "token": f"  {TOKEN}\n", "wait": asking.waiter, "jitter": lambda: 0.0, **options}
        asking.client = GitHubGraphQLClient(shared_http(), **given)
        yield asking


@pytest.fixture
def asking() -> Iterator[Asking]:
    with asking_over_http() as made:
        fill(made)
        yield made


def fill(asking: Asking) -> None:
    for _ in range(PULLS):
        asking.world.tick()
        asking.world.add_pull(title=f"by {EMAIL}", body=EMAIL)


def everything_said(error: Optional[BaseException], caplog: pytest.LogCaptureFixture, capfd: Any) -> str:
    """All that could be shown: the error with all that it came from, every log record, both streams."""
    said = [*capfd.readouterr(), caplog.text, *(str(vars(record)) for record in caplog.records)]
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        said += [
            "".join(traceback.format_exception(type(error), error, error.__traceback__)),
            repr(error),
            str(vars(error)),
        ]
        error = error.__cause__ or error.__context__
    return "\n".join(said)


# ---- what ends a run


FINAL = [
    pytest.param(unauthorized(), AccessError, "does not accept the token", id="H1 bad token"),
    pytest.param(
        field_error("FORBIDDEN", ("repository", "pullRequests"), PAT),
        AccessError,
        '"Pull requests: read"',
        id="H2 a fine-grained token lacks a permission",
    ),
    pytest.param(
        field_error("FORBIDDEN", ("repository", "pullRequests"), ACTIONS),
        AccessError,
        "`permissions`",
        id="H2 a workflow's token lacks a permission",
    ),
    pytest.param(
        errors({"type": "INSUFFICIENT_SCOPES", "message": SCOPES}, data={"repository": None}),
        AccessError,
        "scopes: repo, read:org",
        id="H2 a scope is missing",
    ),
    pytest.param(
        errors(
            {"type": "FORBIDDEN", "path": ["repository"], "extensions": {"saml_failure": True}, "message": SAML},
            data={"repository": None},
            x_github_sso=SSO,
        ),
        AccessError,
        "authorize the token for it at https://github.com/orgs/acme/sso",
        id="H2 single sign-on",
    ),
    pytest.param(
        answering(403, {"message": SAML}, x_github_sso=SSO),
        AccessError,
        "github.com/orgs/acme/sso",
        id="H2 the same, 403",
    ),
    pytest.param(
        answering(403, {"message": f"The organization forbids tokens that live longer; ask {EMAIL}"}),
        AccessError,
        "forbids the token",
        id="H2 the organization refuses this token",
    ),
    pytest.param(
        errors(
            {"type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve to a Repository"},
            data={"repository": None},
        ),
        AccessError,
        "acme/shop was not found",
        id="H4 no such repository, or a private one",
    ),
    pytest.param(redirect("https://evil.example/graphql"), UnreachableError, "evil.example", id="H17 redirect"),
    pytest.param(redirect("http://127.0.0.1:1/graphql", 308), UnreachableError, "redirects to", id="H17 308"),
    pytest.param(answering(404, {"message": "Not Found"}), ConfigurationError, "graphql_url", id="a wrong address"),
    pytest.param(answering(407, b"who are you?"), UnreachableError, "HTTPS_PROXY", id="H17 a proxy wants a login"),
    pytest.param(
        errors({"type": "MAX_NODE_LIMIT_EXCEEDED", "message": "500,000"}), DoraMetricsError, "report it", id="our fault"
    ),
    pytest.param(
        errors({"message": "Field 'x' doesn't exist", "extensions": {"code": "undefinedField"}}),
        DoraMetricsError,
        "Enterprise Server may have to be updated",
        id="H15 an Enterprise Server that is too old",
    ),
]


@pytest.mark.parametrize(("fault", "kind", "words"), FINAL)
@pytest.mark.parametrize("at", [1, 2], ids=["at first", "in the middle"])
def test_what_only_a_person_can_mend_ends_at_once(
    asking: Asking, fault: Fault, kind: type[DoraMetricsError], words: str, at: int, caplog: Any, capfd: Any
) -> None:
    caplog.set_level(logging.DEBUG, logger="dora_metrics")
    asking.github.faults[at] = fault
    pages = []

    with pytest.raises(kind) as caught:
        pages.extend(asking.client.get_pull_requests("acme", "shop"))

    assert type(caught.value) is kind
    assert asking.waiter.slept == []
    assert len(asking.github.requests) == at
    assert len(pages) == at - 1
    assert words in f"{caught.value.message}; {caught.value.remedy}"
    assert_safe_line(caught.value)
    said = everything_said(caught.value, caplog, capfd)
    assert not [secret for secret in (TOKEN, EMAIL, "CANARY-SSO") if secret in said]


def assert_safe_line(error: DoraMetricsError) -> None:
    line = error.line()
    assert line.startswith("error: ")
    assert "; " in line
    assert len(line) <= 300
    assert line.isprintable()
    assert not [each for each in NO_SENTENCE if each in line]


# ---- what passes


PASSING = [
    pytest.param([rate_limit()], [601], id="H6 hourly limit"),
    pytest.param([rate_limit("RATE_LIMITED", remaining=7)], [601], id="its older form, with some points left"),
    pytest.param([rate_limit(reset_in_s=None)], [60], id="H15 a limit without headers"),
    pytest.param([rate_limit(reset_in_s=-5)] * 3, [1, 60, 120], id="a reset that lies in the past is not hammered at"),
    pytest.param([secondary(retry_after="30")], [31], id="H6 secondary limit, 403"),
    pytest.param([secondary(429, retry_after="30")], [31], id="secondary limit, 429"),
    pytest.param([secondary(200)], [60], id="secondary limit, 200"),
    pytest.param([secondary()] * 3, [60, 120, 240], id="without a word on how long: a minute, doubling"),
    pytest.param(
        [secondary(x_ratelimit_remaining="0", x_ratelimit_reset="1700004000")], [400], id="secondary until the reset"
    ),
    pytest.param([bad_gateway()], [1], id="H8 502 html"),
    pytest.param([bad_gateway(504, html=False)], [1], id="H8 504 json"),
    pytest.param([went_wrong()], [1], id="H8 the same with 200 and null"),
    pytest.param([resource_limits()], [1], id="H8 compute budget"),
    pytest.param([answering(500, b""), answering(503, {"message": "no"})], [1, 2], id="500 and 503"),
    pytest.param([errors({"type": "BRAND_NEW", "message": "?"}, data={"repository": {}})], [1], id="H7 unknown error"),
    pytest.param(
        [field_error("BRAND_NEW", ("repository", "pullRequests", "edges", 0, "node"))], [1], id="H7 partial data"
    ),
    pytest.param([captive_portal()], [1], id="H9 captive portal"),
    pytest.param([answering(200, b"")], [1], id="H9 empty body"),
    pytest.param([answering(200, b"x", content_encoding="gzip")], [1], id="H9 broken gzip"),
    pytest.param([truncated()], [1], id="H9 truncated"),
    pytest.param([reset(), reset()], [1, 2], id="reset"),
    pytest.param([answering(200, {"data": None})], [1], id="data null"),
    pytest.param([slow(5)], [], id="slow"),
    pytest.param([with_headers(x_ratelimit_remaining="0")], [], id="the last good answer before the limit"),
]


@pytest.mark.parametrize(("faults", "pauses"), PASSING)
def test_what_passes_is_waited_for_and_nothing_is_lost(
    faults: Sequence[Fault], pauses: list[float], caplog: Any, capfd: Any
) -> None:
    caplog.set_level(logging.DEBUG, logger="dora_metrics")
    with asking_over_http() as asking:
        asking.world.now_s = 1_700_000_000
        fill(asking)
        asking.world.now_s = 1_700_003_600
        asking.github.faults.update({2 + place: fault for place, fault in enumerate(faults)})

        found = items(asking.client.get_pull_requests("acme", "shop"))

    assert [pull.number for pull in found] == list(range(1, PULLS + 1))
    assert not any(pull.incomplete for pull in found)
    assert asking.pauses == pauses
    said = everything_said(None, caplog, capfd)
    assert not [secret for secret in (TOKEN, EMAIL) if secret in said]


@pytest.mark.parametrize(
    ("fault", "words", "requests"),
    [
        pytest.param(captive_portal(), "Please log in, <email>", 6, id="captive portal"),
        pytest.param(answering(403, b"<html>no", content_type="text/html"), "HTTP 403", 6, id="403 of a proxy"),
        pytest.param(truncated(), "RemoteProtocolError", 6, id="truncated"),
        pytest.param(reset(), "ReadError", 6, id="reset"),
        pytest.param(answering(200, b"x" * 400, content_encoding="gzip"), "DecodingError", 6, id="gzip"),
        pytest.param(answering(200, b'{"data": {'), "not JSON", 6, id="cut JSON"),
        pytest.param(errors({"type": "BRAND_NEW", "message": EMAIL}), "BRAND_NEW", 6, id="unknown error"),
        pytest.param(errors({"message": f"by {EMAIL}"}), "by <email>", 6, id="unknown error without a type"),
        pytest.param(bad_gateway(), "takes too long", 10, id="502 for ever: each size, then the thin query"),
        pytest.param(secondary(retry_after="1"), "limits us again and again", 9, id="limits for ever"),
        pytest.param(
            answering(200, {"data": {"repository": {"id": "R_1"}}}), "gave no pullRequests", 1, id="another form"
        ),
        pytest.param(
            answering(200, {"data": {"repository": {"id": "R_1", "pullRequests": {"pageInfo": {}}}}}),
            "unknown form",
            1,
            id="a form that we do not know",
        ),
    ],
)
def test_what_does_not_pass_is_an_end_with_a_reason(
    asking: Asking, fault: Fault, words: str, requests: int, caplog: Any, capfd: Any
) -> None:
    caplog.set_level(logging.DEBUG, logger="dora_metrics")
    asking.github.rule = lambda _request, _reply: fault

    with pytest.raises(UnreachableError) as caught:
        items(asking.client.get_pull_requests("acme", "shop"))

    assert words in caught.value.message
    assert len(asking.github.requests) == requests
    assert_safe_line(caught.value)
    said = everything_said(caught.value, caplog, capfd)
    assert not [secret for secret in (TOKEN, EMAIL) if secret in said]


# ---- how long


def test_transient_pauses_double(asking: Asking) -> None:
    asking.github.rule = lambda _request, _reply: reset()

    with pytest.raises(UnreachableError):
        items(asking.client.get_pull_requests("acme", "shop"))

    assert asking.pauses == [1, 2, 4, 8, 16]


def test_waits_longer_than_allowed_end_before_they_begin() -> None:
    with asking_over_http(max_wait_minutes=30) as asking:
        fill(asking)
        asking.github.faults.update({1: rate_limit(reset_in_s=1500), 3: rate_limit(reset_in_s=600)})

        with pytest.raises(UnreachableError) as caught:
            items(asking.client.get_pull_requests("acme", "shop"))

    assert asking.pauses == [1501]
    assert "makes us wait 10 minutes (its hourly limit)" in caught.value.message
    assert "--max-wait allows 30 minutes" in caught.value.message
    assert "UTC, or raise --max-wait; what was fetched is kept" in caught.value.remedy


def test_no_wait_at_all_is_allowed() -> None:
    with asking_over_http(max_wait_minutes=0) as asking:
        asking.github.faults[1] = bad_gateway()

        with pytest.raises(UnreachableError, match="allows 0 minutes"):
            asking.client.get_repository("acme", "shop")

    assert asking.waiter.slept == []


def test_the_real_hourly_limit_of_a_workflow_is_sat_out() -> None:
    with asking_over_http(max_page_size=25) as asking:
        fill(asking)
        asking.github.limit = 1

        found = items(asking.client.get_pull_requests("acme", "shop"))

    assert len(found) == PULLS
    [(seconds, why)] = asking.waiter.slept
    assert 3590 < seconds < 3602
    assert why == "its hourly limit"


def test_an_enterprise_server_without_limits_is_not_taken_for_an_exhausted_one() -> None:
    with asking_over_http() as asking:
        fill(asking)
        asking.github.limit = None

        assert len(items(asking.client.get_pull_requests("acme", "shop"))) == PULLS

    assert asking.waiter.slept == []


def test_requests_keep_the_distance_that_was_asked_for() -> None:
    with asking_over_http(requests_per_minute=6, max_page_size=25, max_wait_minutes=0) as asking:
        fill(asking)
        items(asking.client.get_pull_requests("acme", "shop"))

    assert asking.pauses == [9]


def test_a_token_that_is_revoked_in_the_middle_leaves_the_pages_before(asking: Asking) -> None:
    pages = asking.client.get_pull_requests("acme", "shop")
    first = next(pages)
    asking.github.token = "another"  # noqa: S105 (not a real one)

    with pytest.raises(AccessError):
        next(pages)
    asking.github.token = TOKEN
    rest = items(asking.client.get_pull_requests("acme", "shop", first.cursor))

    assert [pull.number for pull in (*first.items, *rest)] == list(range(1, PULLS + 1))


def test_a_local_clock_that_is_years_off_changes_nothing(asking: Asking) -> None:
    """All times are the server's: it lives in 2023 here."""
    asking.github.faults[1] = rate_limit()

    page = next(asking.client.get_pull_requests("acme", "shop"))

    assert asking.pauses == [601]
    assert page.cursor is not None
    assert asking.client.server_time is not None
    assert asking.client.server_time.year == 2023


# ---- where the token goes


@pytest.mark.parametrize("token", ["abc\ndef", "abc\x00def", "ab cd", "tökén", "", "  \n"])
def test_a_token_that_no_header_can_hold_is_refused_unseen(token: str, caplog: Any, capfd: Any) -> None:
    with pytest.raises(AccessError) as caught:
        Asking(options={"token": token})

    said = everything_said(caught.value, caplog, capfd)
    assert not token.strip() or token.strip() not in said
    assert "def" not in caught.value.line()


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://api.github.com/graphql", True),
        ("https://ghe.example.org/api/graphql", True),
        ("http://127.0.0.1:8080/graphql", True),
        ("http://localhost/graphql", True),
        ("http://[::1]:80/graphql", True),
        ("http://api.github.com/graphql", False),
        ("http://127.0.0.1.evil.example/graphql", False),
        ("http://localhost.evil.example/graphql", False),
        ("https://user:secret@ghe.example.org/api/graphql", False),
        ("ftp://ghe.example.org/graphql", False),
        ("api.github.com/graphql", False),
        ("https://[bad", False),
        ("", False),
    ],
)
def test_the_token_goes_nowhere_in_the_clear(url: str, *, allowed: bool) -> None:
    if allowed:
        Asking(options={"url": url})
        return
    with pytest.raises(ConfigurationError) as caught:
        Asking(options={"url": url})
    assert "secret" not in caught.value.line()


def test_the_token_does_not_follow_a_redirect() -> None:
    elsewhere = FakeGitHub()
    with elsewhere.serving() as other, asking_over_http() as asking:
        for status in (301, 302, 303, 307, 308):
            asking.github.rule = lambda _request, _reply, status=status: redirect(other, status)
            with pytest.raises(UnreachableError, match="redirects to"):
                asking.client.get_repository("acme", "shop")

    assert elsewhere.requests == []


def test_a_client_that_would_follow_redirects_is_told_not_to() -> None:
    elsewhere = FakeGitHub()
    asking = Asking()
    with elsewhere.serving() as other, asking.github.serving() as url, httpx.Client(follow_redirects=True) as http:
        asking.github.rule = lambda _request, _reply: redirect(other, 307)
        client = GitHubGraphQLClient(http, url=url, token=TOKEN, wait=asking.waiter)
        with pytest.raises(UnreachableError):
            client.get_repository("acme", "shop")

    assert elsewhere.requests == []


def test_certificates_are_checked() -> None:
    with open_http() as http:
        pool = http._transport._pool  # type: ignore[attr-defined]

        assert pool._ssl_context.verify_mode is ssl.CERT_REQUIRED
        assert pool._ssl_context.check_hostname
        assert not http.follow_redirects


def test_a_certificate_that_is_not_trusted_is_named_and_not_retried() -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        message = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"
        raise httpx.ConnectError(message)

    asking = Asking()
    http = httpx.Client(transport=httpx.MockTransport(refuse))
    client = GitHubGraphQLClient(http, url="https://ghe.example.org/api/graphql", token=TOKEN, wait=asking.waiter)

    with pytest.raises(UnreachableError, match=r"certificate of ghe\.example\.org") as caught:
        client.get_repository("acme", "shop")

    assert "SSL_CERT_FILE" in caught.value.remedy
    assert asking.waiter.slept == []


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch, asking: Asking) -> None:
    monkeypatch.setattr("dora_metrics.extractors.github_session.LARGEST_ANSWER", 20_000)
    asking.github.faults[1] = answering(200, b'{"data": "' + b"x" * 50_000 + b'"}')

    assert len(items(asking.client.get_releases("acme", "shop"))) == 0
    assert asking.sizes == [100, 50]
