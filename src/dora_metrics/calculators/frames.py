"""The master dataset's CSV files as DataFrames with types: bytes in, nothing else is read."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from dora_metrics.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

REBUILD = "rebuild the processed files with dora-metrics extract"
TIME_LENGTH = len("2025-03-02T14:05:00Z")
BOOLEANS = {"true": True, "false": False, "": None}
COUNTS = ("changes", "new_commits", "withdrawn")
NAMES = (
    "repository",
    "service",
    "environment",
    "source",
    "kind",
    "failure_provenance",
    "via",
    "left_out",
    "attribution",
)
"""Columns of few different texts."""

CHANGES = ("key", "deployed_at", "merged_at", "first_commit_at", "ready_at", "lead_time_hours", "is_bot")
DEPLOYMENTS = (
    "key",
    "deployed_at",
    "kind",
    "failed",
    "failure_provenance",
    "began_at",
    "restored_at",
    "recovery_hours",
)
INCIDENTS = ("key", "started_at", "resolved_at", "attribution")
COMMITS = ("deployment", "lead_time_hours")


def read_changes(content: bytes) -> pd.DataFrame:
    """The rows of changes.csv in their order.

    Times (`…_at`) are UTC and NaT without a value, `…_hours` floats and NaN, `is_…` true, false or NA, other columns
    texts, "" without a value. Raises `InputError` for a file that lacks a column or holds what cannot be read.
    """
    return _read(content, "changes.csv", CHANGES)


def read_deployments(content: bytes) -> pd.DataFrame:
    """The rows of deployments.csv in their order, with types and errors as in `read_changes`; counts are integers."""
    return _read(content, "deployments.csv", DEPLOYMENTS)


def read_incidents(content: bytes) -> pd.DataFrame:
    """The rows of incidents.csv in their order, with types and errors as in `read_changes`."""
    return _read(content, "incidents.csv", INCIDENTS)


def read_commits(content: bytes) -> pd.DataFrame:
    """The rows of commits.csv in their order, with types and errors as in `read_changes`."""
    return _read(content, "commits.csv", COMMITS)


def _read(content: bytes, file: str, required: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 (half a second, only when numbers are wanted)

    texts = _texts(content, file)
    missing = [column for column in required if column not in texts.columns]
    if missing:
        message = f"{file} has no column {', '.join(missing)}"
        raise InputError(message, remedy=REBUILD)
    frame: pd.DataFrame = pd.DataFrame({name: _typed(column, file) for name, column in texts.items()})
    return frame


def _texts(content: bytes, file: str) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 (half a second, only when numbers are wanted)

    try:
        frame: pd.DataFrame = pd.read_csv(
            io.BytesIO(content), dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8-sig"
        )
    except (ValueError, pd.errors.ParserError) as error:  # no columns, not UTF-8, rows of different length
        message = f"{file} is no CSV file: {error}"
        raise InputError(message, remedy=REBUILD) from error
    if not isinstance(frame.index, pd.RangeIndex):  # pandas took the first cells of longer rows for their names
        message = f"{file} has rows that are longer than its header"
        raise InputError(message, remedy=REBUILD)
    return frame


def _typed(column: pd.Series, file: str) -> pd.Series:
    name = str(column.name)
    try:
        return _convert(column, name)
    except (ValueError, KeyError, TypeError) as error:
        message = f"{file}, column {name}: {error} cannot be read"
        raise InputError(message, remedy=REBUILD) from error


def _convert(column: pd.Series, name: str) -> pd.Series:
    converted: pd.Series = column
    if name.endswith("_at"):
        converted = _times(column)
    elif name.endswith("_hours"):
        converted = column.where(column != "", "nan").astype("float64")
    elif name.startswith("is_") or name == "failed":
        converted = _booleans(column)
    elif name in COUNTS:
        converted = column.where(column != "", "0").astype("int64")
    elif name in NAMES:
        converted = column.astype("category")
    return converted


def _times(column: pd.Series) -> pd.Series:
    """Through numpy's whole seconds: pandas 2 reads into nanoseconds, which end in the year 2262."""
    import numpy as np  # noqa: PLC0415 (beside pandas)
    import pandas as pd  # noqa: PLC0415 (half a second, only when numbers are wanted)

    texts = column.to_numpy(dtype=object)
    strange = [text for text in texts if text and not (text.endswith("Z") and len(text) == TIME_LENGTH)]
    if strange:
        raise ValueError(repr(strange[0]))
    instants = np.array([text[:-1] for text in texts], dtype="datetime64[s]")
    times: pd.Series = pd.Series(instants, index=column.index).dt.tz_localize("UTC")
    return times


def _booleans(column: pd.Series) -> pd.Series:
    values = column.map(BOOLEANS)
    unknown = column[values.isna() & (column != "")]
    if len(unknown):
        raise ValueError(repr(unknown.iloc[0]))
    booleans: pd.Series = values.astype("boolean")
    return booleans
