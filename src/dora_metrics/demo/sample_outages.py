"""The incident issues of the invented web shop: what people wrote when something was down, and how each ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from dora_metrics.demo.sample_story import CULPRITS, DAY, THURSDAY, UNSHIPPED_FIX, WEEK, release_hour

MAILS_FIX = "Hotfix: stop sending order mails twice"
PROVIDER_DOWN = "Card payments fail: the payment provider is down"


@dataclass(frozen=True)
class IncidentPlan:
    """An issue with the label `incident`; hours as in `sample_plan`."""

    title: str
    opened: float
    closed: Optional[float] = None
    """When a person closed it; `None` = open, unless a merge closes it."""
    closed_by: str = ""
    """The title of the work whose merge closes it."""
    caused_by: str = ""
    """The title of the work that its text names as the cause."""
    text: str = ""


INCIDENTS = (
    IncidentPlan(
        "Sign-in is slow for everybody", 22 * WEEK + 2 * DAY + 9.5, 22 * WEEK + 2 * DAY + 15,
        text="Pages take ten seconds. Restarting the session store helped.",
    ),
    IncidentPlan(
        PROVIDER_DOWN, 50 * WEEK + 2 * DAY + 19.2, 50 * WEEK + 2 * DAY + 22.6,
        text="Their status page says the same. Nothing of ours went out that changes payments.",
    ),
    IncidentPlan(
        "Customers get every order mail twice", release_hour(60, THURSDAY) + 1.1, closed_by=MAILS_FIX,
        text="Support has forty calls since ten o'clock.",
    ),
    IncidentPlan(
        "Invoices of companies show the wrong address", 64 * WEEK + 6 * DAY + 10, 64 * WEEK + 6 * DAY + 17.5,
        caused_by=CULPRITS[0][0], text="The old template is switched back on in the settings.",
    ),
    IncidentPlan(
        "Search finds nothing for umlauts", release_hour(72) + 5.5, release_hour(72) + 13.2,
        text="The index was built anew with the right collation.",
    ),
    IncidentPlan(
        "Wrong delivery day shown before holidays", release_hour(79) + 22, closed_by=UNSHIPPED_FIX.title,
        text="Orders for the long weekend promise Monday.",
    ),
    IncidentPlan(
        "Stock of bundles falls below zero", release_hour(78, THURSDAY) + 75,
        text="Seen in the warehouse; being looked at.",
    ),
)  # fmt: skip
"""Oldest first."""
