"""What somebody probably meant to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def closest(word: str, names: Iterable[str]) -> str:
    """The name most like `word`, whatever its case; the empty text when none is near."""
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in names}
    near = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else ""


def did_you_mean(word: str, names: Iterable[str], otherwise: str) -> str:
    """`did you mean …?` with the closest name, or `otherwise` when nothing is near."""
    near = closest(word, names)
    return f"did you mean {near}?" if near else otherwise
