"""Whole columns of the processed tables as plain lists: what pictures and the page's full tables are made of. Pure.

As in `view_frames`, a column may hold times, numbers or texts, and one that a file does not have reads as nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Optional

from dora_metrics.report.view_frames import text_of

if TYPE_CHECKING:
    import pandas as pd

Seconds = list[Optional[int]]


def epochs(frame: pd.DataFrame, *names: str) -> Seconds:
    """Unix seconds of the first of `names` that has a time; `None` where none has."""
    found: Seconds = [None] * len(frame)
    for name in names:
        if name in frame.columns and None in found:
            found = [mine if mine is not None else other for mine, other in zip(found, _epochs(frame[name]))]
    return found


def _epochs(column: pd.Series) -> Seconds:
    import pandas as pd  # noqa: PLC0415 (heavy: only when a report is made)

    moments = column
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        moments = pd.to_datetime(column.astype("string"), utc=True, format="ISO8601", errors="coerce")
    instants = moments.to_numpy(dtype="datetime64[s]")
    missing = moments.isna().to_numpy()
    return [None if gone else second for second, gone in zip(instants.astype("int64").tolist(), missing.tolist())]


def durations(frame: pd.DataFrame, name: str) -> Seconds:
    """A column of hours as whole seconds; `None` where there is no number."""
    import pandas as pd  # noqa: PLC0415 (heavy: only when a report is made)

    if name not in frame.columns:
        return [None] * len(frame)
    hours = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype="float64", na_value=math.nan).tolist()
    return [round(value * 3600) if math.isfinite(value) else None for value in hours]


def texts(frame: pd.DataFrame, name: str) -> list[str]:
    """A column as texts, nothing as the empty one."""
    if name not in frame.columns:
        return [""] * len(frame)
    column = frame[name]
    plain = column.astype(object).where(column.notna(), None).tolist()
    return [value if _is_plain(value) else text_of(value) for value in plain]


def _is_plain(value: object) -> bool:
    """Whether `text_of` would give the very same; asked of every cell, so it must be quick."""
    return isinstance(value, str) and value[:1] not in {"'", "T", "F"}


def deployment_names(deployments: pd.DataFrame) -> dict[str, str]:
    """By key the tags of GitHub's Deployments that have one."""
    pairs = zip(texts(deployments, "key"), texts(deployments, "tag"))
    return {key: tag for key, tag in pairs if tag and key.startswith("deployment:")}
