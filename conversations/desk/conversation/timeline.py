"""What stands in a thread, one entry each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from conversations.desk.conversation.wording import Voice, author, fate, name, words_of
from conversations.models import Conversation, EarlierDraft, Message, Note, Reply
from conversations.models.reply_status import ReplyStatus
from workspaces.models import AuditEntry, User

DECISIONS_AT_MOST = 500
TOLD_BY_ITSELF = ("message.send", "note.leave")
OUTCOMES = ("reply.approve", "reply.reject")


class Kind(StrEnum):
    MESSAGE = "message"
    NOTE = "note"
    EVENT = "event"
    EARLIER_DRAFT = "earlier_draft"
    REJECTED = "rejected"
    SET_ASIDE = "set_aside"
    FAILURE = "failure"
    UNANSWERED = "unanswered"
    DRAFT = "draft"
    GROWING = "growing"


OPEN = {Kind.UNANSWERED, Kind.DRAFT, Kind.GROWING}
"""They stand below everything else: they are what happens next."""


@dataclass(frozen=True)
class Entry:
    kind: Kind
    at: datetime
    subject: Any
    """A message, a note, a reply, an earlier draft or an audit entry."""
    who: str = ""
    """Who did it, in the viewer's words."""
    words: str = ""
    voice: Voice | None = None
    reply: Reply | None = None
    """The one that became this message."""
    is_next: bool = False
    """The reply answers what the customer wrote last."""

    @property
    def template(self) -> str:
        return f"conversations/conversation/thread/_{self.kind}.html"

    @property
    def mark(self) -> str:
        return f"{self.kind} {self.subject.pk} {self.who} {self.words} {self.is_next} {_state(self.subject)}"

    @property
    def day(self) -> date | None:
        return None if self.kind in OPEN else localtime(self.at).date()

    def order(self) -> tuple[bool, datetime]:
        return self.kind in OPEN, self.at


def of_messages(messages: Iterable[Message], replies: Iterable[Reply], *, viewer: User) -> Iterator[Entry]:
    sent = {reply.message_id: reply for reply in replies if reply.status == ReplyStatus.SENT}
    for message in messages:
        reply = sent.get(message.pk)
        voice, who, words = author(message, reply, viewer)
        yield Entry(Kind.MESSAGE, message.created_at, message, who=who, words=words, voice=voice, reply=reply)


def of_notes(notes: Iterable[Note], *, viewer: User) -> Iterator[Entry]:
    for note in notes:
        yield Entry(Kind.NOTE, note.created_at, note, who=name(note.author, viewer))


def of_replies(replies: Iterable[Reply], *, newest: UUID | None, beside: UUID | None, viewer: User) -> Iterator[Entry]:
    """What became of replies that are no message. ``newest`` is what the customer wrote last; the reply ``beside``
    the thread is left out while it is a draft."""
    for reply in replies:
        kind, is_next = _kind(reply), reply.customer_message_id == newest
        if not kind or (kind == Kind.DRAFT and reply.pk == beside) or (kind == Kind.UNANSWERED and not is_next):
            continue
        who = name(reply.decided_by, viewer) if reply.decided_by_id else ""
        at = reply.finished_at or reply.created_at
        yield Entry(kind, at, reply, who=who, words=fate(reply, who), is_next=is_next)


def of_decisions(
    conversation: Conversation, replies: list[Reply], *, start: datetime | None, end: datetime | None, viewer: User
) -> Iterator[Entry]:
    """What agents did, in two queries. What a message, a note or a draft tells by itself is left out."""
    by_id = {reply.pk: reply for reply in replies}
    about = AuditEntry.objects.about(conversation.pk, *by_id).filter(workspace_id=conversation.workspace_id)
    about = about.exclude(action__in=TOLD_BY_ITSELF).select_related("actor")
    meanwhile = between(about, start, end, unless=Q(target_id__in=by_id))
    done = list(meanwhile.order_by("-created_at", "-id")[:DECISIONS_AT_MOST])[::-1]
    outcomes = {entry.target_id: entry.pk for entry in done if entry.action in OUTCOMES}
    for entry in done:
        reply = by_id.get(entry.target_id)
        is_told = reply is not None and outcomes.get(reply.pk) == entry.pk and _tells_its_outcome(reply)
        if entry.action != "reply.regenerate" and not (is_told and not entry.detail.get("customer")):
            who = name(entry.actor, viewer)
            yield Entry(Kind.EVENT, entry.created_at, entry, who=who, words=words_of(entry, is_told=is_told))
    if any(entry.action == "reply.regenerate" for entry in done):
        for draft in EarlierDraft.objects.filter(reply__in=by_id).select_related("asked_by"):
            yield Entry(Kind.EARLIER_DRAFT, draft.created_at, draft, who=name(draft.asked_by, viewer))


def between(rows: QuerySet[Any], start: datetime | None, end: datetime | None, *, unless: Q | None = None) -> Any:
    """Those of a time, from ``start`` up to before ``end``, and those ``unless`` of any time."""
    meanwhile = Q()
    if start:
        meanwhile &= Q(created_at__gte=start)
    if end:
        meanwhile &= Q(created_at__lt=end)
    return rows.filter(meanwhile | unless if unless and meanwhile else meanwhile)


def _kind(reply: Reply) -> Kind | None:
    if reply.is_being_written:
        return Kind.GROWING
    kind = {
        ReplyStatus.AWAITING_APPROVAL: Kind.DRAFT,
        ReplyStatus.BY_HAND: Kind.UNANSWERED,
        ReplyStatus.FAILED: Kind.FAILURE,
        ReplyStatus.REJECTED: Kind.REJECTED,
        ReplyStatus.CANCELED: Kind.SET_ASIDE,
    }.get(ReplyStatus(reply.status))
    if reply.status == ReplyStatus.SUPERSEDED and reply.text:
        return Kind.SET_ASIDE
    return kind


def _tells_its_outcome(reply: Reply) -> bool:
    return reply.status in (ReplyStatus.SENT, ReplyStatus.REJECTED) or reply.is_in_hold


def _state(subject: Any) -> str:
    if not isinstance(subject, Reply):
        return ""
    return f"{subject.status} {subject.attempt} {subject.decision} {subject.stop_requested} {len(subject.text)}"
