"""Taking e-mail addresses and the credentials of URLs out of text, before anything is stored or shown.

An address becomes `<email>`, with the angle brackets that it may have had. What merely looks like one stays: a mention
(`@ada`), a version (`left-pad@1.3.0`), an image for a dense screen (`icon@2x.png`), a reflog entry (`main@{1}`).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

REDACTED = "<email>"

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


def redact(text: str) -> str:
    """`text` without e-mail addresses and without user, password or token in front of the host of a URL."""
    if "@" not in text:
        return text
    if "://" in text:
        text = _CREDENTIALS.sub("://", text)
    text = _BRACKETED.sub(REDACTED, text)
    return _without_bare_addresses(text) if "@" in text else text


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
