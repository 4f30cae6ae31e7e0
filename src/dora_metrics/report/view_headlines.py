"""The five headlines: value, what it rests on, how it compares with the period before, in final words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from dora_metrics.domain.measurements import PeriodResult, Results
from dora_metrics.report import words
from dora_metrics.report.numbers_json import raw_number
from dora_metrics.report.view_basis import BASIS, BESIDE
from dora_metrics.report.view_links import ItemLink, links_of
from dora_metrics.report.view_metrics import FREQUENCY, METRICS, REWORK_RATE, Metric, Reading, value_path
from dora_metrics.report.view_other_rules import NOT_DEFINED, TO_THE_RULE, basis_of, beside_of
from dora_metrics.report.view_periods import Focus

BANDS = {
    1: "more than 6 months",
    2: "1 to 6 months",
    3: "1 week to 1 month",
    4: "1 day to 1 week",
    5: "under 1 day",
    6: "under 1 hour",
}
FREQUENCY_BANDS = {
    1: "less than once in 6 months",
    2: "once a month to once in 6 months",
    3: "once a week to once a month",
    4: "once a day to once a week",
    5: "once an hour to once a day",
    6: "on demand, several times a day",
}


@dataclass(frozen=True)
class Trend:
    """How a value compares with the complete period before."""

    words: str
    arrow: str = ""
    """`▲`, `▼` or nothing: only where the difference means something."""
    tone: str = "even"
    """`good`, `bad` or `even`."""
    difference: str = ""
    """The same without the period before it: `no clear change`."""


@dataclass(frozen=True)
class Headline:
    """One card of the first screen."""

    key: str
    name: str
    dora_name: str
    factor: str
    value: str
    basis: tuple[str, ...]
    """What the value is and rests on, and its interval."""
    trend: Trend
    beside: tuple[str, ...]
    """What must be read with it."""
    overall: str
    """The same number over the whole window; empty where the headline is that."""
    path: str = ""
    """Where the value stands in the JSON of its period."""
    raw: str = ""
    """The value as JSON writes it."""
    links: tuple[ItemLink, ...] = ()
    """The ways to the items behind it."""

    @property
    def is_none(self) -> bool:
        """Whether there is no value."""
        return self.value in {words.NO_DATA, NOT_DEFINED}

    @property
    def number(self) -> str:
        """The part of the value to be set large."""
        return self.value if self.is_none else self.value.partition(" ")[0]

    @property
    def unit(self) -> str:
        """The rest of it; may be empty."""
        return "" if self.is_none else self.value.partition(" ")[2]


def make_headlines(results: Results, focus: Focus, levels: str = "none") -> tuple[Headline, ...]:
    """The five, in the order of `METRICS`. `levels` names the year of the table that gave the levels."""
    return tuple(_headline(metric, results, focus, levels) for metric in METRICS)


def _headline(metric: Metric, results: Results, focus: Focus, levels: str) -> Headline:
    if focus.result.by_other_rules:
        return _by_other_rules(metric, results, focus)
    reading = metric.read(focus.result)
    usual = metric.read(results.overall).value
    return Headline(
        key=metric.key,
        name=metric.name,
        dora_name=metric.dora_name,
        factor=metric.factor,
        value=metric.say(reading.value, usual),
        basis=BASIS[metric.key](focus.result),
        trend=trend_of(metric, focus, results),
        beside=(*BESIDE[metric.key](focus.result), *_standing(metric, reading, levels)),
        overall="" if focus.result is results.overall else metric.say(usual, usual),
        path=value_path(metric, focus.result),
        raw=raw_number(focus.result, value_path(metric, focus.result)),
        links=links_of(metric.key, focus.result),
    )


def _by_other_rules(metric: Metric, results: Results, focus: Focus) -> Headline:
    """The same where another tool's definitions made the number; nothing of ours stands beside it."""
    usual, is_defined = metric.read(results.overall).value, metric is not REWORK_RATE
    said = metric.say(metric.read(focus.result).value, usual) if is_defined else NOT_DEFINED
    path = value_path(metric, focus.result)
    return Headline(
        key=metric.key,
        name=metric.name,
        dora_name=metric.dora_name,
        factor=metric.factor,
        value=said,
        basis=basis_of(metric, focus.result),
        trend=trend_of(metric, focus, results) if is_defined else Trend(""),
        beside=beside_of(metric, focus.result),
        overall="" if focus.result is results.overall or not is_defined else metric.say(usual, usual),
        path=path,
        raw=raw_number(focus.result, path),
        links=(TO_THE_RULE,),
    )


def trend_of(metric: Metric, focus: Focus, results: Results) -> Trend:
    """How the chosen period compares with the complete one before it; a partial one and the whole are not compared."""
    if focus.index is None:
        return Trend("")
    if focus.result.partial:
        return Trend("A partial period is not compared")
    return compare(metric, metric.read(focus.result), focus.previous, metric.read(results.overall).value)


def compare(metric: Metric, now: Reading, previous: Optional[PeriodResult], usual: Optional[float]) -> Trend:
    """The trend in words; `usual` is the value over the whole window.

    An arrow needs at least six items in both, and intervals that do not overlap.
    """
    if previous is None:
        return Trend("No complete period before it to compare with")
    before, label = metric.read(previous), previous.period.label
    said = metric.say(before.value, usual)
    was = f"{label}: {said}"
    if now.value is None or before.value is None:
        return Trend(was)
    if now.weak or before.weak:
        return Trend(f"{was}; too few to compare", difference="too few to compare")
    if metric.say(now.value, usual) == said:
        return Trend(f"The same as in {label}", difference="the same")
    if _overlap(now, before):
        return Trend(f"{was}; no clear change", difference="no clear change")
    return _change(metric, now, before, f"{label} ({said})")


def _change(metric: Metric, now: Reading, before: Reading, period: str) -> Trend:
    if now.value is None or before.value is None:
        return Trend("")
    less = now.value < before.value
    word = metric.less if less else metric.more
    said = f"{word.capitalize()} than in {period}"
    if now.interval is None or before.interval is None:
        return Trend(said, difference=word)
    return Trend(said, "▼" if less else "▲", "good" if less == metric.less_is_better else "bad", word)


def _overlap(now: Reading, before: Reading) -> bool:
    if now.interval is None or before.interval is None:
        return False
    return now.interval[0] <= before.interval[1] and before.interval[0] <= now.interval[1]


def _standing(metric: Metric, reading: Reading, levels: str) -> list[str]:
    """Band and level in words, the level with its table's year."""
    said = []
    if reading.band is not None:
        bands = FREQUENCY_BANDS if metric is FREQUENCY else BANDS
        said.append(f"Survey band {reading.band} of 6: {bands.get(reading.band, '')}")
    if reading.level:
        said.append(f"DORA {levels} table: {reading.level}")
    return said
