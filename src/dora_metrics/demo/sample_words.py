"""What the invented team of a small web shop works on, and what its people and files are called."""

from __future__ import annotations

PEOPLE = ("Ada", "Bo", "Carmen", "Devi", "Emil")
"""Given names only; none is a real person."""
BOT = "renovate[bot]"

SUBJECTS = {
    "the cart": "src/shop/cart.py",
    "checkout": "src/shop/checkout.py",
    "voucher codes": "src/shop/vouchers.py",
    "the order history": "src/shop/orders.py",
    "stock levels": "src/warehouse/stock.py",
    "product search": "src/catalogue/search.py",
    "gift cards": "src/shop/gift_cards.py",
    "invoices": "src/billing/invoices.py",
    "shipping labels": "src/warehouse/labels.py",
    "returns": "src/warehouse/returns.py",
    "the tax table": "src/billing/tax.py",
    "customer accounts": "src/shop/accounts.py",
    "the newsletter": "src/shop/newsletter.py",
    "product reviews": "src/catalogue/reviews.py",
    "price lists": "src/catalogue/prices.py",
    "the wish list": "src/shop/wish_list.py",
}
"""What is worked on, and the file in which it lies."""

DEEDS = (
    "Speed up {}",
    "Log errors of {}",
    "Test {} with real orders",
    "Fix rounding in {}",
    "Translate {} into Dutch",
    "Check what is typed into {}",
    "Simplify {}",
    "Cache {}",
    "Document {}",
    "Show {} on small screens",
    "Export {} as CSV",
    "Let support edit {}",
    "Make {} readable by screen readers",
    "Take dead code out of {}",
    "Show the time zone in {}",
    "Fix an empty page in {}",
    "Send an e-mail about {}",
    "Measure the load time of {}",
    "Warn when {} cannot be saved",
    "Move {} to the new design",
    "Keep a log of who changed {}",
    "Read {} from the replica",
    "Add an undo to {}",
    "Retry {} after a timeout",
)

STEPS = (
    "First version",
    "Add tests",
    "Handle the empty case",
    "Answer the review",
    "Rename for clarity",
    "Fix a test that needed the clock",
    "Write it into the handbook",
)
"""Later commits of a branch."""

PACKAGES = ("stripe", "flask", "sqlalchemy", "pillow", "requests", "celery", "jinja2", "redis")
CHORES = (
    "Say in the README how to start the shop",
    "Fix a spelling mistake",
    "Update the holiday calendar",
    "Raise the log limit",
    "Sort the imports",
    "Name a new person on call",
)
"""Small things that people put on the branch without a pull request."""

README = "README.md"
REQUIREMENTS = "requirements.txt"
FIRST_FILES = {README: "The shop\n", REQUIREMENTS: "", **dict.fromkeys(SUBJECTS.values(), "")}


def file_of(title: str) -> str:
    """The file that a title speaks of; the README where it names none."""
    return next((path for subject, path in SUBJECTS.items() if subject in title), README)


def branch_of(title: str) -> str:
    """A branch name such as people make of a title."""
    words = "".join(letter if letter.isalnum() else " " for letter in title.lower()).split()
    return "-".join(word for word in words if word not in {"the", "of", "a", "in"})
