"""What the page tells beside the numbers: where they come from, and the rules in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class ReportFacts:
    """What the page tells beside the numbers."""

    tool_version: str
    store_number: Optional[int] = None
    """Number of the newest commit record of the store."""
    head_hash: str = ""
    """Its SHA-256; empty where there is no store."""
    title: str = ""
    """Heads the page; empty = the repositories' names."""
    rules: tuple[tuple[str, str], ...] = ()
    """The settings in force: what, value."""
    notes: tuple[str, ...] = ()
    """What to know about the sources: `No GitHub token: labels, reviews and creation times are unknown.`"""
    quality: tuple[tuple[str, str], ...] = ()
    """Further counts for the data quality table: what, count."""
    unresolved: int = 0
    """Merged pull requests that no rule could tie to the history."""
    truncated: bool = False
    """The clone was shallow."""
    lead_time_start: str = "first_commit"
    levels: str = "none"
    """The year of the table that gave the levels."""
