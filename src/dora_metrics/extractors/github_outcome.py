"""What an answer of GitHub means: a pure function of status, headers and body.

Status, headers and *all* errors are looked at before the data. With any error that is not on the short list of harmless
ones the answer is not complete, and nothing of it is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Optional, Union
from urllib.parse import urlsplit

from dora_metrics.domain.privacy import redact
from dora_metrics.extractors.github_headers import retry_after, server_time, until_reset

SHOWN = 80
"""Characters of a strange answer that are shown."""
LIMIT_TYPES = frozenset({"RATE_LIMIT", "RATE_LIMITED"})
OUR_FAULTS = frozenset({"MAX_NODE_LIMIT_EXCEEDED", "MISSING_PAGINATION_BOUNDARIES", "EXCESSIVE_PAGINATION"})
HEAVY_STATUS = frozenset({408, 502, 504})
_HEAVY = re.compile(
    r"something went wrong while executing your query|couldn't respond to your request in time|timed? ?out",
    re.IGNORECASE,
)
_SECONDARY = re.compile(r"secondary rate limit|abuse detection", re.IGNORECASE)
_PRIMARY = re.compile(r"API rate limit (?:already )?exceeded", re.IGNORECASE)
_SSO_URL = re.compile(r"url=(https://[^\s;,]+)", re.IGNORECASE)
_HARMLESS_BELOW = (("closingIssuesReferences", "nodes"), ("timelineItems", "nodes"))
"""What another repository hides from us there is not about ours."""


@dataclass(frozen=True)
class Answered:
    """A complete answer."""

    payload: Mapping[str, Any]
    """What stood under `data`."""
    served_at: Optional[datetime]
    """The server's `Date`."""


@dataclass(frozen=True)
class Limited:
    """Too many requests: wait, then ask the same again."""

    wait_s: Optional[float]
    """What GitHub asks for; `None` when it does not say."""
    hourly: bool
    """The hourly limit, whose end is known; else the secondary one."""


@dataclass(frozen=True)
class Transient:
    """May work next time."""

    why: str


@dataclass(frozen=True)
class TooHeavy:
    """Too much work for GitHub: the same request would fail the same way, a smaller one may not."""

    why: str


@dataclass(frozen=True)
class BadCursor:
    """The cursor is of another time: begin anew."""


@dataclass(frozen=True)
class Refused:
    """Final: a person must do something."""

    reason: str
    """`token`, `not_found`, `sso`, `permission`, `scope`, `forbidden`, `redirect`, `proxy`, `no_api`, `certificate` or
    `query`."""
    detail: str = ""
    """An address without its query, the path of a field, or words of GitHub's, redacted."""


Outcome = Union[Answered, Limited, Transient, TooHeavy, BadCursor, Refused]
GitHubError = Mapping[str, Any]
_FINAL_STATUS = {401: Refused("token"), 407: Refused("proxy")}


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """What an answer means. `headers` have lower-case names.

    What the status alone settles comes first: a 401 bears the headers of an exhausted limit. Then limits, which hide
    behind 200, 403 and 429; then what GitHub could not do in time; then the errors in the answer, then its data.
    """
    document = _document(body)
    errors = _errors(document)
    message = _text(document.get("message")) if document else ""
    return (
        _by_status(status, headers, message)
        or _limit(status, headers, message, errors)
        or _overloaded(status, message)
        or _by_content(status, headers, document, body)
        or _by_errors(headers, document or {}, errors)
    )


def printable(body: bytes) -> str:
    """The first 80 printable characters, without e-mail addresses; quoted."""
    text = "".join(
        character if character.isprintable() else " " for character in body[: 8 * SHOWN].decode("utf-8", "replace")
    )
    return f'"{redact(" ".join(text.split()))[:SHOWN]}"'


def _document(body: bytes) -> Optional[dict[str, Any]]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _errors(document: Optional[Mapping[str, Any]]) -> list[GitHubError]:
    errors = document.get("errors") if document else None
    if not errors:
        return []
    return (
        [each if isinstance(each, dict) else {"message": str(each)} for each in errors]
        if isinstance(errors, list)
        else [{}]
    )


def _by_status(status: int, headers: Mapping[str, str], message: str) -> Optional[Outcome]:
    """What the status alone says."""
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Refused("redirect", _host(headers.get("location", "")))
    if status == HTTPStatus.NOT_FOUND and message:
        return Refused("no_api")
    return _FINAL_STATUS.get(status)


def _overloaded(status: int, message: str) -> Optional[Outcome]:
    if status in HEAVY_STATUS or _HEAVY.search(message):
        return TooHeavy(f"HTTP {status}")
    return Transient(f"HTTP {status}") if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None


def _by_content(
    status: int, headers: Mapping[str, str], document: Optional[Mapping[str, Any]], body: bytes
) -> Optional[Outcome]:
    """What is no answer of the API at all; `None` for one that is."""
    if document is None:
        return Transient(f"HTTP {status} with something that is not JSON: {printable(body)}")
    return None if status == HTTPStatus.OK else _refused_by_status(status, headers, _text(document.get("message")))


def _refused_by_status(status: int, headers: Mapping[str, str], message: str) -> Outcome:
    if status != HTTPStatus.FORBIDDEN:
        return Refused("query", f"HTTP {status} {_short(message)}")
    return _sso(headers) or Refused("forbidden", _short(message))


def _limit(status: int, headers: Mapping[str, str], message: str, errors: Sequence[GitHubError]) -> Optional[Limited]:
    said = [message, *(_text(each.get("message")) for each in errors)]
    if any(_kind(each) in LIMIT_TYPES for each in errors) or any(_PRIMARY.search(text) for text in said):
        return Limited(until_reset(headers), hourly=True)
    if status == HTTPStatus.TOO_MANY_REQUESTS or any(_SECONDARY.search(text) for text in said):
        return Limited(retry_after(headers), hourly=False)
    if status == HTTPStatus.FORBIDDEN and "retry-after" in headers:
        return Limited(retry_after(headers), hourly=False)
    return None


def _by_errors(headers: Mapping[str, str], document: Mapping[str, Any], errors: Sequence[GitHubError]) -> Outcome:
    outcomes = [found for found in (_of_error(each, headers) for each in errors) if found is not None]
    for kind in (Refused, BadCursor, TooHeavy, Transient):
        for outcome in outcomes:
            if isinstance(outcome, kind):
                return outcome
    payload = document.get("data")
    if not isinstance(payload, dict):
        return Transient("an answer without data")
    return Answered(payload, server_time(headers))


def _of_error(error: GitHubError, headers: Mapping[str, str]) -> Optional[Outcome]:
    """What one error means; `None` for a harmless one."""
    kind, path, message = _kind(error), _path(error), _text(error.get("message"))
    if _is_harmless(kind, path):
        return None
    if kind == "FORBIDDEN":
        return _forbidden(error, headers, path, message)
    if kind == "NOT_FOUND" and path == ("repository",):
        return Refused("not_found")
    if kind == "RESOURCE_LIMITS_EXCEEDED" or _HEAVY.search(message):
        return TooHeavy(kind or "a query that took too long")
    return _of_query(error, kind, message)


def _of_query(error: GitHubError, kind: str, message: str) -> Outcome:
    """An error about what we asked; any other may be gone next time."""
    if kind == "INVALID_CURSOR_ARGUMENTS":
        return BadCursor()
    if kind == "INSUFFICIENT_SCOPES":
        return Refused("scope", message)
    if kind in OUR_FAULTS or (kind and not error.get("type")):
        return Refused("query", f"{kind}: {_short(message)}")
    return Transient(f"an error that we do not know: {kind or _short(message) or 'without a type'}")


def _forbidden(error: GitHubError, headers: Mapping[str, str], path: tuple[str, ...], message: str) -> Refused:
    extensions = error.get("extensions")
    if isinstance(extensions, dict) and extensions.get("saml_failure"):
        return _sso(headers) or Refused("sso")
    if "not accessible by" in message:
        return Refused("permission", ".".join(part for part in path if not part.isdigit()))
    return _sso(headers) or Refused("forbidden", _short(message))


def _is_harmless(kind: str, path: tuple[str, ...]) -> bool:
    """An id that is gone; or an item of another repository, which cannot be one of ours."""
    if kind == "NOT_FOUND" and (path[:1] == ("nodes",) or path == ("node",)):
        return True
    places = range(len(path) - 2)
    return kind in {"NOT_FOUND", "FORBIDDEN"} and any(path[at : at + 2] in _HARMLESS_BELOW for at in places)


def _sso(headers: Mapping[str, str]) -> Optional[Refused]:
    """Single sign-on: the address without its query, which holds a request of its own."""
    said = headers.get("x-github-sso", "")
    if not said.lower().startswith("required"):
        return None
    found = _SSO_URL.search(said)
    if not found:
        return Refused("sso")
    parts = urlsplit(found.group(1))
    return Refused("sso", f"https://{parts.hostname}{parts.path}")


def _kind(error: GitHubError) -> str:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else ""
    return _text(error.get("type")) or _text(code)


def _path(error: GitHubError) -> tuple[str, ...]:
    path = error.get("path")
    return tuple(str(part) for part in path) if isinstance(path, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _short(message: str) -> str:
    return redact(" ".join(message.split()))[: 2 * SHOWN]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
