"""What people type into cells: yes and no, times, free text. Read when it can mean one thing only, else refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dora_metrics.domain.timestamps import format_utc

YES = frozenset(
    ("yes", "y", "x", "1", "1.0", "1,0", "true", "ja", "j", "wahr", "oui", "vrai", "sì", "vero", "sí", "verdadero")
)
NO = frozenset(("no", "n", "0", "0.0", "0,0", "false", "nein", "falsch", "non", "faux", "falso"))
LONGEST_TEXT = 32_000
"""UTF-16 units: in every spreadsheet a cell holds 32,767 of them, and ours may begin with a `'` more."""
TWELVE = 12
CENTURY = 2000
DATE_ORDERS = {"dmy": "day", "mdy": "month"}
"""What a person may say about dates in figures, and what comes first then."""

_DAMAGE = re.compile(r"\d[.,]?\d*E[+-]\d+|#[A-Z][A-Z/0]+[!?]?|##+|(Fehler|Err|Error):\s*\d*", re.IGNORECASE)
_SERIAL = re.compile(r"\d{4,6}([.,]\d+)?")
_OTHER_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffe\uffff]+")
"""Also what no XML may hold, and so no xlsx."""

_YEAR_FIRST = r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)"
_YEAR_LAST = r"(?P<left>\d\d?)(?P<sep>[-/.])(?P<right>\d\d?)(?P=sep)(?P<last>\d{2}|\d{4})"
_CLOCK = r"(?:T|,?\s+)(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?(?:\s*(?P<half>[AP]M))?"
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|(?P<sign>[+-])(?P<ahead>\d\d):?(?P<minutes>\d\d)?)?"
_MOMENT = re.compile(f"(?:{_YEAR_FIRST}|{_YEAR_LAST})(?:{_CLOCK}{_ZONE})?", re.ASCII | re.IGNORECASE)
_ISO_EXAMPLE = "such as 2025-12-31 14:05"


class Unreadable(ValueError):  # noqa: N818 (it is about a cell, not a fault of the program)
    """A cell that cannot be taken as it is: what is wrong with it, and what to write instead."""

    def __init__(self, problem: str, *, remedy: str) -> None:
        """Neither text ends in a full stop."""
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def require_undamaged(typed: str) -> None:
    """Refuse (`Unreadable`) what a spreadsheet leaves when it takes text for a number or a formula."""
    if _DAMAGE.fullmatch(typed):
        message = "looks changed by a spreadsheet"
        raise Unreadable(message, remedy="type it again, with the column formatted as text")


def read_yes_no(typed: str) -> str:
    """`yes` or `no`, from the words, digits and truth values that spreadsheets and people write."""
    word = typed.casefold()
    if word in YES:
        return "yes"
    if word in NO:
        return "no"
    message = "is neither yes nor no"
    raise Unreadable(message, remedy="write yes, no or - (takes it back), or leave it blank")


def read_text(typed: str) -> str:
    """The text with line breaks as LF and without other control characters."""
    if len(typed.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_TEXT:
        message = f"is longer than {LONGEST_TEXT:,} characters"
        raise Unreadable(message, remedy="shorten it")
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    return _OTHER_CONTROLS.sub(" ", lines).strip()


def read_moment(typed: str, zone: ZoneInfo, order: str = "") -> str:
    """The time as UTC with `Z`, to the second; without an offset it is a local time of `zone`.

    `order`, one of `DATE_ORDERS`, says how `03/04/25` is meant; years of two digits are then those of this century.
    Refused: what has no time of day, could be another date in another country, contradicts `order`, or falls into a
    gap or an overlap of daylight saving time.
    """
    found = _MOMENT.fullmatch(typed)
    if not found:
        raise _no_time(typed)
    if found["hour"] is None:
        message = "has no time of day"
        raise Unreadable(message, remedy=f"write date and time, {_ISO_EXAMPLE}; midnight in a cell formatted as text")
    year, month, day = _date_of(found, order)
    try:
        local = datetime(year, month, day, _hour_of(found), int(found["minute"]), int(found["second"] or 0))  # noqa: DTZ001 (its zone is found next)
        return format_utc(_with_offset(local, found) if found["zone"] else _in_zone(local, zone))
    except (ValueError, OverflowError) as error:
        if isinstance(error, Unreadable):
            raise
        message = "is no date and time that exists"
        raise Unreadable(message, remedy=f"write one {_ISO_EXAMPLE}") from None


def _no_time(typed: str) -> Unreadable:
    if _SERIAL.fullmatch(typed):
        remedy = f"type it again {_ISO_EXAMPLE}, with the column formatted as text"
        return Unreadable("looks changed by a spreadsheet: a number, not a time", remedy=remedy)
    return Unreadable("is no time", remedy=f"write date and time, {_ISO_EXAMPLE}")


def _date_of(found: re.Match[str], order: str) -> tuple[int, int, int]:
    if found["year"]:
        return int(found["year"]), int(found["month"]), int(found["day"])
    if len(found["last"]) != len("2025") and not order:
        remedy = f"write the year with four digits, {_ISO_EXAMPLE}, or say with --date-order dmy or mdy how to read it"
        message = "has a year of two digits"
        raise Unreadable(message, remedy=remedy)
    left, right, year = int(found["left"]), int(found["right"]), int(found["last"])
    year += CENTURY if len(found["last"]) != len("2025") else 0
    if found["sep"] == ".":  # nobody writes the month first with dots
        return year, right, left
    if left > TWELVE or right > TWELVE:
        _require_order(order, "dmy" if left > TWELVE else "mdy")
        return (year, right, left) if left > TWELVE else (year, left, right)
    if order or left == right:
        return (year, left, right) if order == "mdy" else (year, right, left)
    message = "can be two dates, with the day or the month first"
    raise Unreadable(message, remedy=f"write it {_ISO_EXAMPLE}, or say which with --date-order dmy or mdy")


def _require_order(said: str, found: str) -> None:
    """Refuse what shows that the person is wrong about the file: its other dates would be read wrongly in silence."""
    if said and said != found:
        message = f"has the {DATE_ORDERS[found]} first, against --date-order {said}"
        raise Unreadable(message, remedy=f"import it with --date-order {found}, or write this one {_ISO_EXAMPLE}")


def _hour_of(found: re.Match[str]) -> int:
    hour = int(found["hour"])
    if not found["half"]:
        return hour
    if not 1 <= hour <= TWELVE:
        message = "is no hour of a twelve-hour clock"
        raise Unreadable(message, remedy=f"write the time {_ISO_EXAMPLE}")
    return hour % TWELVE + (TWELVE if found["half"].upper() == "PM" else 0)


def _with_offset(local: datetime, found: re.Match[str]) -> datetime:
    if not found["sign"]:
        return local.replace(tzinfo=timezone.utc)
    minutes = int(found["minutes"] or 0)
    if minutes > 59:  # noqa: PLR2004 (minutes of an hour)
        raise ValueError(minutes)
    ahead = timedelta(hours=int(found["ahead"]), minutes=minutes)
    return local.replace(tzinfo=timezone(-ahead if found["sign"] == "-" else ahead)).astimezone(timezone.utc)


def _in_zone(local: datetime, zone: ZoneInfo) -> datetime:
    earlier, later = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    moment = earlier.astimezone(timezone.utc)
    if earlier.utcoffset() == later.utcoffset():
        return moment
    skipped = moment.astimezone(zone).replace(tzinfo=None) != local
    problem = "does not exist" if skipped else "happens twice"
    turn = "forward" if skipped else "back"
    message = f"{problem} in {zone.key}: the clocks go {turn} there"
    raise Unreadable(
        message,
        remedy=f"add the offset, such as {local:%Y-%m-%d %H:%M}{_signed(later if skipped else earlier)}",
    )


def _signed(moment: datetime) -> str:
    return moment.isoformat()[-len("+00:00") :]
