"""What may be named in a review file of tests: three commits, two deployments, an incident."""

from __future__ import annotations

from dora_metrics.domain.known_keys import known_service
from dora_metrics.domain.review import ReviewRow
from support.judgement_samples import SHOP, a_change, a_dataset, a_deployment, a_failure, at, sha

ALIKE = ("abcdef1" + "0" * 33, "abcdef1" + "1" * 33)
"""Two commits that begin with the same seven digits."""
SHOWN = ReviewRow(key=f"commit:{sha(1)}", repository=SHOP, title="=cart", pull_request=12, date=at(0), deployment="v1")
KNOWN = known_service(
    a_dataset(
        changes=(a_change(12),),
        deployments=(a_deployment("v1", 1), a_deployment("v2", 2)),
        failures=(a_failure("tag:v1", key="issue:7", issue=7),),
        unreachable=(sha(99),),
    ),
    [sha(1), sha(2), sha(3), *ALIKE],
    {SHOWN.key: SHOWN},
)
