"""Bar charts as geometry: pure functions from figures to what a template draws as SVG.

The drawing stretches to its box, so its numbers are parts of a 100 × 100 field; all text stands beside it in HTML,
where it keeps its size on a phone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from conversations.desk.home.quantities import Value, count_ceiling

FIELD = 100.0
SHARE_OF_SLOT = 0.72


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[Value]
    """One a day; None where there is nothing to say."""


@dataclass(frozen=True)
class Bar:
    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Slot:
    """One day of the chart: its bars, and what it says when pointed at."""

    date: date
    x: float
    width: float
    says: str
    bars: list[Bar]
    cells: list[str]
    """The day's values as the table shows them."""


@dataclass(frozen=True)
class Chart:
    name: str
    """The chart's part of element ids."""
    title: str
    headline: str
    summary: str
    legend: list[str]
    ticks: list[str]
    """Labels of the value axis, from the top down."""
    slots: list[Slot] = field(default_factory=list)
    """No slots: nothing to draw, and ``summary`` says why."""


def bar_chart(
    *,
    name: str,
    title: str,
    headline: str,
    summary: str,
    dates: Sequence[date],
    series: Sequence[Series],
    says: Callable[[Value], str],
    ceiling: Callable[[float], float] = count_ceiling,
) -> Chart:
    """Bars of each series side by side, day by day. Without a series, a chart without slots."""
    highest = max((value or 0 for one in series for value in one.values), default=0)
    top = ceiling(highest)
    width = FIELD / len(dates)
    slots = [
        Slot(
            date=day,
            x=_rounded(width * number),
            width=_rounded(width),
            says=f"{day:%a} {day.day} {day:%B}: "
            + ", ".join(f"{one.name} {says(one.values[number])}" for one in series),
            bars=_bars([one.values[number] for one in series], left=width * number, width=width, top=top),
            cells=[says(one.values[number]) for one in series],
        )
        for number, day in enumerate(dates)
    ]
    return Chart(
        name=name,
        title=title,
        headline=headline,
        summary=summary,
        legend=[one.name for one in series],
        ticks=[says(top), says(top / 2), says(0)],
        slots=slots if series else [],
    )


def _bars(values: Sequence[Value], *, left: float, width: float, top: float) -> list[Bar]:
    each = width * SHARE_OF_SLOT / max(len(values), 1)
    start = left + width * (1 - SHARE_OF_SLOT) / 2
    bars = []
    for number, value in enumerate(values):
        if value:
            height = _rounded(FIELD * value / top)
            x = _rounded(start + each * number)
            bars.append(Bar(series=number, x=x, y=_rounded(FIELD - height), width=_rounded(each), height=height))
    return bars


def _rounded(number: float) -> float:
    return round(number, 2)
