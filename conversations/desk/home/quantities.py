"""Counts, shares and durations in words, and where a value axis for them ends."""

MINUTES = 60
HOURS = 60 * MINUTES
DURATION_CEILINGS = [2, 4, 10, 20, 40, 60, 120, 240, 600, 1200, 1800, 3600]

Value = float | None


def count_ceiling(highest: float) -> float:
    """The top of a value axis for counts: an even, round number, so that its half is whole."""
    power = 1
    while True:
        for digit in (2, 4, 6, 8, 10):
            if highest <= digit * power:
                return digit * power
        power *= 10


def duration_ceiling(highest: float) -> float:
    """The top of a value axis for seconds: round in the unit that people would say it in."""
    for ceiling in DURATION_CEILINGS:
        if highest <= ceiling:
            return ceiling
    return count_ceiling(highest / HOURS) * HOURS


def as_count(value: Value) -> str:
    return f"{value or 0:,.0f}"


def as_percentage(value: Value) -> str:
    return "–" if value is None else f"{value:.0f} %"


def as_duration(value: Value) -> str:
    """Seconds in the unit that people would say them in."""
    if value is None:
        return "–"
    if value < MINUTES:
        return f"{_short(value)} s"
    if value < HOURS:
        return f"{_short(value / MINUTES)} min"
    return f"{_short(value / HOURS)} h"


def _short(amount: float) -> str:
    return f"{amount:.0f}" if amount >= 9.95 else f"{amount:.1f}".removesuffix(".0")
