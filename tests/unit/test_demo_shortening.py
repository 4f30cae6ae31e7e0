"""What is cut out of a long output is counted; what stays is untouched."""

from __future__ import annotations

import pytest

from dora_metrics.demo.shortening import some_blocks, some_lines


@pytest.mark.parametrize(
    ("text", "first", "last", "shown"),
    [
        ("a\nb\nc\nd\ne", 2, 1, "a\nb\n  [... 2 more lines]\ne"),
        ("a\nb\nc\nd", 2, 0, "a\nb\n  [... 2 more lines]"),
        ("a\nb\nc\nd", 2, 1, "a\nb\nc\nd"),
        ("a", 2, 1, "a"),
        ("", 1, 1, ""),
    ],
)
def test_lines_are_left_out_where_it_saves_any(text: str, first: int, last: int, shown: str) -> None:
    assert some_lines(text, first=first, last=last) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n\nb\n\nc\n\nd", "a\n\n  [... 2 more]\n\nd"),
        ("a\n\nb\n\nc", "a\n\nb\n\nc"),
        ("a\nb\nc\nd\n\ne", "a\nb\n  [... 2 more lines]\n\ne"),
    ],
)
def test_blocks_are_left_out_and_the_others_cut(text: str, shown: str) -> None:
    assert some_blocks(text, first=1, last=1, lines=2) == shown
