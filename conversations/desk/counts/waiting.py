"""How much work waits in a workspace, as the navigation says it: counted up to 99."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet, Value

from conversations.models import Conversation, Message, Reply
from workspaces.models import Workspace

MOST = 99


@dataclass(frozen=True)
class Count:
    """``str`` is what people read: ``3``, or ``99+``."""

    number: int

    def __str__(self) -> str:
        return str(self.number) if self.number <= MOST else f"{MOST}+"

    def __bool__(self) -> bool:
        return self.number > 0


@dataclass(frozen=True)
class Counts:
    waiting: Count
    unanswered: Count


def of(workspace: Workspace) -> Counts:
    """Drafts that wait for a decision, and open conversations in which the customer wrote last. One query."""
    waiting = Reply.objects.filter(workspace=workspace).awaiting_approval()
    found = _some(waiting, "waiting").union(_some(unanswered(workspace), "unanswered"), all=True)
    counted = Counter(found)
    return Counts(waiting=Count(counted["waiting"]), unanswered=Count(counted["unanswered"]))


def unanswered(workspace: Workspace) -> QuerySet[Conversation]:
    return Conversation.objects.filter(
        workspace=workspace, status=Conversation.Status.OPEN, last_actor=Message.Actor.CUSTOMER
    )


def _some(rows: QuerySet, kind: str) -> QuerySet:
    return rows.order_by().values_list(Value(kind), flat=True)[: MOST + 1]
