"""What the page says where another tool's definitions made the numbers: only what that tool defines. Pure.

Its counts are not those of the tables of items, which are judged by our rules: so no number leads to items there.
"""

from __future__ import annotations

from collections.abc import Sequence

from dora_metrics.domain.measurements import PeriodResult, Spread
from dora_metrics.report import words
from dora_metrics.report.results_json import KNOWN_TO_OTHERS
from dora_metrics.report.view_basis import BASIS
from dora_metrics.report.view_links import ItemLink
from dora_metrics.report.view_metrics import LEAD_TIME, METRICS, RECOVERY, REWORK_RATE, Metric

NOT_DEFINED = "not defined"
"""Stands where the tool has no such metric; "no data" is for one that it has."""
TO_THE_RULE = ItemLink("Its rule", "", "definitions")
"""Leads to the rules of all five."""
SPREADS = {
    LEAD_TIME.key: lambda result: result.lead_time.spread,
    RECOVERY.key: lambda result: result.mttr.spread,
}


def metrics_in(result: PeriodResult) -> Sequence[Metric]:
    """The metrics that are defined where `result` comes from."""
    return METRICS[:-1] if result.by_other_rules else METRICS


def rule_of(metric: Metric, result: PeriodResult) -> str:
    """The rule that made the number, as a sentence; empty under our own, which the definitions tell."""
    rules = {
        "lead_time": result.lead_time.rule,
        "deployment_frequency": result.deployment_frequency.rule,
        "change_failure_rate": result.change_failure_rate.rule,
        "mttr": result.mttr.rule,
        "rework_rate": result.rework_rate.rule,
    }
    return _sentence(rules[metric.key])


def basis_of(metric: Metric, result: PeriodResult) -> tuple[str, ...]:
    """What the value rests on."""
    if metric is REWORK_RATE:
        return ("This tool has no such metric",)
    if metric.read(result).value is None:
        return ("No value by its rule",)
    spread = SPREADS.get(metric.key)
    return BASIS[metric.key](result) if spread is None else (_spread_basis(spread(result)),)


def beside_of(metric: Metric, result: PeriodResult) -> tuple[str, ...]:
    """Why the value is not ours, or why there is none, from the data."""
    why = result.why.get(metric.key, "")
    return (_sentence(why).rstrip("."),) if why else ()


def is_known(metric: Metric, name: str) -> bool:
    """Whether another tool's definitions say what stands under this name of the JSON."""
    return name in KNOWN_TO_OTHERS[metric.key]


def _spread_basis(spread: Spread) -> str:
    kind = "Mean" if spread.median_s is None else "Median"
    return f"{kind} of {words.plural(spread.n, 'item')} by its rule"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}." if text else ""
