"""The page as one HTML file: no request to anywhere, everything from outside escaped by Jinja2 or set as text.

Placed unescaped are only our own style sheet and script, drawings (`svg*.py` escape their own texts) and JSON in which
no `<` is left. The Content-Security-Policy allows that one style sheet and that one script by their hashes and nothing
else: no inline handler, no eval, no address.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dora_metrics.domain.measurements import Results
from dora_metrics.domain.shapes import Shapes
from dora_metrics.report.block import pack, pack_tables
from dora_metrics.report.page_json import page_facts, script_json
from dora_metrics.report.report_facts import ReportFacts
from dora_metrics.report.svg import draw
from dora_metrics.report.svg_timeline import draw_timeline
from dora_metrics.report.view import NOTHING, ReportView, build_view
from dora_metrics.report.view_block import make_block
from dora_metrics.report.view_compare import draw_comparison
from dora_metrics.report.view_grains import GrainView, PeriodView
from dora_metrics.report.view_overview import Part

if TYPE_CHECKING:
    import jinja2
    import pandas as pd
    from markupsafe import Markup

MOST_BYTES = 4_900_000
"""So large a page may become (performance.md 9 says 5 MB); rows that do not fit stay in the CSV files."""
STYLES = ("base.css", "first_screen.css", "charts.css", "tables.css", "print.css")
SCRIPTS = ("core.js", "marks.js", "shows.js", "cells.js", "tables.js", "periods.js", "start.js")
FRAGMENTS = ("first_screen.html.j2", "period_pictures.html.j2")
"""What the page says of one period."""
OVER_TIME = "over_time.html.j2"
"""What it says of one length of period."""
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
    others: Sequence[Results] = (),
    shapes: Mapping[str, Shapes] = NOTHING,
    parts: Sequence[Part] = (),
) -> str:
    """The whole page; the same text for the same input. Frames: the processed tables, as `build_view` wants them."""
    view = build_view(
        results,
        changes=changes,
        deployments=deployments,
        incidents=incidents,
        facts=facts,
        others=others,
        shapes=shapes,
        parts=parts,
    )
    environment = _environment()
    shown = _shown(environment, view)
    fragments = pack({grain.key: _fragments(environment, view, grain) for grain in view.grains})
    room = MOST_BYTES - len(shown.encode()) - len(fragments) - len(page_script())
    items, kept = pack_tables(make_block(changes, deployments, incidents, view.shown), max(room, 0))
    carried = environment.get_template("carried.html.j2").render(
        facts_json=_ours(script_json(page_facts(view, (results, *others), kept))),
        fragments=_ours(fragments),
        items=_ours(items),
        script=_ours(page_script()),
    )
    return shown + carried


def _shown(environment: jinja2.Environment, view: ReportView) -> str:
    """All that is read without JavaScript."""
    style, first = style_sheet(), view.grain.first
    return environment.get_template("report.html.j2").render(
        view=view,
        first_screen=_ours(_fragment(environment, FRAGMENTS[0], view, view.grain, first)),
        over_time=_ours(_fragment(environment, OVER_TIME, view, view.grain, first)),
        period_pictures=_ours(_fragment(environment, FRAGMENTS[1], view, view.grain, first)),
        style=_ours(style),
        style_hash=_hash(style),
        script_hash=_hash(page_script()),
    )


def _fragments(environment: jinja2.Environment, view: ReportView, grain: GrainView) -> dict[str, list[str]]:
    """For each period its first screen and its pictures, as the page would have had them; under "" those over time."""
    return {
        "": [_fragment(environment, OVER_TIME, view, grain, grain.first)],
        **{
            period.label: [_fragment(environment, name, view, grain, period) for name in FRAGMENTS]
            for period in grain.periods
        },
    }


def _fragment(
    environment: jinja2.Environment, name: str, view: ReportView, grain: GrainView, period: PeriodView
) -> str:
    return environment.get_template(name).render(view=view, grain=grain, period=period).strip()


@lru_cache(maxsize=1)
def style_sheet() -> str:
    """The style sheet as it stands between the tags."""
    return "\n".join(_file(name) for name in STYLES)


@lru_cache(maxsize=1)
def page_script() -> str:
    """The script as it stands between the tags: its parts in one function, so that nothing of it is global."""
    return "\n".join(['(() => {\n"use strict";', *(_file(name) for name in SCRIPTS), "})();\n"])


def _file(name: str) -> str:
    return (files("dora_metrics.report") / "templates" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def _ours(text: str) -> Markup:
    """Text that needs no escaping: our own file, or escaped where it was made."""
    from markupsafe import Markup  # noqa: PLC0415 (comes with jinja2, loaded only when a report is made)

    return Markup(text)  # noqa: S704 (see above)


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
    environment.filters["draw"] = lambda chart: _ours(draw(chart))
    environment.filters["draw_timeline"] = lambda timeline: _ours(draw_timeline(timeline))
    environment.filters["draw_comparison"] = lambda row: _ours(draw_comparison(row))
    return environment


def tight(text: str) -> Markup:
    """A sentence, escaped, in which no line ends between a number and its unit or inside a date or a period's name.

    The hyphens stay what they are, so that a name that is searched for or copied is the one that was meant.
    """
    from markupsafe import escape  # noqa: PLC0415 (comes with jinja2, loaded only when a report is made)

    bound = str(escape(BOUND.sub("\u00a0", _printable(text))))
    return _ours(LABEL.sub(r'<span class="whole">\g<0></span>', bound))


def _printable(value: Any) -> Any:
    """What is placed, without characters that no page can hold; our own markup passes as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return UNPRINTABLE.sub("\ufffd", value)
    return value
