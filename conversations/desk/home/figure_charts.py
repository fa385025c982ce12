"""The four charts of Home, and what they say when there is nothing to draw."""

from collections.abc import Sequence

from conversations.desk.home.charts import Chart, Series, bar_chart
from conversations.desk.home.quantities import as_count, as_duration, as_percentage, duration_ceiling
from conversations.desk.home.statistics import Day, Figures


def figure_charts(days: Sequence[Day], *, total: Figures) -> list[Chart]:
    """Messages and replies, time to reply, failures, approval rate."""
    dates = [day.date for day in days]
    figures = [day.figures for day in days]
    rate = total.approval_rate
    return [
        bar_chart(
            name="messages",
            title="Messages and replies",
            headline=as_count(total.messages),
            summary=f"{as_count(total.replied)} of them replied to, counted on the day the message arrived",
            dates=dates,
            series=[
                Series("Messages", [figure.messages for figure in figures]),
                Series("Replied to", [figure.replied for figure in figures]),
            ],
            says=as_count,
        ),
        bar_chart(
            name="median",
            title="Median time to reply",
            headline=as_duration(total.median_seconds),
            summary="Half of the replies came sooner than this"
            if total.replied
            else "No message has had a reply yet. The time within which half of the replies arrive will appear here.",
            dates=dates,
            series=[Series("Median", [figure.median_seconds for figure in figures])] if total.replied else [],
            says=as_duration,
            ceiling=duration_ceiling,
        ),
        bar_chart(
            name="failures",
            title="Failures",
            headline=as_count(total.failed),
            summary="Messages whose responder gave an error instead of a reply"
            if total.failed
            else "No reply failed. Responders that are down or refuse a key will show here.",
            dates=dates,
            series=[Series("Failures", [figure.failed for figure in figures])] if total.failed else [],
            says=as_count,
        ),
        bar_chart(
            name="approval",
            title="Approval rate",
            headline=as_percentage(rate),
            summary=f"{as_count(total.approved)} of {as_count(total.decided)} drafts approved, edited ones included"
            if rate is not None
            else "No draft was decided on. The share of drafts that agents approve will appear here.",
            dates=dates,
            series=[Series("Approved", [figure.approval_rate for figure in figures])] if rate is not None else [],
            says=as_percentage,
            ceiling=lambda highest: 100,
        ),
    ]
