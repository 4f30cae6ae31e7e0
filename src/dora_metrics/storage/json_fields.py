"""Strict reading of a parsed JSON object: each field once, with its type, and none left over. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from collections.abc import Iterator


class Fields:
    """The fields of one object. Each method raises `ValueError`, naming the field, when it is not as it should be."""

    def __init__(self, value: Any) -> None:
        if type(value) is not dict:
            message = "not a JSON object"
            raise ValueError(message)
        self._left: dict[str, Any] = dict(value)

    def holds(self, name: str) -> bool:
        """Whether the field is there and not yet read."""
        return name in self._left

    def text(self, name: str) -> str:
        """A string."""
        value = self._take(name)
        if type(value) is not str:
            raise _wrong(name, "text")
        return value

    def optional_text(self, name: str) -> Optional[str]:
        """A string, or `None` for null."""
        if self._left.get(name, "") is None:
            del self._left[name]
            return None
        return self.text(name)

    def whole(self, name: str) -> int:
        """A whole number, not negative."""
        value = self._take(name)
        if type(value) is not int or value < 0:
            raise _wrong(name, "a whole number")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        values = self._take(name)
        if type(values) is not list or not all(type(value) is str for value in values):
            raise _wrong(name, "a list of texts")
        return tuple(values)

    def objects(self, name: str) -> Iterator[tuple[str, Fields]]:
        """The names and objects of an object of objects, in order."""
        for key, value in Fields(self._take(name)).rest().items():
            yield key, Fields(value)

    def rest(self) -> dict[str, Any]:
        """All that was not read yet, as it is."""
        left, self._left = self._left, {}
        return left

    def done(self) -> None:
        """Refuse fields that nobody has read."""
        if self._left:
            message = f"unknown field: {min(self._left)}"
            raise ValueError(message)

    def _take(self, name: str) -> Any:
        if name not in self._left:
            raise _wrong(name, "there")
        return self._left.pop(name)


def _wrong(name: str, expected: str) -> ValueError:
    return ValueError(f"field {name} is not {expected}")
