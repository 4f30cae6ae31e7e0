"""Where the token comes from: GITHUB_TOKEN, GH_TOKEN, the system's credential store, `gh auth token`; in this order.

A token is never an argument, a file of ours or part of a message. Credential stores that keep plain text are refused.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

from dora_metrics.errors import AccessError
from dora_metrics.extractors.github_address import api_host, checked_token

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")
SERVICE = "dora-metrics"
SAFE_STORES = {
    "keyring.backends.macOS": "the macOS keychain",
    "keyring.backends.Windows": "the Windows credential manager",
    "keyring.backends.SecretService": "the secret service of the desktop",
    "keyring.backends.libsecret": "the secret service of the desktop",
    "keyring.backends.kwallet": "KWallet",
}
"""Modules of keyring that hand a secret to the system's own encrypted store."""
GH_SECONDS = 10

logger = logging.getLogger("dora_metrics.github")


@dataclass(frozen=True)
class Token:
    """A token and where it was found."""

    value: str = field(repr=False)
    source: str
    """Words for people: `GITHUB_TOKEN`, `the macOS keychain`, `gh auth token`."""


def find_token(environ: Mapping[str, str], url: str) -> Optional[Token]:
    """The token for the API at `url` from the first place that has one; `None` when none has.

    Raises `AccessError` for one that no request could carry, without showing it.
    """
    for value, source in _places(environ, url):
        if value.strip():
            return Token(checked_token(value), source)
    return None


def require_token(environ: Mapping[str, str], url: str) -> Token:
    """As `find_token`; raises `AccessError` when there is none."""
    token = find_token(environ, url)
    if token is None:
        message = f"there is no token for {api_host(url)}"
        raise AccessError(message, remedy="set GITHUB_TOKEN, run dora-metrics auth set, or pass --no-github")
    return token


def _places(environ: Mapping[str, str], url: str) -> Iterator[tuple[str, str]]:
    for name in VARIABLES:
        yield environ.get(name, ""), name
    found = stored_token(url)
    if found:
        yield found.value, found.source
    yield _from_gh(environ, url), "gh auth token"


# ---- the credential store


def stored_token(url: str) -> Optional[Token]:
    """The token in the credential store; `None` without one, or without a store that can be used."""
    store = _safe_store()
    if store is None:
        return None
    try:
        value = store.get_password(SERVICE, api_host(url))
    except Exception as error:  # noqa: BLE001 (each store fails in ways of its own; then it holds no token)
        logger.debug("the credential store cannot be read (%s)", type(error).__name__)
        return None
    return Token(value, store_name(store)) if value else None


def store_token(url: str, token: str) -> str:
    """Put a token into the credential store in place of an older one; the store's name.

    Raises `AccessError` without a store that keeps it encrypted, and for a token that no request could carry.
    """
    value, store = checked_token(token), _require_store()
    try:
        store.set_password(SERVICE, api_host(url), value)
    except Exception as error:  # noqa: BLE001 (as above; its words may hold the token)
        raise _store_failed(store, "did not take the token", error) from None
    return store_name(store)


def remove_token(url: str) -> Optional[str]:
    """Take the token out of the credential store; the store's name, `None` when it had none.

    Raises `AccessError` without a store, and when it refuses.
    """
    store = _require_store()
    try:
        if store.get_password(SERVICE, api_host(url)) is None:
            return None
        store.delete_password(SERVICE, api_host(url))
    except Exception as error:  # noqa: BLE001 (as above)
        raise _store_failed(store, "did not give up the token", error) from None
    return store_name(store)


def store_name(store: KeyringBackend) -> str:
    """What people call it."""
    return SAFE_STORES.get(type(store).__module__, "the credential store")


def _store_failed(store: KeyringBackend, what: str, error: Exception) -> AccessError:
    return AccessError(f"{store_name(store)} {what} ({type(error).__name__})", remedy="unlock it, or set GITHUB_TOKEN")


def _require_store() -> KeyringBackend:
    store = _safe_store()
    if store is None:
        message = "there is no credential store here that keeps a token encrypted"
        remedy = "set GITHUB_TOKEN, or install dora-metrics[keyring] on a machine with a keychain or secret service"
        raise AccessError(message, remedy=remedy)
    return store


def _safe_store() -> Optional[KeyringBackend]:
    """The first encrypted store among those that keyring would use; `None` on a machine without one."""
    try:
        import keyring  # noqa: PLC0415 (optional, and slow to import)

        chosen = keyring.get_keyring()
        stores = getattr(chosen, "backends", None) or [chosen]
    except ImportError:
        return None
    except Exception as error:  # noqa: BLE001 (a store that cannot even be opened is no store)
        logger.debug("no credential store can be opened (%s)", type(error).__name__)
        return None
    return next((store for store in stores if type(store).__module__ in SAFE_STORES), None)


# ---- gh


def _from_gh(environ: Mapping[str, str], url: str) -> str:
    """What GitHub's own command line has; the empty text when it is not there or not logged in."""
    program = shutil.which("gh", path=environ.get("PATH", ""))
    if program is None:
        return ""
    try:
        ran = subprocess.run(  # noqa: S603 (GitHub's own program, asked for its token)
            [program, "auth", "token", "--hostname", api_host(url)],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=GH_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        logger.debug("gh cannot be asked for its token (%s)", type(error).__name__)
        return ""
    return ran.stdout if ran.returncode == 0 else ""
