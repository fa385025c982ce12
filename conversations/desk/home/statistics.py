"""The figures of a workspace's last days, all from one pass over the replies: each customer message has one.

The index ``reply_newest`` finds them, so neither the messages nor older replies are read.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from workspaces.models import Workspace

DAYS = 14

# Days are those of the message's arrival. The row without a day is the total, whose median no sum could give.
_FIGURES = """
SELECT day, count(*), count(message_id), count(*) FILTER (WHERE status = 'failed'),
       count(*) FILTER (WHERE decided_draft), count(*) FILTER (WHERE decided_draft AND status = 'sent'),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
FROM (
    SELECT (created_at AT TIME ZONE %(zone)s)::date AS day, message_id, status,
           held AND decided_at IS NOT NULL AND text <> '' AS decided_draft,
           CASE WHEN message_id IS NOT NULL THEN extract(epoch FROM finished_at - created_at)::float END AS seconds
    FROM conversations_reply
    WHERE workspace_id = %(workspace)s AND created_at >= %(start)s
) AS reply
GROUP BY GROUPING SETS ((day), ())
"""


@dataclass(frozen=True)
class Figures:
    """What became of the messages that arrived in a time."""

    messages: int = 0
    replied: int = 0
    failed: int = 0
    decided: int = 0
    """Drafts that a person approved, rejected, or replaced by an own reply."""
    approved: int = 0
    """Of these, the ones that were sent, edited or not."""
    median_seconds: float | None = None
    """From a message's arrival to its reply, of the messages that have one."""

    @property
    def approval_rate(self) -> float | None:
        return 100 * self.approved / self.decided if self.decided else None


@dataclass(frozen=True)
class Day:
    date: date
    figures: Figures


@dataclass(frozen=True)
class Statistics:
    days: list[Day]
    total: Figures


def last_days(*, workspace: Workspace, today: date) -> Statistics:
    """The last 14 days up to ``today``, oldest first, a day without messages included."""
    first = today - timedelta(days=DAYS - 1)
    zone = timezone.get_current_timezone()
    start = datetime.combine(first, time.min, tzinfo=zone)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIGURES, {"workspace": workspace.pk, "start": start, "zone": timezone.get_current_timezone_name()}
        )
        found = {row[0]: Figures(*row[1:]) for row in cursor.fetchall()}
    dates = [first + timedelta(days=number) for number in range(DAYS)]
    return Statistics(days=[Day(day, found.get(day, Figures())) for day in dates], total=found[None])
