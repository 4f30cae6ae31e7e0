"""Long outputs cut short, saying by how much: no number in them is changed."""

from __future__ import annotations


def first_lines(text: str, most: int) -> str:
    """The first `most` lines, and how many more there are; at most one more is printed whole."""
    lines = text.splitlines()
    if len(lines) <= most + 1:
        return text
    return "\n".join([*lines[:most], f"[... {len(lines) - most:,} more lines]"])


def some_blocks(text: str, *, first: int, last: int) -> str:
    """The first and the last blocks of `text`, which empty lines divide, and how many are left out between them."""
    blocks = text.split("\n\n")
    left_out = len(blocks) - first - last
    if left_out < 1:
        return text
    return "\n\n".join([*blocks[:first], f"[... {left_out:,} more]", *blocks[-last:]])
