"""The Markdown that GitHub takes: a job's summary that fits, and a short form for a comment on a pull request. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dora_metrics.domain.quality import ACT, WATCH
from dora_metrics.report.results_markdown import escape, markdown_row, results_markdown
from dora_metrics.report.view_headlines import Headline, make_headlines
from dora_metrics.report.view_periods import choose_focus
from dora_metrics.report.words import plural

if TYPE_CHECKING:
    from dora_metrics.domain.measurements import Results
    from dora_metrics.report.view_periods import Focus

MOST_BYTES = 1_000_000
"""GitHub takes 1 MiB of summary a step and refuses the whole of a longer one; room for what else the step writes."""
HEADINGS = ("Metric", "Value", "95 % interval", "Rests on", "Against the period before")
INTERVAL = "95 % interval "


def summary_markdown(results: Results) -> str:
    """All periods as Markdown; of more than GitHub takes the newest, and how many are left out."""
    text = results_markdown(results)
    kept = len(results.periods)
    while len(text.encode()) > MOST_BYTES and kept > 1:
        kept = min(kept * MOST_BYTES // len(text.encode()), kept - 1)
        older = plural(len(results.periods) - kept, "older period")
        text = results_markdown(replace(results, periods=results.periods[-kept:]))
        everything = f"`dora-metrics calculate --period {results.grain}`"
        text += f"\n{older} left out: GitHub takes at most 1 MiB; {everything} has all.\n"
    return text


def comment_markdown(results: Results) -> str:
    """The newest complete period in a few lines, for a comment: the five metrics, and how far to trust them."""
    focus = choose_focus(results)
    names = escape(", ".join(results.repositories) or "no repository")
    of_whom = "" if results.profile == "dora" else f" (definitions of {escape(results.profile)})"
    lines = [
        f"**DORA metrics of {names}{of_whom}, {focus.label}** ({focus.dates})",
        "",
        markdown_row(HEADINGS),
        markdown_row(["---"] * len(HEADINGS)),
        *(markdown_row(_cells(card)) for card in make_headlines(results, focus, results.levels)),
        "",
        *_remarks(results, focus),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _cells(card: Headline) -> list[str]:
    interval = next((text[len(INTERVAL) :] for text in card.basis if text.startswith(INTERVAL)), "")
    basis = "; ".join(text for text in card.basis if not text.startswith(INTERVAL))
    arrow = f"{card.trend.arrow} " if card.trend.arrow else ""
    return [escape(text) for text in (card.name, card.value, interval, basis, f"{arrow}{card.trend.words}")]


def _remarks(results: Results, focus: Focus) -> Iterator[str]:
    marks = [f"{mark}." for mark in focus.marks]
    counts = [(sum(found.severity == each for found in results.quality), each) for each in (ACT, WATCH)]
    said = [f"{count:,} to {words}" for (count, _), words in zip(counts, ("act on", "know")) if count]
    if said:
        marks.append(f"Findings about the data: {', '.join(said)}; the report names them.")
    if marks:
        yield " ".join(marks)
