"""What is told when a person is needed: a short message, and a summary for the page of a CI job. Pure.

Counts and links only: no title of a change, no label, no person. Who may read a channel is not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dora_metrics.domain.review import ReviewRow
from dora_metrics.report.results_markdown import escape
from dora_metrics.report.words import plural

LARGEST_SUMMARY = 1 << 20
"""Bytes: GitHub takes no more for a step, and above it shows nothing at all."""
WORDS = {
    "deployment_failed": "a deployment that may have failed",
    "caused_by": "an incident, and the deployment that is blamed for it",
    "unattributed": "a failure that no deployment was found for",
    "not_in_Dc": "a failure blamed on what cannot fail",
    "no_deployment": "a failure that no deployment caused",
    "rollback": "a rollback",
    "hotfix": "a hotfix",
    "patch_release": "a patch soon after a release",
    "revert": "a revert",
    "deployment": "a doubtful deployment",
}


@dataclass(frozen=True)
class Asked:
    """What a run asks of people."""

    rows: Sequence[ReviewRow]
    """Those that ask, the weightiest first."""
    fresh: int
    """Of them, those that the review file did not ask before."""
    where: str
    """Where the review file is, as people call it."""
    link: str = ""
    """A page to look at, such as that of the CI run; empty = none."""

    @property
    def repositories(self) -> tuple[str, ...]:
        """Those with questions, in the order of their weightiest one."""
        return tuple(dict.fromkeys(row.repository for row in self.rows))


def subject(asked: Asked) -> str:
    """One line: how many questions, and where."""
    verb = "needs" if len(asked.rows) == 1 else "need"
    return f"{', '.join(asked.repositories)}: {plural(len(asked.rows), 'row')} {verb} a person"


def body(asked: Asked) -> str:
    """What they are about, by kind, and where to answer."""
    lines = [f"{words}: {count}" for words, count in kinds(asked.rows).items()]
    return "\n".join([f"{asked.fresh} of them new.", *lines, f"To answer: {asked.where}", *filter(None, [asked.link])])


def kinds(rows: Sequence[ReviewRow]) -> dict[str, int]:
    """How many rows ask about what, in words, the most frequent first."""
    counts = Counter(WORDS.get(row.proposal.split("; ")[0], row.proposal.split("; ")[0]) for row in rows)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def job_summary(asked: Asked, sentences: Sequence[str]) -> str:
    """Markdown for `$GITHUB_STEP_SUMMARY`: what the run did, and the questions by kind. Ends with an empty line."""
    verb = "needs" if len(asked.rows) == 1 else "need"
    heading = f"{plural(len(asked.rows), 'row')} {verb} a person" if asked.rows else "nothing needs a person"
    lines = [f"### dora-metrics: {heading}", "", *(f"- {escape(sentence)}" for sentence in sentences)]
    if asked.rows:
        lines += ["", "| question about | rows |", "|---|---:|"]
        lines += [f"| {words} | {count} |" for words, count in kinds(asked.rows).items()]
        lines += ["", f"{asked.fresh} of them new. To answer: `{asked.where}`, or `dora-metrics review`."]
    return "\n".join([*lines, "", ""])
