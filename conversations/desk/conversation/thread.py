"""A conversation as agents read it: messages, notes, drafts and decisions in one line of time.

A page is so many messages, and what happened between them. What happened to a reply stands on the page of the
customer's message that it answers, so that nothing falls between two pages.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conversations.desk.conversation import timeline
from conversations.desk.conversation.timeline import Entry
from conversations.models import Conversation, Message, Note, Reply
from workspaces.models import User

PAGE = 50
REFRESHED_AT_MOST = 250
NOTES_AT_MOST = 500
LOOK_BACK = 20
"""An approved draft is sent at most so many messages after the one that it answers."""


@dataclass(frozen=True)
class Thread:
    """``entries`` run from the oldest to the newest. ``cursor`` is the sequence of the first message: pages back
    start before it, and a refreshed page starts at it. ``beside`` is the draft that the page shows elsewhere."""

    entries: list[Entry]
    has_earlier: bool
    cursor: int
    beside: UUID | None = None
    is_latest: bool = True
    has_left_out: bool = False
    """More messages than are shown came since the page was opened."""

    @property
    def version(self) -> str:
        """Differs when a page would show something else."""
        marks = ";".join(entry.mark for entry in self.entries)
        return hashlib.sha256(marks.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Messages:
    """The messages of a page, and the moments that it reaches from and to; None where it has no end."""

    shown: list[Message]
    has_earlier: bool
    start: datetime | None
    end: datetime | None


def latest(
    conversation: Conversation,
    *,
    viewer: User,
    before: int | None = None,
    since: int | None = None,
    limit: int = PAGE,
    beside: UUID | None = None,
) -> Thread:
    """The newest messages, or those just ``before`` a sequence, or all ``since`` one. At most six queries."""
    page = _messages(conversation, before=before, since=since, limit=limit)
    replies = _replies(conversation, page)
    entries = [
        *timeline.of_messages(page.shown, replies, viewer=viewer),
        *timeline.of_notes(_notes(conversation, page), viewer=viewer),
        *timeline.of_replies(_answering(replies, page), newest=_newest(page), beside=beside, viewer=viewer),
        *timeline.of_decisions(conversation, _answering(replies, page), start=page.start, end=page.end, viewer=viewer),
    ]
    return Thread(
        entries=sorted(entries, key=Entry.order),
        has_earlier=page.has_earlier,
        cursor=page.shown[0].sequence if page.shown else 0,
        beside=beside,
        is_latest=before is None,
        has_left_out=since is not None and bool(page.shown) and page.shown[0].sequence > max(since, 1),
    )


def _messages(conversation: Conversation, *, before: int | None, since: int | None, limit: int) -> _Messages:
    """Reads one message more at either end: the one before tells that there are more, the one after where it ends."""
    newest = conversation.messages.select_related("author").order_by("-sequence")
    if before is not None:
        newest = newest.filter(sequence__lte=before)
    if since:
        newest, limit = newest.filter(sequence__gte=since - 1), REFRESHED_AT_MOST
    found = list(newest[: limit + 2])
    after = [one for one in found if before is not None and one.sequence == before]
    shown = [one for one in found[len(after) :] if not since or one.sequence >= since][:limit]
    has_earlier = len(found) > len(after) + len(shown)
    start = shown[-1].created_at if has_earlier and shown else None
    return _Messages(shown[::-1], has_earlier, start, after[0].created_at if after else None)


def _replies(conversation: Conversation, page: _Messages) -> list[Reply]:
    if not page.shown:
        return []
    first, last = page.shown[0].sequence, page.shown[-1].sequence
    answering = Reply.objects.filter(
        conversation=conversation,
        customer_message__conversation=conversation,
        customer_message__sequence__range=(first - LOOK_BACK, last),
    )
    return list(answering.select_related("decided_by"))


def _answering(replies: list[Reply], page: _Messages) -> list[Reply]:
    shown = {message.pk for message in page.shown}
    return [reply for reply in replies if reply.customer_message_id in shown]


def _newest(page: _Messages) -> UUID | None:
    """What the customer wrote last, where the page reaches up to now."""
    if page.end:
        return None
    return next((one.pk for one in reversed(page.shown) if one.actor == Message.Actor.CUSTOMER), None)


def _notes(conversation: Conversation, page: _Messages) -> list[Note]:
    notes = timeline.between(conversation.notes.select_related("author"), page.start, page.end)
    return list(notes.order_by("-created_at")[:NOTES_AT_MOST])
