"""Columns of a DataFrame as arrays, whichever way the frame was read: by `frames.py` or by a person's `read_csv`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Optional

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dora_metrics.calculators.windows import Window
from dora_metrics.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

SECONDS_PER_HOUR = 3600
TRUE_WORDS = ("true", "1", "1.0", "yes")
FALSE_WORDS = ("false", "0", "0.0", "no", "", "nan", "none", "<na>")


class Labels(NamedTuple):
    """A column of few different texts: for each row the number of its name."""

    codes: Integers
    names: tuple[str, ...]

    def among(self, names: Iterable[str]) -> Flags:
        """Which rows bear one of `names`."""
        wanted = set(names)
        return np.isin(self.codes, [code for code, name in enumerate(self.names) if name in wanted])


def require_columns(frame: pd.DataFrame, columns: Sequence[str], file: str) -> None:
    """Raise `InputError` when `frame` lacks one of `columns`, naming all that it lacks."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        message = f"the DataFrame has no column {', '.join(missing)}"
        raise InputError(message, remedy=f"pass that of data/processed/{file}")


def seconds_of(frame: pd.DataFrame, *columns: str) -> Floats:
    """Unix seconds, NaN where there is no time: of the first of `columns` that has one; all NaN without the columns.

    Texts are ISO 8601; a time without an offset is UTC. Raises `InputError` for anything else.
    """
    found: Optional[Floats] = None
    for column in columns:
        if column not in frame.columns:
            continue
        if found is None:
            found = _seconds(frame[column])
            continue
        holes = np.flatnonzero(np.isnan(found))
        if holes.size:
            found[holes] = _seconds(frame[column].iloc[holes])
    return np.full(len(frame), np.nan) if found is None else found


def _seconds(column: pd.Series) -> Floats:
    """Through microseconds by name: the unit of a pandas time column differs between its versions."""
    if pd.api.types.is_numeric_dtype(column.dtype) and bool(column.notna().any()):
        raise _unreadable(column, "numbers", "times")
    try:
        moments = column if _holds_times(column) else pd.to_datetime(column, utc=True, format="ISO8601")
    except (ValueError, TypeError) as error:
        raise _unreadable(column, str(error).split(",")[0].split(".")[0], "times") from error
    instants = moments.to_numpy(dtype="datetime64[us]")
    seconds: Floats = instants.view(np.int64) / 1e6
    seconds[np.isnat(instants)] = np.nan
    return seconds


def _holds_times(column: pd.Series) -> bool:
    return pd.api.types.is_datetime64_any_dtype(column.dtype)


def durations_of(frame: pd.DataFrame, column: str) -> Floats:
    """A column of hours as whole seconds, NaN where there is none; all NaN without the column.

    Six decimals of an hour are less than two milliseconds, so rounding gives back the seconds that were written.
    Raises `InputError` for text that is no number.
    """
    if column not in frame.columns:
        return np.full(len(frame), np.nan)
    hours = frame[column]
    try:
        numbers = pd.to_numeric(hours.replace("", None) if hours.dtype.kind == "O" else hours)
    except (ValueError, TypeError) as error:
        raise _unreadable(hours, str(error), "hours") from error
    seconds: Floats = np.round(numbers.to_numpy(dtype=np.float64, na_value=np.nan) * SECONDS_PER_HOUR)
    return seconds


def flags_of(frame: pd.DataFrame, column: str) -> Flags:
    """A column of true and false, false where there is nothing; all false without the column.

    Raises `InputError` for any other text.
    """
    if column not in frame.columns:
        return np.zeros(len(frame), dtype=np.bool_)
    if frame[column].dtype == np.bool_:
        return frame[column].to_numpy(dtype=np.bool_)
    labels = labels_of(frame, column)
    words = [name.lower() for name in labels.names]
    strange = [name for name in words if name not in TRUE_WORDS + FALSE_WORDS]
    if strange:
        raise _unreadable(frame[column], repr(strange[0]), "true or false")
    return labels.among(name for name in labels.names if name.lower() in TRUE_WORDS)


def labels_of(frame: pd.DataFrame, column: str) -> Labels:
    """A column of few different texts, "" where there is nothing; all "" without the column."""
    if column not in frame.columns:
        return Labels(np.zeros(len(frame), dtype=np.int64), ("",))
    codes, names = pd.factorize(frame[column])
    texts = ("", *(str(name) for name in names))
    return Labels(np.asarray(codes, dtype=np.int64) + 1, texts)  # factorize says -1 for nothing


def owned_keys(frame: pd.DataFrame, column: str) -> list[tuple[str, str, str]]:
    """Keys with the repository and service that they are of: two services may deploy under one tag."""
    names = ("repository", "service")
    owners = [frame[name].astype(str) if name in frame.columns else [""] * len(frame) for name in names]
    return list(zip(*owners, frame[column].astype(str)))


def _unreadable(column: pd.Series, found: str, wanted: str) -> InputError:
    message = f"column {column.name} holds {found} where {wanted} are expected"
    return InputError(message, remedy="pass the DataFrame of a processed file, or rebuild it with dora-metrics extract")


class Timeline(NamedTuple):
    """Values in order of the time at which each counts."""

    times: Floats
    values: NDArray[np.float64]

    def in_windows(self, windows: Sequence[Window]) -> Iterator[Floats]:
        """For each window the values that count in it, in order of time."""
        starts, ends = self.bounds(windows)
        for start, end in zip(starts.tolist(), ends.tolist()):
            yield self.values[start:end]

    def counts(self, windows: Sequence[Window]) -> list[int]:
        """For each window how many values count in it."""
        starts, ends = self.bounds(windows)
        counts: list[int] = np.maximum(ends - starts, 0).tolist()
        return counts

    def bounds(self, windows: Sequence[Window]) -> tuple[Integers, Integers]:
        """For each window the places of its first value and of the first one after it."""
        starts = np.array([window.start_s for window in windows], dtype=np.float64)
        ends = np.array([window.end_s for window in windows], dtype=np.float64)
        return self.times.searchsorted(starts), self.times.searchsorted(ends)


def timeline(times: Floats, values: Floats, where: Optional[Flags] = None) -> Timeline:
    """The rows `where` (default: all) that have both a time and a value, by time; ties keep their order."""
    known = ~(np.isnan(times) | np.isnan(values))
    chosen = known if where is None else known & where
    times, values = times[chosen], values[chosen]
    if bool((times[1:] >= times[:-1]).all()):
        return Timeline(times, values)
    order = np.argsort(times, kind="stable")
    return Timeline(times[order], values[order])


def middle(values: Floats) -> Optional[float]:
    """The median; `None` when there are no values. Plain numbers only: no times, no NaN (see `timeline`)."""
    n = values.size
    if n == 0:
        return None
    low, high = (n - 1) // 2, n // 2
    placed = np.partition(values, low if low == high else (low, high))
    return float(placed[low] + placed[high]) / 2
