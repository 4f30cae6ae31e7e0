"""DORA metrics from the history that is already there.

The Python API is loaded on first use, so that `import dora_metrics` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dora_metrics.calculators.api import (
        calculate_change_failure_rate,
        calculate_deployment_frequency,
        calculate_lead_time,
        calculate_mttr,
        calculate_rework_rate,
    )
    from dora_metrics.calculators.metrics import calculate_results

__version__ = "0.1.0"
__all__ = [
    "calculate_change_failure_rate",
    "calculate_deployment_frequency",
    "calculate_lead_time",
    "calculate_mttr",
    "calculate_results",
    "calculate_rework_rate",
]


def __getattr__(name: str) -> object:
    """A function of the Python API."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from dora_metrics.calculators import api, metrics  # noqa: PLC0415 (what needs no number does not pay for it)

    return getattr(metrics if name == "calculate_results" else api, name)


def __dir__() -> list[str]:
    """Everything that is here, the functions not yet loaded included."""
    return sorted({*globals(), *__all__})
