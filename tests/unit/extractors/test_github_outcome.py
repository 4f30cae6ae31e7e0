"""What an answer means, row by row of what GitHub is known to send."""

from __future__ import annotations

import json
from typing import Any, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.extractors.github_outcome import (
    Answered,
    BadCursor,
    Limited,
    Outcome,
    Refused,
    TooHeavy,
    Transient,
    classify,
)

DATE = {"date": "Tue, 14 Nov 2023 22:13:20 GMT"}
NOW_S = 1_700_000_000
LIMITS = {**DATE, "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NOW_S + 600)}
WENT_WRONG = "Something went wrong while executing your query. Please include `A:1` when reporting this issue."
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait.", "documentation_url": "https://docs"}
PAT = "Resource not accessible by personal access token"
SCOPES = (
    "Your token has not been granted the required scopes to execute this query. The 'login' field requires one of the "
    "following scopes: ['read:org', 'repo'], but your token has only been granted the: ['gist'] scopes."
)


def error(kind: str = "", path: Union[list[Any], None] = None, message: str = "no", **more: Any) -> dict[str, Any]:
    return {"message": message, **({"type": kind} if kind else {}), **({"path": path} if path else {}), **more}


def judged(status: int, body: Any, headers: Union[dict[str, str], None] = None) -> Outcome:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return classify(status, DATE if headers is None else headers, content)


def with_errors(*errors: dict[str, Any], data: Any = None) -> dict[str, Any]:
    return {"data": data, "errors": list(errors)}


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        pytest.param(200, with_errors(error("RATE_LIMIT")), LIMITS, Limited(600, hourly=True), id="hourly limit"),
        pytest.param(200, with_errors(error("RATE_LIMITED")), LIMITS, Limited(600, hourly=True), id="its older form"),
        pytest.param(
            200,
            {"errors": [error(code="x", extensions={"code": "graphql_rate_limit"}, message="API rate limit exceeded")]},
            LIMITS,
            Limited(600, hourly=True),
            id="hourly limit by its words",
        ),
        pytest.param(
            200,
            with_errors(error("RATE_LIMIT")),
            {**LIMITS, "x-ratelimit-remaining": "7"},
            Limited(600, hourly=True),
            id="a query dearer than what is left",
        ),
        pytest.param(200, with_errors(error("RATE_LIMIT")), {}, Limited(None, hourly=True), id="no headers at all"),
        pytest.param(200, {"data": {"a": 1}}, {**LIMITS}, "answered", id="the last good answer before the limit"),
        pytest.param(403, SECONDARY, {**DATE, "retry-after": "30"}, Limited(30, hourly=False), id="secondary 403"),
        pytest.param(429, SECONDARY, {**DATE, "retry-after": "30"}, Limited(30, hourly=False), id="secondary 429"),
        pytest.param(429, b"slow down", DATE, Limited(None, hourly=False), id="429 without a word of JSON"),
        pytest.param(
            200, with_errors(error(message=SECONDARY["message"])), DATE, Limited(None, hourly=False), id="secondary 200"
        ),
        pytest.param(403, SECONDARY, LIMITS, Limited(600, hourly=False), id="secondary with a reset and 0 remaining"),
        pytest.param(
            403,
            SECONDARY,
            {**DATE, "retry-after": "Tue, 14 Nov 2023 22:14:20 GMT"},
            Limited(60, hourly=False),
            id="retry-after as a date",
        ),
        pytest.param(502, b"<html>", DATE, TooHeavy("HTTP 502"), id="time-out as html"),
        pytest.param(504, {"message": "We couldn't respond to your request in time."}, DATE, TooHeavy, id="504 json"),
        pytest.param(502, with_errors(error(message=WENT_WRONG)), DATE, TooHeavy, id="502 json"),
        pytest.param(200, with_errors(error(message=WENT_WRONG)), DATE, TooHeavy, id="the same with 200"),
        pytest.param(
            200,
            with_errors(error("RESOURCE_LIMITS_EXCEEDED", ["repository"]), data={"repository": None}),
            DATE,
            TooHeavy,
            id="compute budget",
        ),
        pytest.param(200, with_errors(error("MAX_NODE_LIMIT_EXCEEDED")), DATE, "query", id="node limit"),
        pytest.param(
            200,
            with_errors(error("EXCESSIVE_PAGINATION", ["repository", "labels"]), data={"repository": {}}),
            DATE,
            "query",
            id="page too large",
        ),
        pytest.param(200, with_errors(error("MISSING_PAGINATION_BOUNDARIES", ["a"])), DATE, "query", id="no page size"),
        pytest.param(
            200,
            with_errors(error(extensions={"code": "undefinedField"})),
            DATE,
            "query",
            id="a field that is not there",
        ),
        pytest.param(
            200,
            with_errors(error("NOT_FOUND", ["repository"]), data={"repository": None}),
            DATE,
            "not_found",
            id="no such repository, or no access",
        ),
        pytest.param(
            200,
            with_errors(error("FORBIDDEN", ["repository"], extensions={"saml_failure": True}), data={}),
            {**DATE, "x-github-sso": "required; url=https://github.com/orgs/acme/sso?authorization_request=SECRET"},
            "sso https://github.com/orgs/acme/sso",
            id="single sign-on",
        ),
        pytest.param(
            403,
            {"message": "Resource protected by organization SAML enforcement."},
            {**DATE, "x-github-sso": "required; url=https://github.com/orgs/acme/sso?authorization_request=SECRET"},
            "sso https://github.com/orgs/acme/sso",
            id="single sign-on as 403",
        ),
        pytest.param(
            200,
            with_errors(error("FORBIDDEN", ["repository", "pullRequests"], PAT), data={"repository": {}}),
            DATE,
            "permission repository.pullRequests",
            id="a fine-grained token lacks a permission",
        ),
        pytest.param(200, with_errors(error("INSUFFICIENT_SCOPES", message=SCOPES)), DATE, "scope", id="scope"),
        pytest.param(401, {"message": "Bad credentials"}, LIMITS, "token", id="bad token, with an hour's headers"),
        pytest.param(401, b"", {**DATE, "retry-after": "9"}, "token", id="bad token is never waited for"),
        pytest.param(
            403, b"Request forbidden by administrative rules", DATE, Transient, id="no User-Agent, or a proxy"
        ),
        pytest.param(403, {"message": "Must have admin rights"}, DATE, "forbidden", id="another 403"),
        pytest.param(
            200,
            with_errors(error("INVALID_CURSOR_ARGUMENTS", ["repository"]), data={}),
            DATE,
            BadCursor,
            id="bad cursor",
        ),
        pytest.param(
            302, b"", {"location": "https://login.hotel.example/?x=1"}, "redirect login.hotel.example", id="302"
        ),
        pytest.param(200, b"<html>Welcome", DATE, Transient, id="captive portal"),
        pytest.param(200, b"", DATE, Transient, id="empty body"),
        pytest.param(200, b'{"data": {"repo', DATE, Transient, id="cut off"),
        pytest.param(200, b"[1]", DATE, Transient, id="JSON of another kind"),
        pytest.param(200, {"data": None}, DATE, Transient, id="data null without errors"),
        pytest.param(200, with_errors(error("WHAT_IS_THIS"), data={"a": 1}), DATE, Transient, id="an unknown error"),
        pytest.param(200, {"data": {"a": 1}, "errors": "odd"}, DATE, Transient, id="errors of a strange form"),
        pytest.param(500, {"message": "Server Error"}, DATE, Transient, id="500"),
        pytest.param(404, {"message": "Not Found"}, DATE, "no_api", id="a wrong address"),
        pytest.param(407, b"", DATE, "proxy", id="a proxy that wants a login"),
        pytest.param(
            200,
            with_errors(error("NOT_FOUND", ["nodes", 3]), data={"nodes": [None]}),
            DATE,
            "answered",
            id="an id that is gone is harmless",
        ),
        pytest.param(
            200,
            with_errors(
                error(
                    "FORBIDDEN",
                    ["repository", "pullRequests", "edges", 0, "node", "closingIssuesReferences", "nodes", 1],
                ),
                data={"repository": {}},
            ),
            DATE,
            "answered",
            id="an issue that another repository hides is harmless",
        ),
        pytest.param(
            200,
            with_errors(
                error("FORBIDDEN", ["repository", "pullRequests", "edges", 0, "node", "closingIssuesReferences"], PAT),
                data={"repository": {}},
            ),
            DATE,
            "permission repository.pullRequests.edges.node.closingIssuesReferences",
            id="a whole list that is forbidden is not",
        ),
        pytest.param(
            200,
            with_errors(error("NOT_FOUND", ["nodes", 0]), error("RESOURCE_LIMITS_EXCEEDED", ["nodes", 1]), data={}),
            DATE,
            TooHeavy,
            id="one harmless error excuses no other",
        ),
    ],
)
def test_what_an_answer_means(status: int, body: Any, headers: dict[str, str], expected: Any) -> None:
    outcome = judged(status, body, headers)

    if expected == "answered":
        assert isinstance(outcome, Answered)
    elif isinstance(expected, str):
        assert isinstance(outcome, Refused)
        assert f"{outcome.reason} {outcome.detail}".startswith(expected)
        assert "SECRET" not in outcome.detail
    elif isinstance(expected, type):
        assert isinstance(outcome, expected)
    else:
        assert outcome == expected


def test_a_strange_answer_is_shown_short_and_without_addresses() -> None:
    body = b"<p>\x00\x07 Dear ada@example.org, please \xff log in " + b"x" * 5000

    outcome = judged(200, body)

    assert isinstance(outcome, Transient)
    assert "Dear <email>, please" in outcome.why
    assert len(outcome.why) < 140
    assert outcome.why.isprintable()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
kinds = st.sampled_from(["", "NOT_FOUND", "FORBIDDEN", "RATE_LIMIT", "RESOURCE_LIMITS_EXCEEDED", "NEW_ONE"])
odd_errors = st.fixed_dictionaries(
    {}, optional={"type": kinds | json_values, "path": json_values, "message": json_values, "extensions": json_values}
)
header_names = ("date", "retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "x-github-sso", "location")


@given(
    status=st.integers(100, 599),
    body=st.binary(max_size=40) | json_values.map(lambda value: json.dumps(value).encode()),
    headers=st.dictionaries(st.sampled_from(header_names), st.text(max_size=12) | st.just("0"), max_size=4),
)
def test_any_answer_is_understood_somehow(status: int, body: bytes, headers: dict[str, str]) -> None:
    outcome = classify(status, headers, body)

    if isinstance(outcome, Answered):
        assert status == 200
        assert json.loads(body)["data"] == outcome.payload
    if isinstance(outcome, Limited):
        assert outcome.wait_s is None or outcome.wait_s >= 0


@given(errors=st.lists(odd_errors | json_values, min_size=1, max_size=3), payload=json_values)
def test_nothing_is_taken_from_an_answer_with_an_error_that_is_not_harmless(errors: list[Any], payload: Any) -> None:
    outcome = judged(200, {"data": payload, "errors": errors})

    if isinstance(outcome, Answered):
        assert all(each["type"] in {"NOT_FOUND", "FORBIDDEN"} and each["path"] for each in errors)
