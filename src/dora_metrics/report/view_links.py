"""From each headline to the items behind it: which it counts, which it leaves out. Pure.

`show` is a word of the page's script (templates/shows.js), which finds the very rows; without JavaScript a link leads
to the table that holds them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Optional

from dora_metrics.domain.measurements import PeriodResult
from dora_metrics.report import words


@dataclass(frozen=True)
class ItemLink:
    """One way to the items behind a number."""

    text: str
    show: str
    anchor: str
    """The table that holds them."""
    count: Optional[int] = None
    """How many there are; `None` where the results do not say."""


def _link(count: int, said: str, show: str, anchor: str) -> ItemLink:
    return ItemLink(f"{count:,} {said}", show, anchor, count)


def _lead_time(result: PeriodResult) -> list[ItemLink]:
    lead_time = result.lead_time
    return [
        _link(lead_time.spread.n, "counted", "lead_time.counted", "changes"),
        _link(sum(lead_time.left_out.values()), "left out", "lead_time.left_out", "left-out"),
        _link(lead_time.undeployed, "waiting", "lead_time.undeployed", "undeployed"),
    ]


def _frequency(result: PeriodResult) -> list[ItemLink]:
    return [
        _link(result.deployment_frequency.deployments, "counted", "deployment_frequency.counted", "deployments"),
        ItemLink("Not counted", "deployment_frequency.left_out", "deployments"),
    ]


def _recovery(result: PeriodResult) -> list[ItemLink]:
    mttr = result.mttr
    return [
        _link(mttr.spread.n, "restored", "mttr.counted", "deployments"),
        _link(sum(mttr.left_out.values()), "left out", "mttr.left_out", "deployments"),
        _link(mttr.open, "open", "mttr.open", "deployments"),
    ]


def _failure_rate(result: PeriodResult) -> list[ItemLink]:
    rate = result.change_failure_rate
    return [
        _link(rate.failed, "failed", "change_failure_rate.failed", "deployments"),
        _link(rate.deployments, "could fail", "change_failure_rate.counted", "deployments"),
        _link(
            rate.unattributed + rate.not_in_dc,
            words.plural(rate.unattributed + rate.not_in_dc, "failure").partition(" ")[2] + " left out",
            "change_failure_rate.left_out",
            "failures",
        ),
    ]


def _rework_rate(result: PeriodResult) -> list[ItemLink]:
    rework = result.rework_rate
    return [
        _link(rework.rework, "unplanned", "rework_rate.rework", "deployments"),
        _link(rework.deployments, "in all", "rework_rate.counted", "deployments"),
    ]


LINKS: Mapping[str, Callable[[PeriodResult], list[ItemLink]]] = {
    "lead_time": _lead_time,
    "deployment_frequency": _frequency,
    "mttr": _recovery,
    "change_failure_rate": _failure_rate,
    "rework_rate": _rework_rate,
}
MAIN_SHOW = {
    "lead_time": "lead_time.counted",
    "deployment_frequency": "deployment_frequency.counted",
    "mttr": "mttr.counted",
    "change_failure_rate": "change_failure_rate.counted",
    "rework_rate": "rework_rate.counted",
}
"""What a mark of a metric's chart leads to."""


def links_of(key: str, result: PeriodResult) -> tuple[ItemLink, ...]:
    """The ways to the items of the metric `key`; those to nothing are left out, but for the first."""
    first, *others = LINKS[key](result)
    return (first, *(link for link in others if link.count != 0))
