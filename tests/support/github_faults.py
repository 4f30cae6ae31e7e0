"""What goes wrong between GitHub and us: each a `Fault` for `FakeGitHub.faults` or `.rule`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Optional, Union

from support.github_server import FakeGitHub, Fault, Reply, Request

HTML = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center>nginx</center></body></html>"
WENT_WRONG = "Something went wrong while executing your query. Please include `C0FF:1` when reporting this issue."


def answering(status: int, body: Union[bytes, dict[str, Any]], **headers: str) -> Fault:
    """Another answer altogether; in the names of `headers` `_` stands for `-`."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def fault(github: FakeGitHub, _request: Request, _reply: Reply) -> Reply:
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(status, {**github.headers(), **changed}, content)

    return fault


def errors(*each: dict[str, Any], data: Any = ..., status: int = 200, **headers: str) -> Fault:
    """`errors` without data, or with the `data` given."""
    return answering(status, {"errors": list(each), **({} if data is ... else {"data": data})}, **headers)


def rate_limit(kind: str = "RATE_LIMIT", *, remaining: int = 0, reset_in_s: Optional[float] = 600) -> Fault:
    """The hourly limit, with HTTP 200."""

    def fault(github: FakeGitHub, _request: Request, _reply: Reply) -> Reply:
        headers = {**github.headers(), "x-ratelimit-remaining": str(remaining)}
        headers.pop("x-ratelimit-reset", None)
        if reset_in_s is not None:
            headers["x-ratelimit-reset"] = str(int(github.world.now_s + reset_in_s))
        error = {
            "type": kind,
            "code": "graphql_rate_limit",
            "message": "API rate limit already exceeded for user ID 1.",
        }
        return Reply(200, headers, json.dumps({"errors": [error]}).encode())

    return fault


def secondary(status: int = 403, **headers: str) -> Fault:
    """The secondary limit: `retry_after="30"` says how long."""
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    if status == 200:
        return errors({"message": message}, **headers)
    return answering(status, {"message": message, "documentation_url": "https://docs.github.com/graphql"}, **headers)


def bad_gateway(status: int = 502, *, html: bool = True) -> Fault:
    """GitHub's ten seconds are over."""
    if html:
        return answering(status, HTML, content_type="text/html")
    return answering(status, {"data": None, "errors": [{"message": WENT_WRONG}]})


def went_wrong() -> Fault:
    """The same with 200."""
    return answering(200, {"data": None, "errors": [{"message": WENT_WRONG}]})


def field_error(kind: str, path: Sequence[Union[str, int]], message: str = "", **extensions: Any) -> Fault:
    """The right answer, but null at `path` and an error about it."""

    def fault(_github: FakeGitHub, _request: Request, reply: Reply) -> Reply:
        body = reply.json
        place = body["data"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = None
        error: dict[str, Any] = {"path": list(path), "message": message or kind}
        error.update({"type": kind} if kind else {}, **({"extensions": extensions} if extensions else {}))
        return reply.with_json({**body, "errors": [*body.get("errors", []), error]})

    return fault


def resource_limits() -> Fault:
    """More computing than GitHub allows: null nodes, which are not "nothing there"."""
    message = "Resource limits for this query exceeded."
    return field_error("RESOURCE_LIMITS_EXCEEDED", ("repository", "pullRequests", "edges"), message)


def with_headers(**headers: str) -> Fault:
    """The right answer with other headers."""
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _github, _request, reply: replace(reply, headers={**reply.headers, **changed})


def reset() -> Fault:
    """The connection is reset."""
    return lambda _github, _request, reply: replace(reply, broken="reset")


def truncated() -> Fault:
    """The answer ends in the middle."""
    return lambda _github, _request, reply: replace(reply, broken="truncated")


def slow(seconds: float) -> Fault:
    """The right answer, late."""

    def fault(github: FakeGitHub, _request: Request, reply: Reply) -> Reply:
        github.world.tick(seconds)
        return reply

    return fault


def unauthorized() -> Fault:
    """The token was revoked."""
    return answering(401, {"message": "Bad credentials"}, x_ratelimit_remaining="0")


def redirect(target: str, status: int = 302) -> Fault:
    """Another place."""
    return answering(status, b"", location=target)


def captive_portal() -> Fault:
    """A hotel's page."""
    return answering(
        200, b"<!doctype html><title>Welcome</title>Please log in, guest@example.org", content_type="text/html"
    )
