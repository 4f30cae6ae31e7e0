"""What GitHub had that the store did not, and how people are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dora_metrics.domain.github_facts import Release
from dora_metrics.pipeline.github_reading import Merged
from dora_metrics.report.words import plural

MOST_NAMED = 5


@dataclass
class GitHubNews:
    """One repository's news."""

    name: str
    found: dict[str, int] = field(default_factory=dict)
    """Facts that are new, by what they are called."""
    changed: dict[str, int] = field(default_factory=dict)
    """Facts of which GitHub says something else now."""
    incomplete: list[int] = field(default_factory=list)
    """Numbers of pull requests that GitHub did not give whole."""
    releases_changed: list[str] = field(default_factory=list)
    """Their tags."""
    releases_gone: list[str] = field(default_factory=list)
    cursors_moved: bool = False

    @property
    def anything(self) -> bool:
        """Whether the store is not as it was."""
        return any((*self.found.values(), *self.changed.values(), self.releases_gone, self.cursors_moved))

    def note(self, noun: str, merged: Merged) -> None:
        """Count what was stored of one kind."""
        self.found[noun], self.changed[noun] = merged.added, merged.changed

    def sentence(self, *, full: bool) -> str:
        """What was stored, in words."""
        word = "" if full else "new "
        parts = [plural(count, f"{word}{noun}") for noun, count in self.found.items() if count]
        parts += [f"{plural(count, noun)} changed" for noun, count in self.changed.items() if count]
        return f"{self.name} on GitHub: {', '.join(parts) or 'nothing new'}."

    def warnings(self) -> Iterator[str]:
        """What a person should know about it."""
        if self.incomplete:
            numbers = [f"#{number}" for number in sorted(self.incomplete)]
            yield (
                f"{self.name}: GitHub did not give all of {plural(len(numbers), 'pull request')}: {_named(numbers)}; "
                "commits or labels may be missing"
            )
        for verb, tags in (("edited", self.releases_changed), ("deleted", self.releases_gone)):
            if tags:
                yield f"{self.name}: {plural(len(tags), 'release')} {verb} on GitHub: {_named(tags)}"


def _named(names: Sequence[str]) -> str:
    rest = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + rest


def note_releases(news: GitHubNews, before: Mapping[str, Release], now: Mapping[str, Release]) -> None:
    """Count the releases that are new, edited and gone; one that was only published is new, not edited."""
    edited = {key: now[key] for key in now.keys() & before.keys() if now[key] != before[key]}
    news.found["release"] = len(now.keys() - before.keys())
    news.changed["release"] = len(edited)
    news.releases_changed = sorted(release.tag for key, release in edited.items() if not before[key].is_draft)
    news.releases_gone = sorted(before[key].tag for key in before.keys() - now.keys())
