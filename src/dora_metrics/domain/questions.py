"""What `init` would like to know from a person: asked by the CLI, thought of by the pipeline."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One setting whose proposed value a person may want to change."""

    setting: str
    """The name of its option without dashes, such as `tag_pattern` or `sources`; its value is in the proposal."""
    text: str
    """What to ask, without a question mark: "Which tags are deployments"."""
