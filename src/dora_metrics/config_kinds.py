"""The kinds of values that settings take: each reads text (options, environment) and checks what TOML gave.

A wrong value raises `WrongValueError`, which says what it is not and what to write; the caller
adds who gave it, and where.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Optional, Protocol

from dora_metrics.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
PERIODS = ("daily", "weekly", "monthly", "quarterly", "yearly", "all")
"""As `domain.periods` reads them, which is too heavy to import for `--help`."""
YES = ("true", "yes", "on", "1")
NO = ("false", "no", "off", "0")


class WrongValueError(Exception):
    """A value that a setting cannot take."""

    def __init__(self, fault: str, *, remedy: str, show: bool = True) -> None:
        """`fault` continues "it …", `show` is false where the value may hold a secret and must not be printed."""
        super().__init__(fault)
        self.fault = fault
        self.remedy = remedy
        self.show = show


class Kind(Protocol):
    """What a setting needs to know about its values."""

    @property
    def metavar(self) -> str:
        """How `--help` writes a value."""

    @property
    def offers(self) -> Sequence[str]:
        """The values that completion offers."""

    def from_text(self, text: str) -> object:
        """The value that an option or environment variable means; not yet checked."""

    def check(self, value: object) -> object:
        """`value` as the settings hold it (lists as tuples). Raises `WrongValueError`."""


def text_of(value: object) -> str:
    """`value`, when it is text that fits on one line. Raises `WrongValueError`."""
    if not isinstance(value, str):
        fault = "is not text"
        raise WrongValueError(fault, remedy="write it between quotes")
    if CONTROL.search(value):
        fault = "holds a control character"
        raise WrongValueError(fault, remedy="write it on one line, without tabs")
    return value


@dataclass(frozen=True)
class Text:
    """Any text on one line; where `form` is given, one that it describes in full (or the empty text)."""

    metavar: str = "TEXT"
    form: str = ""
    fault: str = ""
    remedy: str = ""
    show: bool = True
    offers: ClassVar[Sequence[str]] = ()

    def from_text(self, text: str) -> object:
        """The text itself."""
        return text

    def check(self, value: object) -> object:
        """The text, when it has the form."""
        try:
            text = text_of(value)
        except WrongValueError as error:
            raise WrongValueError(error.fault, remedy=error.remedy, show=self.show) from None
        if text and self.form and not re.fullmatch(self.form, text):
            raise WrongValueError(self.fault, remedy=self.remedy, show=self.show)
        return text


@dataclass(frozen=True)
class Regex:
    """A regular expression, with exactly `groups` groups where that is given; or the empty text."""

    groups: Optional[int] = None
    metavar: str = "REGEX"
    offers: ClassVar[Sequence[str]] = ()

    def from_text(self, text: str) -> object:
        """The text itself."""
        return text

    def check(self, value: object) -> object:
        """The text, when Python reads it as a regular expression."""
        text = text_of(value)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about forms that a later Python may read in another way
                groups = re.compile(text).groups
        except (re.error, RecursionError, OverflowError) as error:
            fault = f"is not a regular expression ({error})"
            raise WrongValueError(fault, remedy="correct it, or put a backslash before special characters") from error
        if text and self.groups is not None and groups != self.groups:
            fault = f"has {groups} groups instead of {self.groups}"
            raise WrongValueError(fault, remedy=r"put ( ) around the part to keep, such as ^v(\d+\.\d+)")
        return text


@dataclass(frozen=True)
class Choice:
    """One of a few names."""

    offers: Sequence[str]

    @property
    def metavar(self) -> str:
        """The names."""
        return "|".join(self.offers)

    def from_text(self, text: str) -> object:
        """The text itself."""
        return text

    def check(self, value: object) -> object:
        """The name, written exactly."""
        text = text_of(value)
        if text not in self.offers:
            names = ", ".join(self.offers)
            fault = f"is none of {names}"
            raise WrongValueError(fault, remedy=did_you_mean(text, self.offers, otherwise=f"write {names}"))
        return text


@dataclass(frozen=True)
class PeriodName:
    """A calendar period, `all`, or a number of days such as `30d`."""

    metavar: str = "|".join((*PERIODS, "Nd"))
    offers: ClassVar[Sequence[str]] = (*PERIODS, "7d", "30d", "90d")

    def from_text(self, text: str) -> object:
        """The text itself."""
        return text

    def check(self, value: object) -> object:
        """The name of the period."""
        from dora_metrics.domain.periods import rolling_days

        text = text_of(value)
        if text not in PERIODS and not rolling_days(text):
            fault = "is not a period"
            usual = f"write {', '.join(PERIODS)}, or days such as 30d"
            raise WrongValueError(fault, remedy=did_you_mean(text, PERIODS, otherwise=usual))
        return text


@dataclass(frozen=True)
class Integer:
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int
    metavar: str = "NUMBER"
    offers: ClassVar[Sequence[str]] = ()

    def from_text(self, text: str) -> object:
        """The number, or the text when it is none."""
        return int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text.strip()) else text

    def check(self, value: object) -> object:
        """The number, when it is in the range."""
        remedy = f"write a number from {self.low} to {self.high}"
        if not isinstance(value, int) or isinstance(value, bool):
            fault = "is not a whole number"
            raise WrongValueError(fault, remedy=remedy)
        if not self.low <= value <= self.high:
            fault = "is out of range"
            raise WrongValueError(fault, remedy=remedy)
        return value


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    metavar: str = "BOOLEAN"
    offers: ClassVar[Sequence[str]] = ("true", "false")

    def from_text(self, text: str) -> object:
        """The truth, or the text when it is none."""
        word = text.strip().casefold()
        return True if word in YES else False if word in NO else text

    def check(self, value: object) -> object:
        """The truth."""
        if not isinstance(value, bool):
            fault = "is neither true nor false"
            raise WrongValueError(fault, remedy="write true or false, without quotes")
        return value


@dataclass(frozen=True)
class TimeZone:
    """An IANA time zone."""

    metavar: str = "ZONE"
    offers: ClassVar[Sequence[str]] = ("UTC",)

    def from_text(self, text: str) -> object:
        """The text itself."""
        return text

    def check(self, value: object) -> object:
        """The zone's name, when this machine knows it."""
        from zoneinfo import ZoneInfo, available_timezones

        name = text_of(value)
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:  # OSError: "Europe" is a folder of the zone files
            fault = "is not a time zone"
            usual = "write an IANA name such as Europe/Berlin, or UTC"
            raise WrongValueError(fault, remedy=did_you_mean(name, available_timezones(), otherwise=usual)) from error
        return name


@dataclass(frozen=True)
class ListOf:
    """Several values: an array in TOML; in text separated by commas (a value that holds one stands in quotes)."""

    item: Kind
    metavar: str = "A,B,…"

    @property
    def offers(self) -> Sequence[str]:
        """The values of one item."""
        return self.item.offers

    def from_text(self, text: str) -> object:
        """The values, without the space around them and without empty ones."""
        import csv

        cells = next(csv.reader([text], skipinitialspace=True), [])
        return [self.item.from_text(cell.strip()) for cell in cells if cell.strip()]

    def check(self, value: object) -> object:
        """The checked values as a tuple, in their order."""
        if not isinstance(value, list):
            fault = "is not a list"
            show = not isinstance(self.item, Text) or self.item.show
            raise WrongValueError(fault, remedy='write a list such as ["a", "b"]', show=show)
        return tuple(self.item.check(item) for item in value)
