"""One line of a `history` example: its words, times and keywords."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Optional

from support.small_history import DAY_ZERO, day, sha


def moment(text: str) -> datetime:
    """`@2`, `2` or `@2025-03-31T22:30` as an instant."""
    text = text.lstrip("@")
    if "-" in text[1:]:
        return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
    return day(float(text))


def days_of(text: str) -> float:
    """The same in days since the beginning."""
    return (moment(text) - DAY_ZERO) / timedelta(days=1)


def optional_days(text: str) -> Optional[float]:
    """The same; `None` for an empty text."""
    return days_of(text) if text else None


def listed(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(text.split(",")) if text else ()


class Words:
    """One line: words, the text behind `: `, and what follows each keyword."""

    def __init__(self, line: str) -> None:
        head, _, text = line.partition(": ")
        self.line = line
        self.words = head.split()[1:]
        self.text = re.sub(r"\{(\w)\}", lambda found: sha(found[1]), "\n\n".join(text.split(" | ")))

    def first(self) -> str:
        """The next word."""
        return self.words.pop(0)

    def time(self) -> Optional[float]:
        """The word `@…`, in days; `None` without one."""
        found = next((word for word in self.words if word.startswith("@")), None)
        if found is None:
            return None
        self.words.remove(found)
        return days_of(found)

    def after(self, keyword: str) -> str:
        """The word behind `keyword`; empty without it."""
        if keyword not in self.words:
            return ""
        place = self.words.index(keyword)
        value = self.words[place + 1]
        del self.words[place : place + 2]
        return value

    def has(self, keyword: str) -> bool:
        """Whether the word stands alone in the line."""
        if keyword in self.words:
            self.words.remove(keyword)
            return True
        return False

    def end(self) -> None:
        """Raises `ValueError` when a word was not understood."""
        if self.words:
            message = f"{' '.join(self.words)!r} of {self.line!r} is not understood"
            raise ValueError(message)
