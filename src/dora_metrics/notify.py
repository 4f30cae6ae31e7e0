"""Tells people that they are needed: counts and a link, over the services that apprise knows. Never fails a run.

The addresses are secrets: they come from environment variables that the settings name, and no message here, no log and
no exception holds one; people are told the variable and the kind of service.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Optional

TIMEOUT_S = 5.0
"""To connect, and again for each piece of the answer."""
PATIENCE_S = 15.0
"""For one target in all: a server that answers drop by drop must not hold up a nightly run."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
TALKATIVE = ("apprise", "requests", "urllib3", "smtplib")
NOT_INSTALLED = "nobody was notified: apprise is not installed; install dora-metrics[notify]"


@dataclass(frozen=True)
class Message:
    """What is sent: no title of a change, no name of a person, nothing that only members of a project may read."""

    title: str
    body: str


def notify(targets: Sequence[str], environ: Mapping[str, str], message: Message) -> list[str]:
    """Send `message` to the address in each variable of `environ` that `targets` names, in order.

    Returns what went wrong, a warning a target; empty when all took it or there are no targets. Raises nothing: a
    message that cannot be sent is no reason to fail. An address without encryption is refused unless it is on this
    machine, one of a link-local host always (that is where clouds keep their credentials); no redirect is followed.
    """
    if not targets:
        return []
    try:
        import apprise  # noqa: PLC0415 (two thirds of a second, and only with targets)
    except ImportError:
        return [NOT_INSTALLED]
    with _silent():
        return [problem for name in targets if (problem := _send(apprise, name, environ.get(name, ""), message))]


def _send(apprise: Any, name: str, address: str, message: Message) -> str:
    """What went wrong with one target; empty when it took the message."""
    if not address.strip():
        return f"nobody was notified over {name}: the variable is not set"
    asset = apprise.AppriseAsset(
        app_id="dora-metrics", app_url="", async_mode=False, http_redirects=False, image_url_mask=None
    )
    server = _server(apprise, address.strip(), asset)
    if server is None:
        return f"nobody was notified over {name}: it holds no address that apprise knows; see apprise's list of URLs"
    refused = _refusal(server)
    if refused:
        return f"nobody was notified over {name}: {refused}"
    server.socket_connect_timeout = server.socket_read_timeout = TIMEOUT_S
    return "" if _taken(server, message) else f"nobody was notified over {name}: {_kind(server)} did not take it"


def _server(apprise: Any, address: str, asset: Any) -> Any:
    """The plugin for the address, a plain web address being a webhook that takes JSON; `None` when there is none."""
    known = _plugin(apprise, address, asset)
    scheme, slashes, rest = address.partition("://")
    webhook = {"https": "jsons", "http": "json"}.get(scheme.lower())
    return _plugin(apprise, f"{webhook}{slashes}{rest}", asset) if known is None and webhook else known


def _plugin(apprise: Any, address: str, asset: Any) -> Any:
    try:
        return apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    except Exception:  # noqa: BLE001 (173 plugins parse what a person typed; the text of an error may hold the address)
        return None


def _refusal(server: Any) -> str:
    """Why nothing is sent there; empty when something may be."""
    host = str(getattr(server, "host", "") or "").strip("[]").lower()
    address = _address(host)
    if address is not None and address.is_link_local:
        return "its host is link-local"
    encrypted = bool(getattr(server, "secure", False)) or _only_https(server)
    if not encrypted and host not in LOOPBACK and not (address is not None and address.is_loopback):
        return "its address is not encrypted; use the service's https form"
    return ""


def _only_https(server: Any) -> bool:
    """Whether the service has one address of its own, which is https: Slack, Teams and their like.

    Mail says for itself whether it encrypts (`secure_mode`).
    """
    if str(getattr(server, "secure_mode", "")).lower() in {"ssl", "starttls"}:
        return True
    schemes = {str(server.secure_protocol)} if isinstance(server.secure_protocol, str) else server.secure_protocol
    return bool(schemes) and not server.protocol


def _address(host: str) -> Optional[Any]:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _taken(server: Any, message: Message) -> bool:
    """Whether the service took it within the time; a late answer counts as none."""
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(_try(server, message)), daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    return answers == [True]


def _try(server: Any, message: Message) -> bool:
    try:
        return bool(server.notify(title=message.title, body=message.body, body_format="text"))
    except Exception:  # noqa: BLE001 (whatever a plugin raises is a message not sent; its text may hold the address)
        return False


def _kind(server: Any) -> str:
    return str(server.service_name or "the service")


@contextmanager
def _silent() -> Iterator[None]:
    """While this lasts the libraries log nothing: theirs hold addresses and whole answers."""
    loggers = [logging.getLogger(name) for name in TALKATIVE]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before):
            logger.setLevel(level)
