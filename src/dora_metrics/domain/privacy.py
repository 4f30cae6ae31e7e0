"""Taking secrets, e-mail addresses and the credentials of URLs out of text, before anything is stored or shown.

An address becomes `<email>`, with the angle brackets that it may have had. What merely looks like one stays: a mention
(`@ada`), a version (`left-pad@1.3.0`), an image for a dense screen (`icon@2x.png`), a reflog entry (`main@{1}`).
What has the form of a token, a key or a webhook becomes `***`; a secret without such a form nobody can know.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

REDACTED = "<email>"
HIDDEN = "***"

_SECRETS: tuple[tuple[str, str], ...] = (
    # A private key, also one that was cut off, or put on one line
    (
        r"(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END ).)*(?:-----END [A-Z0-9 ]*-----)?",
        HIDDEN,
    ),
    # Tokens of GitHub, GitLab, Slack, npm, PyPI, Stripe, Google; keys of AWS; JSON web tokens
    (
        (
            r"(?<![A-Za-z0-9])(?:gh[a-z]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}"
            r"|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{40,}|[rs]k_live_[A-Za-z0-9]{16,}|AIza[\w-]{35}"
            r"|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])|(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)"
        ),
        HIDDEN,
    ),
    # What AWS gives beside a key has no form of its own, but a length and a name in front
    (
        (
            r"((?:secret_access_key|SECRET_ACCESS_KEY|[sS]ecretAccessKey)['\"]?\s{0,9}[:=]\s{0,9}['\"]?)"
            r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
        ),
        rf"\1{HIDDEN}",
    ),
    (
        r"((?:session_token|SESSION_TOKEN|[sS]essionToken)['\"]?\s{0,9}[:=]\s{0,9}['\"]?)[A-Za-z0-9/+=]{100,}",
        rf"\1{HIDDEN}",
    ),
    # Webhooks, whose whole path is the secret
    (
        (
            r"(?i)(https://(?:[\w.-]{0,100}\.)?(?:hooks\.slack\.com|webhook\.office\.com|logic\.azure\.com(?::443)?"
            r"|chat\.googleapis\.com|discord(?:app)?\.com/api/webhooks)/)[^\s'\"<>]+"
        ),
        rf"\1{HIDDEN}",
    ),
)
"""Expressions and what stands instead; compiled when a text needs them, since most runs meet none."""
_SIGNS = (
    (
        "_",
        re.compile(
            r"_(?:(?<=gh[a-z]_)|(?<=npm_)|(?<=github_pat_)|(?<=k_live_)|access_key|ACCESS_KEY|(?<=session_)token"
            r"|(?<=SESSION_)TOKEN)"
        ),
    ),
    ("-", re.compile(r"-(?:(?<=glpat-)|(?<=pypi-)|----BEGIN )")),
    ("x", re.compile(r"xox[a-z]-")),
    ("J", re.compile(r"J(?<=eyJ)")),
    ("I", re.compile(r"I(?:A(?<=AKIA)|A(?<=ASIA)|za(?<=AIza))")),
    ("K", re.compile(r"Key(?<=AccessKey)")),
    ("T", re.compile(r"Token(?<=essionToken)")),
    (":", re.compile(r"://[^\s/]*(?:slack|office|azure|googleapis|discord)", re.IGNORECASE)),
)
"""A character that every secret of some form holds, and what stands around it: found in a hundredth of the time."""

_CREDENTIALS = re.compile(r"://[^\s/?#\"'<>]*@")
_BRACKETED = re.compile(r"<[^<>\s@]*@[^<>\s]*>")
_DOMAIN = re.compile(r"@(?:(?:[^\W_]|-)+(?:\.(?:[^\W_]|-)+)+|\[[0-9A-Fa-fv:.]+\])")
_NOT_IN_LOCAL_PART = frozenset("<>()[]{},;:@/\\|`\u201c\u201d")
# fmt: off
_FILE_SUFFIXES = frozenset((
    "avif", "bmp", "bz2", "c", "cc", "cfg", "conf", "cpp", "css", "csv", "diff", "gif", "gz", "h", "hpp", "htm",
    "html", "ico", "java", "jpeg", "jpg", "js", "json", "jsx", "less", "lock", "log", "mjs", "patch", "pdf", "php",
    "png", "properties", "rb", "rst", "scss", "sql", "sum", "svg", "tar", "tgz", "toml", "ts", "tsx", "ttf", "txt",
    "webp", "whl", "woff", "woff2", "xml", "xz", "yaml", "yml", "zip",
))
# fmt: on
_SCP_USER = re.compile(r"^[^/\\]*@(?=[^/\\@]+:)")


def redact_parts(whole: str, parts: Sequence[str]) -> Sequence[str]:
    """`redact` of each of `parts`, all of which stand in `whole`: quick, since `whole` is looked through only once."""
    if _may_hold_secrets(whole):
        return [redact(part) for part in parts]
    if "@" not in whole:
        return parts
    return [_without_addresses(part) if "@" in part else part for part in parts]


def redact(text: str) -> str:
    """`text` without e-mail addresses, what has the form of a secret, and what stands before the host of a URL.

    Everything that leaves in an export goes through this, as does every text that is stored as a fact.
    """
    if _may_hold_secrets(text):
        text = hide_secrets(text)
    return _without_addresses(text) if "@" in text else text


def _without_addresses(text: str) -> str:
    if "://" in text:
        text = _CREDENTIALS.sub("://", text)
    text = _BRACKETED.sub(REDACTED, text)
    return _without_bare_addresses(text) if "@" in text else text


def _may_hold_secrets(text: str) -> bool:
    for character, surroundings in _SIGNS:  # noqa: SIM110 (a loop takes half the time of `any`)
        if character in text and surroundings.search(text):
            return True
    return False


def hide_secrets(text: str) -> str:
    """`text` without tokens, keys and webhooks that are known by their form."""
    for form, replacement in _SECRETS:
        text = re.sub(form, replacement, text)
    return text


def strip_credentials(url: str) -> str:
    """A remote's URL without user, password, token, query and fragment; the scp form loses its user as well.

    What is no URL (a path) comes back as it is; an unreadable one as the empty text.
    """
    if "://" not in url:
        return _SCP_USER.sub("", url)
    try:
        parts = urlsplit(url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    except ValueError:
        return ""


def _without_bare_addresses(text: str) -> str:
    pieces: list[str] = []
    done = 0
    for match in _DOMAIN.finditer(text):
        end = _end_of_domain(match.group(), match.start())
        start = _start_of_local_part(text, done, match.start())
        if end is None or start == match.start():
            continue
        pieces += (text[done:start], REDACTED)
        done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _start_of_local_part(text: str, lowest: int, at: int) -> int:
    """Where the address begins whose `@` stands at `at`; `at` itself when there is nothing before it."""
    if at > lowest and text[at - 1] == '"':
        opening = text.rfind('"', lowest, at - 1)
        return at if opening < 0 else opening
    start = at
    while start > lowest and not (text[start - 1].isspace() or text[start - 1] in _NOT_IN_LOCAL_PART):
        start -= 1
    while start < at and text[start] in "'\"":
        start += 1
    return start


def _end_of_domain(domain: str, start: int) -> int | None:
    """Where the domain (with its `@`) that begins at `start` ends; `None` if it is none.

    It ends with its last label that can be a top-level domain: `.txt` in `ada@example.org.txt` is a file's suffix.
    """
    if domain.endswith("]"):
        return start + len(domain)
    labels = domain.split(".")
    for count in range(len(labels) - 1, 0, -1):
        label = labels[count].lower()
        top = label if label.startswith("xn--") else label.partition("-")[0]
        if top not in _FILE_SUFFIXES and (top.startswith("xn--") or (len(top) > 1 and top.isalpha())):
            return start + len(".".join(labels[:count])) + 1 + len(top)
    return None
