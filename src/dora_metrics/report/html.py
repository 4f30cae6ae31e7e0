"""The page as one HTML file: no request to anywhere, no script, everything from outside escaped by Jinja2.

Only two texts are placed unescaped: our own style sheet, and the SVG of `svg.draw`, which escapes its own texts. The
Content-Security-Policy allows that one style sheet by its hash and nothing else.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dora_metrics.domain.measurements import Results
from dora_metrics.report.svg import draw
from dora_metrics.report.view import ReportFacts, build_view

if TYPE_CHECKING:
    import jinja2
    import pandas as pd
    from markupsafe import Markup

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What HTML or UTF-8 cannot hold; shown as U+FFFD."""
BOUND = re.compile(
    r"(?<=\d) (?=(?:%|h|min|days?|months?|deployments?|changes?|failures?)(?![a-z]))|(?<=\bn) (?==)|(?<=\bn =) (?=\d)"
)
"""Spaces at which no line ends: `95 %`, `3 days`, `4 deployments`, `n = 7`."""
LABEL = re.compile(r"\b\d{4}-(?:Q\d|W\d\d|\d\d(?:-\d\d(?:/\d+d)?)?)\b")
"""Names of periods, and dates: no line ends at their hyphens."""


def render_html(
    results: Results,
    *,
    changes: pd.DataFrame,
    deployments: pd.DataFrame,
    incidents: pd.DataFrame,
    facts: ReportFacts,
) -> str:
    """The whole page; the same text for the same input. Frames: the processed tables, as `build_view` wants them."""
    from markupsafe import Markup  # noqa: PLC0415 (comes with jinja2, loaded only when a report is made)

    view = build_view(results, changes=changes, deployments=deployments, incidents=incidents, facts=facts)
    style = style_sheet()
    drawings = {
        section.key: Markup(draw(section.chart))  # noqa: S704 (escaped in svg.py)
        for section in view.charts
        if section.chart is not None
    }
    page = _environment().get_template("report.html.j2")
    return page.render(
        view=view,
        drawings=drawings,
        style=Markup(style),  # noqa: S704 (our own file)
        style_hash=b64encode(sha256(style.encode()).digest()).decode(),
    )


def style_sheet() -> str:
    """The style sheet as it stands between the tags."""
    return (files("dora_metrics.report") / "templates" / "report.css").read_text(encoding="utf-8")


def _environment() -> jinja2.Environment:
    import jinja2  # noqa: PLC0415 (heavy: only when a report is made)

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("dora_metrics.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_printable,
    )
    environment.filters["tight"] = tight
    return environment


def tight(text: str) -> Markup:
    """A sentence, escaped, in which no line ends between a number and its unit or inside a date or a period's name.

    The hyphens stay what they are, so that a name that is searched for or copied is the one that was meant.
    """
    from markupsafe import Markup, escape  # noqa: PLC0415 (comes with jinja2, loaded only when a report is made)

    bound = str(escape(BOUND.sub("\u00a0", _printable(text))))
    return Markup(LABEL.sub(r'<span class="whole">\g<0></span>', bound))  # noqa: S704 (escaped above)


def _printable(value: Any) -> Any:
    """What is placed, without characters that no page can hold; our own markup passes as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return UNPRINTABLE.sub("\ufffd", value)
    return value
