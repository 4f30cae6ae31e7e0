"""The kinds of values that only `[repository]`, `[github]` and `[notify]` take: services and addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dora_metrics.config import ServiceSettings
from dora_metrics.config_kinds import Kind, Regex, Text, WrongValueError
from dora_metrics.config_toml import read_toml_value
from dora_metrics.spelling import did_you_mean

if TYPE_CHECKING:
    from urllib.parse import SplitResult

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SAFE_NAME = r"[A-Za-z0-9._-]{1,100}"
SERVICE_KEYS: dict[str, Kind] = {
    "name": Text(form=SAFE_NAME, fault="is no name of a service", remedy="use letters, digits, dot, dash, underscore"),
    "path_prefix": Text(),
    "tag_pattern": Text(),
    "environment": Regex(),
}


def parts_of(text: str) -> SplitResult:
    """The parts of an address that names no credentials. Raises `WrongValueError`, which never shows the address."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        credentials = parts.password is not None or (parts.scheme != "ssh" and parts.username is not None)
    except ValueError as error:
        fault = "is not an address"
        raise WrongValueError(fault, remedy="write it like https://host/path", show=False) from error
    if credentials:
        fault = "holds credentials"
        raise WrongValueError(fault, remedy="take them out: git asks its credential helper", show=False)
    return parts


@dataclass(frozen=True)
class CloneUrl:
    """Where git clones from: https or ssh, also as `git@host:path`; or the empty text."""

    metavar: str = "URL"
    offers: ClassVar[Sequence[str]] = ()

    def from_text(self, text: str) -> object:
        """The text itself."""
        return text

    def check(self, value: object) -> object:
        """The address."""
        text = Text(show=False).check(value)
        short_ssh = re.fullmatch(r"[A-Za-z0-9_][\w.-]*@[\w.-]+:[^-\s][^\s]*", str(text))
        if not text or short_ssh:
            return text
        parts = parts_of(str(text))
        if parts.scheme not in {"https", "ssh"} or not parts.hostname or parts.hostname.startswith("-"):
            fault = "is no https or ssh address"
            raise WrongValueError(fault, remedy="write it like https://github.com/acme/shop.git", show=False)
        return text


@dataclass(frozen=True)
class GraphQLUrl:
    """GitHub's GraphQL address: https, or plain http on this machine only."""

    metavar: str = "URL"
    offers: ClassVar[Sequence[str]] = ()

    def from_text(self, text: str) -> object:
        """The text itself."""
        return text

    def check(self, value: object) -> object:
        """The address."""
        text = str(Text(show=False).check(value))
        parts = parts_of(text)
        if not parts.hostname or not (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        ):
            fault = "is no https address"
            raise WrongValueError(fault, remedy="write it like https://HOST/api/graphql", show=False)
        return text


@dataclass(frozen=True)
class Services:
    """The services of a monorepo: an array of tables, also as text."""

    metavar: str = "'[{name=…, path_prefix=…}]'"
    offers: ClassVar[Sequence[str]] = ()

    def from_text(self, text: str) -> object:
        """What TOML makes of the text; the text itself when it makes nothing of it."""
        return read_toml_value(text) if text.strip() else []

    def check(self, value: object) -> object:
        """The services, each with a name of its own."""
        if not isinstance(value, list):
            fault = "is not a list of services"
            raise WrongValueError(fault, remedy='write [{name = "api", path_prefix = "api/"}]')
        services = tuple(_service(item) for item in value)
        if len({service.name for service in services}) < len(services):
            fault = "names a service twice"
            raise WrongValueError(fault, remedy="give each service a name of its own")
        return services


def _service(item: object) -> ServiceSettings:
    if not isinstance(item, Mapping) or not item.get("name"):
        fault = "holds a service without a name"
        raise WrongValueError(fault, remedy='write {name = "api", path_prefix = "api/"}')
    for key in item:
        if key not in SERVICE_KEYS:
            fault = f"holds the unknown key {key}"
            usual = f"a service has {', '.join(SERVICE_KEYS)}"
            raise WrongValueError(fault, remedy=did_you_mean(str(key), SERVICE_KEYS, otherwise=usual))
    return ServiceSettings(**{key: str(SERVICE_KEYS[key].check(value)) for key, value in item.items()})
