"""Long outputs cut short, saying by how much: no line that stays is changed."""

from __future__ import annotations


def some_lines(text: str, *, first: int, last: int = 0) -> str:
    """The first and the last lines, and how many are left out between them: never a single one."""
    lines = text.splitlines()
    left_out = len(lines) - first - last
    if left_out <= 1:
        return text
    return "\n".join([*lines[:first], f"  [... {left_out:,} more lines]", *lines[len(lines) - last :]])


def some_blocks(text: str, *, first: int, last: int, lines: int) -> str:
    """The first and the last of the blocks that empty lines divide, each cut to `lines`, and how many are left out."""
    blocks = text.split("\n\n")
    left_out = len(blocks) - first - last
    if left_out > 1:
        blocks = [*blocks[:first], f"  [... {left_out:,} more]", *blocks[len(blocks) - last :]]
    return "\n\n".join(some_lines(block, first=lines) for block in blocks)
