from datetime import date

import pytest

from conversations.desk.home.charts import Series, bar_chart
from conversations.desk.home.figure_charts import figure_charts
from conversations.desk.home.quantities import as_count, as_duration, as_percentage, count_ceiling, duration_ceiling
from conversations.desk.home.statistics import Day, Figures

DATES = [date(2026, 11, 22), date(2026, 11, 23)]


def chart(*series, **changes):
    settings = {"name": "n", "title": "T", "headline": "1", "summary": "S", "dates": DATES, "says": as_count}
    return bar_chart(**settings | changes, series=series)


def test_the_highest_value_reaches_as_far_as_it_is_of_the_axis():
    full, half = (slot.bars[0] for slot in chart(Series("Messages", [10, 5])).slots)

    assert (full.y, full.height) == (0, 100)
    assert (half.y, half.height) == (50, 50)


def test_bars_of_two_series_stand_side_by_side_within_their_day():
    first, second = chart(Series("Messages", [4, 4]), Series("Replied to", [4, 2])).slots[1].bars

    assert 50 < first.x < second.x
    assert first.x + first.width == pytest.approx(second.x)
    assert second.x + second.width < 100


def test_a_day_without_a_value_has_no_bar_but_says_so():
    slot = chart(Series("Median", [None, 3]), says=as_duration).slots[0]

    assert slot.bars == []
    assert slot.cells == ["–"]
    assert slot.says == "Sun 22 November: Median –"


def test_days_that_are_all_zero_make_an_axis_without_bars():
    drawn = chart(Series("Messages", [0, 0]))

    assert drawn.ticks == ["2", "1", "0"]
    assert [slot.bars for slot in drawn.slots] == [[], []]


def test_without_a_series_nothing_is_drawn():
    assert chart().slots == []


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 2), (1, 2), (3, 4), (5, 6), (9, 10), (11, 20), (61, 80), (99, 100), (100_001, 200_000)]
)
def test_the_axis_of_counts_ends_at_an_even_round_number(highest, top):
    assert count_ceiling(highest) == top


@pytest.mark.parametrize(("highest", "top"), [(0.4, 2), (12, 20), (61, 120), (3000, 3600), (3 * 3600, 4 * 3600)])
def test_the_axis_of_durations_ends_at_a_round_duration(highest, top):
    assert duration_ceiling(highest) == top


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "–"), (0, "0 s"), (0.34, "0.3 s"), (4.0, "4 s"), (9.97, "10 s"), (90, "1.5 min"), (7200, "2 h")],
)
def test_durations_are_said_in_the_unit_of_people(seconds, words):
    assert as_duration(seconds) == words


def test_counts_and_shares_are_said_in_words_of_people():
    assert as_count(1234567) == "1,234,567"
    assert as_percentage(66.7) == "67 %"
    assert as_percentage(None) == "–"


def test_figures_that_do_not_exist_are_not_drawn_as_zero():
    days = [Day(day, Figures(messages=2)) for day in DATES]

    messages, median, failures, approval = figure_charts(days, total=Figures(messages=4))

    assert messages.slots
    assert (median.headline, median.slots) == ("–", [])
    assert (failures.headline, failures.slots) == ("0", [])
    assert (approval.headline, approval.slots) == ("–", [])
