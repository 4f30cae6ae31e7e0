"""The calendar of the invented web shop and what went wrong in it: two years, told in hours.

Times are hours since a Monday half a year after its beginning, so that it can lie anywhere in the calendar: releases
every second week, then weekly; a freeze before Christmas; version 2 with a bad start; releases twice a week, and in
the newest quarter smaller pull requests and three releases a week.
"""

from __future__ import annotations

from dataclasses import dataclass

DAY = 24.0
WEEK = 7 * DAY
MONDAY, TUESDAY, THURSDAY = 0, 1, 3
FIRST_WEEK, LAST_WEEK = -31, 79
"""People worked before the first release, and do so after the last one."""
END = 79 * WEEK + 4 * DAY + 16
"""The instant that counts as now: Friday of the last week, 16:00."""
SECOND_MAJOR_WEEK = 44
OLD_LINE = "release/1.x"
"""The branch of version 1, once there is a version 2."""
TUESDAYS = (
    *range(-24, 12, 2), *(week for week in range(12, 25) if week not in {17, 19}), 25, 27, 29, 32, *range(40, 70),
    *range(71, 79),
)  # fmt: skip
MONDAYS = tuple(week for week in range(65, 80) if week not in {68, 70, 74})
THURSDAYS = (48, *(week for week in range(50, 79) if week not in {57, 65, 70}))
PRERELEASES = (("v2.0.0-rc.1", 42 * WEEK + 3 * DAY + 11), ("v2.0.0-rc.2", 43 * WEEK + 2 * DAY + 15))
"""Tags of the branch that went to nobody but the testers: name and hour."""
PICKED_FIXES = ("Refuse vouchers that were used twice", "Escape the search words in the page's title")
"""Pull requests of version 2 that the old line got too."""
BACKPORTS = (
    ("v1.36.1", 46, PICKED_FIXES[0]),
    ("v1.36.2", 57, "Keep the old voucher codes valid until June"),
    ("v1.36.3", 63, PICKED_FIXES[1]),
    ("v1.36.4", 75, "Tell shops of version 1 when it ends"),
)
"""Releases of the old line: tag, week, and the pull request that it picks or else what it is made for."""
ROLLBACK_AFTER_H = 2.6
ANSWERED_WEEKS = 64
"""So many weeks have been looked through by a person; the newest quarter has not."""


@dataclass(frozen=True)
class Mishap:
    """A release that needed a hotfix or a revert; hours count from that release."""

    week: int
    title: str
    began: float
    shipped: float
    """When the patch release went out; 0 = with the next planned release."""
    branch: str = ""
    """`hotfix/…`; empty = a revert of the work called `title`."""
    weekday: int = TUESDAY
    label: str = ""
    """Of its pull request on GitHub."""


MISHAPS = (
    Mishap(-18, "Hotfix: send the parcel number again", 5.0, 9.2, "hotfix/parcel-number"),
    Mishap(-8, "Round delivery costs up", 26.0, 30.5),
    Mishap(4, "Hotfix: charge shipping only once", 1.5, 4.2, "hotfix/shipping-twice"),
    Mishap(8, "Load product pictures later", 21.0, 25.5),
    Mishap(13, "Hotfix: let guests check out again", 3.1, 7.6, "hotfix/guest-checkout"),
    Mishap(20, "Right month on invoices", 30.0, 51.0, "hotfix/invoice-month"),
    Mishap(29, "Sort search results by stock", 22.5, 26.0),
    Mishap(44, "Hotfix: bring back saved addresses", 2.0, 5.4, "hotfix/saved-addresses"),
    Mishap(44, "Hotfix: show prices with tax in the app", 46.0, 50.3, "hotfix/prices-with-tax"),
    Mishap(55, "Reserve stock when a cart is opened", 70.0, 0.0),
    Mishap(60, "Hotfix: stop sending order mails twice", 2.2, 6.1, "hotfix/order-mails", THURSDAY),
    Mishap(63, "Let the cart survive a new session", 4.4, 8.9, "cart-survives-session", label="hotfix"),
    Mishap(67, "Hotfix: accept postcodes with spaces", 18.5, 23.2, "hotfix/postcodes"),
    Mishap(73, "Remember the payment method", 20.0, 23.8),
    Mishap(76, "Hotfix: do not round gift cards to whole euros", 1.2, 3.4, "hotfix/gift-card-cents"),
)
FREEZE_FIX = Mishap(35, "Hotfix: trust the payment provider's new certificate", 0.0, 9.5, "hotfix/certificate")
"""In the freeze, weeks after the last release: no deployment caused it. Hours count from that Tuesday, ten o'clock."""
CULPRITS = (("Show the company's name on invoices", 63 * WEEK + 3 * DAY + 15),)
"""What incidents name as their cause: title, and hour of the merge."""
UNSHIPPED_FIX = Mishap(79, "Hotfix: show the right delivery day on holidays", 23.0, 0.0, "hotfix/delivery-day")
RELANDED = ("Sort search results by stock", 34 * WEEK + 3 * DAY + 11)
"""Reverted after its release, and merged again weeks later: that is no failure."""
NEVER_SEEN = ("Ask for the phone number at checkout", 23)
"""Merged and reverted again between two releases."""


def release_hour(week: int, weekday: int = TUESDAY) -> float:
    """When that day's release went out: about ten."""
    return week * WEEK + weekday * DAY + 10 + (week * 37 % 50) / 60
