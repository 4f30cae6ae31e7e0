"""The kinds of values that only `[repository]`, `[github]` and `[notify]` take: services and addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dora_metrics.config import ServiceSettings
from dora_metrics.config_kinds import Kind, Regex, Text, WrongValueError, text_of
from dora_metrics.config_toml import read_toml_value
from dora_metrics.spelling import did_you_mean

if TYPE_CHECKING:
    from urllib.parse import SplitResult

LOOPBACK = ("localhost", "127.0.0.1", "::1")
LONGEST_SHOWN = 60
SAFE_NAME = r"[A-Za-z0-9._-]{1,100}"


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
class PathPrefix:
    """One or several folders of the repository: a text with commas, or a list; kept as one text."""

    metavar: str = "PATH"
    offers: ClassVar[Sequence[str]] = ()

    def from_text(self, text: str) -> object:
        """The text itself."""
        return text

    def check(self, value: object) -> object:
        """The folders as one text; empty for the whole repository."""
        from dora_metrics.domain.path_scope import split_prefixes

        given = [text_of(item) for item in value] if isinstance(value, list) else [text_of(value)]
        text = ", ".join(f'"{item}"' if isinstance(value, list) and "," in item else item.strip() for item in given)
        folders = split_prefixes(text)
        for folder in folders:
            _require_folder(folder)
        if any(item.strip().startswith("/") for part in given for item in part.split(",")):
            fault = "is not a folder of the repository"
            raise WrongValueError(fault, remedy="write it as seen from the repository's top, like api/")
        return text if folders else ""


def _require_folder(folder: str) -> None:
    if ".." in folder.split("/"):
        fault = "leads out of the repository"
        raise WrongValueError(fault, remedy="write it as seen from the repository's top, without ..")
    if "\\" in folder or folder[1:2] == ":":
        fault = "is no path as git writes it"
        raise WrongValueError(
            fault, remedy="write it with slashes, as seen from the repository's top, like libs/shared/"
        )
    if "*" in folder or "?" in folder:
        fault = "is a pattern"
        raise WrongValueError(fault, remedy="name each folder: all that is below it counts")


SERVICE_KEYS: dict[str, Kind] = {
    "name": Text(form=SAFE_NAME, fault="is no name of a service", remedy="use letters, digits, dot, dash, underscore"),
    "path_prefix": PathPrefix(),
    "tag_pattern": Text(),
    "environment": Regex(),
}


@dataclass(frozen=True)
class Services:
    """The services of a monorepo: an array of tables, also as text."""

    metavar: str = "'[{name=…, path_prefix=…}]'"
    offers: ClassVar[Sequence[str]] = ()

    def from_text(self, text: str) -> object:
        """What TOML makes of the text; the text itself when it makes nothing of it."""
        return read_toml_value(text) if text.strip() else []

    def check(self, value: object) -> object:
        """The services, each with a name of its own and something that tells it from the others."""
        if not isinstance(value, list):
            fault = "is not a list of services"
            raise WrongValueError(fault, remedy='write [{name = "api", path_prefix = "api/"}]')
        services = tuple(_service(item) for item in value)
        _require_own_names(services)
        _require_differences(services)
        return services


def _require_own_names(services: Sequence[ServiceSettings]) -> None:
    names = [service.name.casefold() for service in services]
    twice = next((service.name for service in services if names.count(service.name.casefold()) > 1), None)
    if twice is not None:
        fault = f"names a service twice ({twice})"
        raise WrongValueError(fault, remedy="give each service a name of its own")


def _require_differences(services: Sequence[ServiceSettings]) -> None:
    """Services that differ in nothing but their names are one service, counted twice."""
    known: dict[tuple[str, ...], str] = {}
    for service in services:
        other = known.setdefault((service.path_prefix, service.tag_pattern, service.environment), service.name)
        if other != service.name:
            fault = f"says the same of {other} and of {service.name}"
            raise WrongValueError(fault, remedy="give each its own path_prefix, tag_pattern or environment")


def _service(item: object) -> ServiceSettings:
    if not isinstance(item, Mapping) or not item.get("name"):
        fault = "holds a service without a name"
        raise WrongValueError(fault, remedy='write {name = "api", path_prefix = "api/"}')
    for key in item:
        if key not in SERVICE_KEYS:
            fault = f"holds the unknown key {key}"
            usual = f"a service has {', '.join(SERVICE_KEYS)}"
            raise WrongValueError(fault, remedy=did_you_mean(str(key), SERVICE_KEYS, otherwise=usual))
    return ServiceSettings(**{key: _checked(str(item["name"]), key, value) for key, value in item.items()})


def _checked(name: str, key: str, value: object) -> str:
    try:
        return str(SERVICE_KEYS[key].check(value))
    except WrongValueError as error:
        fault = f"holds {key} = {str(value)[:LONGEST_SHOWN]!r} of service {name[:LONGEST_SHOWN]}, which {error.fault}"
        raise WrongValueError(fault, remedy=error.remedy) from error
