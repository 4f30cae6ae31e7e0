"""Results as a Markdown table for a CI job's summary or a wiki: newest period first, the overall row last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dora_metrics.report.quality_words import counted, remedy_of
from dora_metrics.report.results_cells import Cell, about_profile, metric_cells, notes, title

if TYPE_CHECKING:
    from dora_metrics.domain.measurements import PeriodResult, Results
    from dora_metrics.domain.quality import QualityFinding

HEADINGS = (
    "Period",
    "Lead time for changes (median)",
    "Deployments",
    "Change failure rate",
    "Failed deployment recovery time (MTTR, median)",
    "Rework rate",
)
LEGEND = "Value (95 % interval), and what it rests on; few: fewer than six values, too few to judge by."
NOTHING = "Nothing was deployed in this time."


def results_markdown(results: Results) -> str:
    """The results as Markdown with a line end; what must be known beside a value stands in notes under the table."""
    periods = (*reversed(results.periods), results.overall)
    lines = ["## DORA metrics", "", escape(title(results)), ""]
    if not results.periods:
        lines += [NOTHING, ""]
    lines += [markdown_row(HEADINGS), markdown_row(["---"] * len(HEADINGS))]
    lines += [markdown_row([_label(period), *map(_cell, metric_cells(period, results.overall))]) for period in periods]
    lines += ["", *(escape(sentence) + "  " for sentence in about_profile(results)), LEGEND, ""]
    lines += [line for period in periods for line in _notes(period, results.levels)]
    lines += _quality(results.quality)
    return "\n".join(lines).rstrip("\n") + "\n"


def markdown_row(cells: tuple[str, ...] | list[str]) -> str:
    """One row of a table; the cells are Markdown already."""
    return f"| {' | '.join(cells)} |"


def _label(period: PeriodResult) -> str:
    marks = [word for word, holds in (("partial", period.partial), ("provisional", period.provisional)) if holds]
    return f"{period.period.label} ({', '.join(marks)})" if marks else period.period.label


def _cell(cell: Cell) -> str:
    interval = f" ({cell.interval})" if cell.interval else ""
    return f"**{cell.value}**{interval}, {cell.basis}"


def _notes(period: PeriodResult, levels: str) -> list[str]:
    said = notes(period, levels)
    return [f"- **{period.period.label}**: {escape('; '.join(said))}"] if said else []


def _quality(findings: tuple[QualityFinding, ...]) -> list[str]:
    if not findings:
        return []
    rows = [
        markdown_row((finding.severity, escape(finding.what), counted(finding), *map(_code_or_text, _last(finding))))
        for finding in findings
    ]
    head = ("Weight", "What", "How many", "What it does", "What to do")
    return ["", "### Data quality", "", markdown_row(head), markdown_row(["---"] * len(head)), *rows]


def _last(finding: QualityFinding) -> tuple[str, str]:
    return finding.meaning, remedy_of(finding)


def _code_or_text(text: str) -> str:
    """Our own sentences: commands and settings between backticks stay code; a bar would end the cell."""
    return "`".join(
        part.replace("|", "\\|") if place % 2 else escape(part) for place, part in enumerate(text.split("`"))
    )


def escape(text: str) -> str:
    """Names from outside as plain text on one line: nothing in them becomes markup, a link or a cell's end."""
    line = " ".join(text.splitlines()).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]>#|~" else letter for letter in line)
