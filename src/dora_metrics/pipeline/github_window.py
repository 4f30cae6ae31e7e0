"""What is asked of GitHub, in the words that a run without GitHub needs as well: light."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Optional

CURSORS = "github"
"""Name of GitHub's cursors among those of a repository; where there are none, it was never asked."""


@dataclass(frozen=True)
class Window:
    """Which pull requests are asked for, by when they were last touched."""

    since: Optional[datetime] = None
    until: Optional[datetime] = None
    as_before: bool = False
    """Begin where the first run began, whatever `since` says."""
