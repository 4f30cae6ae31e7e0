"""The numbers of `calculate` as text in the form that a person asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from dora_metrics.cli_run import Run


def numbers(
    run: Run,
    *,
    since: Optional[str],
    until: Optional[str],
    repository: str,
    service: str,
    by: Optional[str],
    format_: str,
) -> str:
    """All datasets pooled; with `by` (`service` or `repository`) those before it one by one."""
    from importlib import import_module

    start, end = run.window(since, until)
    workspace = run.workspace(repository=repository, service=service)
    if by:
        from dora_metrics.pipeline.breakdown import calculate_by

        found = calculate_by(workspace, by, since=start, until=end)
        render = getattr(import_module("dora_metrics.report.results_by"), f"results_by_{format_}")
        return str(render(found.pooled, found.parts))
    from dora_metrics.pipeline.results import calculate

    render = getattr(import_module(f"dora_metrics.report.results_{format_}"), f"results_{format_}")
    return str(render(calculate(workspace, since=start, until=end)))
