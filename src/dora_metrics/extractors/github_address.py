"""Where GitHub is asked, and with what: checked before anything is sent."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dora_metrics.errors import AccessError, ConfigurationError

if TYPE_CHECKING:
    import httpx

CONNECT_S = 10.0
READ_S = 30.0
"""GitHub itself gives up after ten seconds."""
_TOKEN = re.compile(r"[!-~]+")


def checked_url(url: str) -> str:
    """`url` itself. Raises `ConfigurationError` for one that sends the token in the clear, or holds a login."""
    try:
        parts = urlsplit(url)
        host, login = parts.hostname or "", parts.username or parts.password
    except ValueError:
        host, login, parts = "", None, urlsplit("")
    if not host or login or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        message = f"graphql_url with the host {host or '(none)'} is no https address without a login"
        raise ConfigurationError(message, remedy="write https://HOST/api/graphql; plain http is for the loopback only")
    return url


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine and cannot be another one."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def api_host(url: str) -> str:
    """The name under which a token for `url` is kept: `github.com` for its API's host, else the host itself."""
    host = urlsplit(url).hostname or ""
    hosted = host == "api.github.com" or (host.startswith("api.") and host.endswith(".ghe.com"))
    return host[len("api.") :] if hosted else host


def checked_token(token: str) -> str:
    """`token` without the blanks around it.

    Raises `AccessError`, which does not show it, for one that no header may hold.
    """
    stripped = token.strip()
    if not _TOKEN.fullmatch(stripped):
        what = "holds a blank, a line break or another odd character" if stripped else "is empty"
        message = f"the token {what}"
        raise AccessError(message, remedy="copy it again, and set GITHUB_TOKEN or run dora-metrics auth set")
    return stripped


def open_http() -> httpx.Client:
    """A client with time limits that follows no redirect and always checks certificates.

    Proxies and an authority of one's own come from the usual variables (HTTPS_PROXY, SSL_CERT_FILE).
    """
    import httpx  # noqa: PLC0415 (too heavy for --help)

    return httpx.Client(timeout=httpx.Timeout(READ_S, connect=CONNECT_S), follow_redirects=False, verify=True)
