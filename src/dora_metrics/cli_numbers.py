"""The numbers of `calculate` as text in the form that a person asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from dora_metrics.errors import ConfigurationError

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
    compare: bool,
    format_: str,
) -> str:
    """All datasets pooled; with `by` (`service` or `repository`) those before it one by one.

    With `compare` by each tool's definitions: the newest complete period and the whole window, or every period where
    its length was asked for. Raises `ConfigurationError` for `by` and `compare` together.
    """
    from importlib import import_module

    start, end = run.window(since, until)
    workspace = run.workspace(repository=repository, service=service)
    if compare:
        if by:
            message = "--by and --compare-profiles do not go together"
            raise ConfigurationError(message, remedy="compare one service at a time with --service")
        from dora_metrics.pipeline.results import compare_profiles

        columns = compare_profiles(workspace, since=start, until=end)
        render = getattr(import_module("dora_metrics.report.comparison"), f"comparison_{format_}")
        return str(render(columns, every_period=run.options.get("period") is not None))
    if by:
        from dora_metrics.pipeline.breakdown import calculate_by

        found = calculate_by(workspace, by, since=start, until=end)
        render = getattr(import_module("dora_metrics.report.results_by"), f"results_by_{format_}")
        return str(render(found.pooled, found.parts))
    from dora_metrics.pipeline.results import calculate

    render = getattr(import_module(f"dora_metrics.report.results_{format_}"), f"results_{format_}")
    return str(render(calculate(workspace, since=start, until=end)))
