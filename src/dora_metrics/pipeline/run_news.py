"""What one run of `extract` or `update` brought, from git and from GitHub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dora_metrics.pipeline.git_facts import GitNews
from dora_metrics.report.words import plural

if TYPE_CHECKING:
    from dora_metrics.pipeline.github_news import GitHubNews


@dataclass(frozen=True)
class RunNews:
    """What a run brought."""

    git: list[GitNews]
    github: list[GitHubNews]
    warnings: list[str]
    """Those about GitHub's repositories and clock."""

    @property
    def anything(self) -> bool:
        """Whether the store is not as it was."""
        return any(found.anything for found in self.git) or any(found.anything for found in self.github)

    def warnings_of_all(self) -> tuple[str, ...]:
        """All warnings: about GitHub's repositories, about the clones, about what GitHub gave."""
        about_git = [warning for found in self.git for warning in found.warnings]
        return (*self.warnings, *about_git, *[warning for found in self.github for warning in found.warnings()])

    def sentences(self, *, full: bool) -> list[str]:
        """How much of each, one sentence a repository and source."""
        return [
            *(_about_git(found, full=full) for found in self.git),
            *(found.sentence(full=full) for found in self.github),
        ]


def _about_git(found: GitNews, *, full: bool) -> str:
    if found.empty:
        return f"{found.name}: no commits on the branch yet."
    word = "" if full else "new "
    tags = plural(len(found.tags_added), f"{word}tag")
    heads = f", {plural(found.pull_heads, 'pull request head')}" if found.pull_heads else ""
    return f"{found.name}: {plural(found.commits, f'{word}commit')}, {tags}{heads}."
