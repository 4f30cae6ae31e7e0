from __future__ import annotations

from datetime import datetime, timezone

import pytest

from dora_metrics.cli_times import read_time, read_window
from dora_metrics.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2025-03-02", "UTC", "2025-03-02T00:00"),
        ("2025-03-02", "Europe/Berlin", "2025-03-01T23:00"),
        ("2025-03-02T10:30", "Europe/Berlin", "2025-03-02T09:30"),
        ("2025-03-02 10:30:15", "UTC", "2025-03-02T10:30:15"),
        ("2025-03-02T10:30:00Z", "Europe/Berlin", "2025-03-02T10:30"),
        ("2025-03-02T10:30:00+02:00", "Asia/Tokyo", "2025-03-02T08:30"),
    ],
)
def test_an_offset_wins_over_the_timezone(text: str, zone: str, expected: str) -> None:
    assert read_time("--since", text, zone) == datetime.fromisoformat(expected).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "text", ["", "soon", "2025", "2025-02-30", "2025-13-01", "2025-03-30T02:30", "2025-10-26T02:30", "2025-03-02T25:00"]
)
def test_what_is_no_time_or_two_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^--as-of {text}") as caught:
        read_time("--as-of", text, "Europe/Berlin")

    assert caught.value.remedy


def test_no_text_is_no_time() -> None:
    assert read_time("--since", None, "UTC") is None
    assert read_window(None, None, "UTC") == (None, None)


def test_a_window_needs_room() -> None:
    with pytest.raises(ConfigurationError, match=r"^--since 2025-02-01 is not before --until 2025-01-01$"):
        read_window("2025-02-01", "2025-01-01", "UTC")
