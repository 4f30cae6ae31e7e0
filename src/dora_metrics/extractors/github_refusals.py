"""What only a person can mend, as an error that says how."""

from __future__ import annotations

import re

from dora_metrics.errors import AccessError, ConfigurationError, DoraMetricsError, UnreachableError
from dora_metrics.extractors.github_outcome import Refused

PERMISSIONS = {
    "pullRequests": "Pull requests: read",
    "issues": "Issues: read",
    "closingIssuesReferences": "Issues: read",
    "deployments": "Deployments: read",
    "releases": "Contents: read",
    "commits": "Contents: read",
    "mergeCommit": "Contents: read",
    "tagCommit": "Contents: read",
    "defaultBranchRef": "Contents: read",
}
"""The permission of a fine-grained token that each field needs."""
_SCOPES = re.compile(r"one of the following scopes: \[([^\]]*)\]")
_NEW_TOKEN = "make a new token and set GITHUB_TOKEN to it, or run dora-metrics auth set"  # noqa: S105 (advice)


def refusal(refused: Refused, *, host: str, asked: str) -> DoraMetricsError:
    """The error for what `host` refused when asked about `asked` (a repository, or a list of it)."""
    return _BY_REASON[refused.reason](refused.detail, host, asked)


def _token(_detail: str, host: str, _asked: str) -> DoraMetricsError:
    return AccessError(f"{host} does not accept the token (401)", remedy=_NEW_TOKEN)


def _not_found(_detail: str, host: str, asked: str) -> DoraMetricsError:
    return AccessError(
        f"{asked} was not found on {host}, or the token has no access to it",
        remedy="check `github` in dora-metrics.toml; a private one needs the scope `repo` or a fine-grained token",
    )


def _sso(detail: str, host: str, asked: str) -> DoraMetricsError:
    where = f"at {detail}" if detail else f"in your settings on {host}, under developer settings, tokens"
    return AccessError(f"{asked} on {host} asks for single sign-on", remedy=f"authorize the token for it {where}")


def _permission(detail: str, host: str, asked: str) -> DoraMetricsError:
    fields = detail.split(".")
    needed = next((PERMISSIONS[field] for field in reversed(fields) if field in PERMISSIONS), "Metadata: read")
    return AccessError(
        f"the token may not read {fields[-1] or 'that'} of {asked} on {host}",
        remedy=f'give it the permission "{needed}" (in a workflow: under `permissions`)',
    )


def _scope(detail: str, host: str, asked: str) -> DoraMetricsError:
    found = _SCOPES.search(detail)
    names = ", ".join(re.findall(r"[\w:]+", found.group(1))) if found else "repo"
    return AccessError(f"the token lacks a scope for {asked} on {host}", remedy=f"give it one of these scopes: {names}")


def _forbidden(detail: str, host: str, asked: str) -> DoraMetricsError:
    said = f': "{detail}"' if detail else ""
    return AccessError(
        f"{host} forbids the token to read {asked}{said}",
        remedy="ask an owner of the organization whether it allows this token, or use another one",
    )


def _redirect(detail: str, host: str, _asked: str) -> DoraMetricsError:
    return UnreachableError(
        f"{host} redirects to {detail or 'another address'}, where the token is not sent",
        remedy="if that is a login page of your network, log in; else set graphql_url to GitHub's present address",
    )


def _proxy(_detail: str, host: str, _asked: str) -> DoraMetricsError:
    return UnreachableError(f"the proxy on the way to {host} asks for a login", remedy="set HTTPS_PROXY with its login")


def _no_api(_detail: str, host: str, _asked: str) -> DoraMetricsError:
    return ConfigurationError(
        f"{host} has no GraphQL API at that address",
        remedy="set graphql_url: https://api.github.com/graphql, or https://HOST/api/graphql on Enterprise",
    )


def _certificate(_detail: str, host: str, _asked: str) -> DoraMetricsError:
    return UnreachableError(
        f"the certificate of {host} is not trusted here",
        remedy="set SSL_CERT_FILE to a file with your own authority's certificate, or check who answers in its place",
    )


def _query(detail: str, host: str, asked: str) -> DoraMetricsError:
    return DoraMetricsError(
        f"{host} does not understand our query about {asked}: {detail}",
        remedy="please report it; an old Enterprise Server may have to be updated",
    )


_BY_REASON = {
    "token": _token,
    "not_found": _not_found,
    "sso": _sso,
    "permission": _permission,
    "scope": _scope,
    "forbidden": _forbidden,
    "redirect": _redirect,
    "proxy": _proxy,
    "no_api": _no_api,
    "certificate": _certificate,
    "query": _query,
}
