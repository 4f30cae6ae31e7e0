"""The numbers of the page as JSON writes them, so that a machine reads off the page what `calculate` says. Pure."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import Any

from dora_metrics.domain.measurements import PeriodResult
from dora_metrics.report.results_json import period_object


class _Same:
    """A result as a key: itself, not what it holds (which has no hash)."""

    def __init__(self, result: PeriodResult) -> None:
        self.result = result

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.result is self.result

    def __hash__(self) -> int:
        return id(self.result)


@lru_cache(maxsize=4)
def _object(same: _Same) -> dict[str, Any]:
    return period_object(same.result)


def raw_number(result: PeriodResult, path: str) -> str:
    """The value at `path` of the period's JSON, as JSON: `20.5`, `null`, `[15.0, 26.5]`. NaN reads as `null`."""
    value: Any = _object(_Same(result))
    for name in path.split("."):
        value = value[name]
    return json.dumps(_finite(value), allow_nan=False, sort_keys=True)


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
