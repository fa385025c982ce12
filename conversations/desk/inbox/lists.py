"""The inbox's lists of conversations: which ones a view shows, how many, and what a row says."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, TextChoices, Value
from django.db.models.functions import Coalesce, Left

from conversations.desk.counts import waiting
from conversations.desk.counts.waiting import Count
from conversations.models import Conversation, Message, Reading, Reply
from workspaces import keyset
from workspaces.keyset import Cursor, Page
from workspaces.models import Membership

PAGE = 25
PREVIEW = 240


class View(TextChoices):
    """The lists of the inbox. Each holds what ``listed`` says, whatever its length."""

    APPROVAL = "approval", "Needs approval"
    UNANSWERED = "unanswered", "Unanswered"
    MINE = "mine", "Mine"
    FAILED = "failed", "Failed"
    ALL = "all", "All"
    CLOSED = "closed", "Closed"


@dataclass(frozen=True)
class Row:
    """A conversation as the list shows it to one member."""

    conversation: Conversation
    preview: str
    unread: Count
    """Messages that the member has not seen."""
    reply: Reply | None
    """To the customer's newest message."""
    is_open: bool
    """Before the member's eyes, so nothing of it is unread."""

    @property
    def exact_time(self) -> str:
        at = self.conversation.last_message_at
        return f"{at:%-d %b %Y, %H:%M}" if at else ""

    @property
    def is_answered(self) -> bool:
        return self.conversation.last_actor == Message.Actor.ASSISTANT


def listed(view: View, member: Membership) -> QuerySet[Any]:
    """The conversations of a view; for drafts that wait, the drafts."""
    here = Conversation.objects.filter(workspace=member.workspace, last_message_at__isnull=False)
    is_open = here.filter(status=Conversation.Status.OPEN)
    match view:
        case View.APPROVAL:
            return Reply.objects.filter(workspace=member.workspace).awaiting_approval()
        case View.UNANSWERED:
            return waiting.unanswered(member.workspace).filter(last_message_at__isnull=False)
        case View.MINE:
            return is_open.filter(assignee=member.user)
        case View.FAILED:
            return is_open.filter(reply_failed=True)
        case View.ALL:
            return here
        case View.CLOSED:
            return here.filter(status=Conversation.Status.CLOSED)


def page(view: View, member: Membership, *, after: Cursor | None = None, before: Cursor | None = None) -> Page[UUID]:
    """A page of a view, the newest message first: the conversations' keys."""
    moment, conversation = ("created_at", "conversation_id") if view == View.APPROVAL else ("last_message_at", "pk")
    rows = listed(view, member).only(moment, conversation)
    found = keyset.page(rows, size=PAGE, moment=moment, after=after, before=before)
    return Page([getattr(row, conversation) for row in found.rows], found.older, found.newer)


def counted(member: Membership) -> dict[View, Count]:
    """How many conversations each view holds, counted up to 99. One query."""
    first, *others = [
        listed(view, member).order_by().values_list(Value(view.value), flat=True)[: waiting.MOST + 1] for view in View
    ]
    found = Counter(first.union(*others, all=True))
    return {view: Count(found[view.value]) for view in View}


def rows(member: Membership, conversation_ids: Iterable[UUID], *, opened: UUID | None = None) -> Mapping[UUID, Row]:
    """What the list says of these conversations, of which one may be open beside it. Two queries."""
    shown = Conversation.objects.filter(workspace=member.workspace, pk__in=list(conversation_ids))
    messages = Message.objects.filter(conversation=OuterRef("pk"))
    read = Reading.objects.filter(conversation=OuterRef("pk"), user=member.user)
    asked = messages.filter(actor=Message.Actor.CUSTOMER).order_by("-sequence")
    found = shown.select_related("account", "assignee").annotate(
        preview=Subquery(messages.filter(sequence=OuterRef("last_sequence")).values(text=Left("body", PREVIEW))),
        read=Coalesce(Subquery(read.values("sequence")), Value(0)),
        asked_id=Subquery(asked.values("pk")[:1]),
    )
    conversations = list(found)
    replies = _replies(conversation.asked_id for conversation in conversations)
    return {
        conversation.pk: Row(
            conversation=conversation,
            preview=conversation.preview or "",
            unread=Count(0 if conversation.pk == opened else conversation.last_sequence - conversation.read),
            reply=replies.get(conversation.asked_id),
            is_open=conversation.pk == opened,
        )
        for conversation in conversations
    }


def _replies(message_ids: Iterable[UUID | None]) -> dict[UUID, Reply]:
    """By the message that they answer, without their texts."""
    replies = Reply.objects.filter(customer_message_id__in=list(message_ids))
    return {reply.customer_message_id: reply for reply in replies.only("status", "decision", "customer_message")}
