r"""What `git log` says, as commits: a pure parser over chunks of bytes, in constant memory.

The command (`git_process.py` adds what hardens it; the tips come on its standard input, one full hash a line):

    git log --stdin -z --name-only --no-renames --encoding=UTF-8
            --format=%x00%H %P%n%at %ct%n%an%n%B …

No blob is read for that. Its output for two commits, `·` being NUL and `↵` a line end, the second one without files:

    ·4db157e… 57fb6c4…↵1735707600 1735707600↵Ada↵Fix the frobnicator↵·↵src/frob.py·doc/frob.md·
    ·57fb6c4… ↵1735693200 ↵Ada↵Start↵·

The frame: each record begins with NUL; head and message end with one, and so does each path, the first of which has a
line end before it. None of these is ever empty, so two NULs together stand between two records and nowhere else, and no
content can break that: git cuts names and messages at a NUL and knows no empty path. Within the head the first three
line ends separate, since hashes, times and names hold none. A date that git cannot read is missing, as the second
committer's.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dora_metrics.domain.models import Commit
from dora_metrics.domain.privacy import redact, redact_parts
from dora_metrics.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_MESSAGE = 64 * 1024
"""Bytes of a message that are kept."""

LOG_ARGS = (
    "log",
    "--stdin",
    "-z",
    "--name-only",
    "--no-renames",
    "--no-relative",
    "--no-diff-merges",
    "--ignore-submodules=none",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-decorate",
    "--encoding=UTF-8",
    "--format=%x00%H %P%n%at %ct%n%an%n%B",
)

_BOUNDARY = b"\0\0"
_LINES_BEFORE_MESSAGE = 3
_LONGEST_ADDRESS = 320


@dataclass
class Tally:
    """What was noticed while parsing."""

    cut_messages: int = 0
    """Messages longer than 64 KiB."""


def parse_log(chunks: Iterable[bytes], tally: Tally) -> Iterator[Commit]:
    """The commits in git's order, wherever the chunks are cut; none for no output.

    Raises `RepositoryError` for anything but whole records. Holds one chunk and one record at most, and of a record's
    message no more than is kept.
    """
    for block in _whole_records(chunks, tally):
        for record in block.split(_BOUNDARY):
            yield _parse_record(record, tally)


def _whole_records(chunks: Iterable[bytes], tally: Tally) -> Iterator[bytes]:
    """The output in pieces of one or more whole records, without the NULs around the piece."""
    pending = bytearray()
    inside_cut_message = False
    for chunk in chunks:
        start = chunk.find(b"\0") if inside_cut_message else 0
        if start < 0:
            continue
        searched = max(len(pending) - 1, 0)
        pending += chunk[start:] if start else chunk
        end = pending.rfind(_BOUNDARY, searched)
        if end >= 0:
            yield bytes(memoryview(pending)[1:end])
            del pending[: end + 1]
        inside_cut_message = _cut_open_message(pending)
        tally.cut_messages += inside_cut_message
    if pending:
        if len(pending) < len(_BOUNDARY) or pending[0] or pending[-1]:
            raise _unreadable(pending)
        yield bytes(memoryview(pending)[1:-1])


def _cut_open_message(pending: bytearray) -> bool:
    """Whether the last, unfinished record had a message that is too long already; then the message is cut to size."""
    if len(pending) <= LONGEST_MESSAGE:
        return False
    start = _message_start(pending, 1)
    limit = start + LONGEST_MESSAGE
    if start < 0 or len(pending) <= limit or pending.find(b"\0", start) >= 0:
        return False
    del pending[limit:]
    return True


def _message_start(record: bytes | bytearray, start: int) -> int:
    """Where the text of the message begins in a record that begins at `start`; -1 when it is not there yet."""
    for _ in range(_LINES_BEFORE_MESSAGE):
        start = record.find(b"\n", start) + 1
        if not start:
            return -1
    return start


def _parse_record(record: bytes, tally: Tally) -> Commit:
    if len(record) > LONGEST_MESSAGE:
        record = _with_short_message(record, tally)
    text = record.decode("utf-8", "replace")
    head, *paths = text.split("\0")
    try:
        hashes, times, author, message = head.split("\n", _LINES_BEFORE_MESSAGE)
        sha, *parents = hashes.split()
        authored, committed = times.split(" ")
        authored_s = int(authored) if authored else None
        committed_s = int(committed) if committed else None
    except ValueError:
        raise _unreadable(record) from None
    message = message.rstrip("\n")
    if paths:
        paths[0] = paths[0][1:]
    author, message, *paths = redact_parts(text, [author, message, *paths])
    return Commit(sha, tuple(parents), author, authored_s, committed_s, message, tuple(paths))


def _with_short_message(record: bytes, tally: Tally) -> bytes:
    """The record with at most 64 KiB of message, not ending in a broken character or in half an e-mail address."""
    start = _message_start(record, 0)
    end = record.find(b"\0", start)
    if start < 0 or (end if end >= 0 else len(record)) - start < LONGEST_MESSAGE:
        return record
    end = len(record) if end < 0 else end
    tally.cut_messages += end - start > LONGEST_MESSAGE
    kept = getincrementaldecoder("utf-8")("replace").decode(record[start : start + LONGEST_MESSAGE])
    last_word = kept[-_LONGEST_ADDRESS:].rpartition(" ")[2].rpartition("\n")[2]
    if "@" in last_word:
        kept = kept[: -len(last_word)]
    return record[:start] + kept.encode() + record[end:]


def _unreadable(record: bytes | bytearray) -> RepositoryError:
    shown = ascii(bytes(record[:80]).decode("utf-8", "replace"))
    return RepositoryError(
        f"git log printed what is no commit: {redact(shown)}", remedy="run the command again with -v"
    )
