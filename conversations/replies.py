"""What agents do with replies: each verb idempotent, one transaction, one audit entry, fenced by the reply's state.

Every verb takes the conversation's row lock first, as the workers do, so a decision and a worker never overlap. Of
two agents one wins; the other gets ``AlreadyDecided``, which says who was first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations.models import Conversation, Message, Reply
from conversations.models.reply import ACTIVE, WAITING_FOR_A_PERSON, ReplyStatus
from workspaces.models import AuditEntry, User

MAX_BODY = 20_000


class CannotDecide(Exception):
    """The verb does not apply any more. ``str()`` is for the agent: what happened meanwhile."""


class AlreadyDecided(CannotDecide):
    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        who = reply.decided_by.display_name if reply.decided_by else "the responder"
        done = {
            ReplyStatus.SENT: f"Already sent by {who}.",
            ReplyStatus.REJECTED: f"Already rejected by {who}.",
        }
        super().__init__(done.get(ReplyStatus(reply.status), "The draft is gone: the customer wrote something newer."))


class NotSendable(CannotDecide):
    """The text cannot be a message."""


def approve(*, reply: Reply, agent: User, ip: str | None = None) -> Message:
    """Publishes the draft as it is."""
    with _decision(reply) as current:
        return _send(current, agent=agent, body=current.text, author=Message.Author.RESPONDER_APPROVED, ip=ip)


def approve_edited(*, reply: Reply, agent: User, body: str, ip: str | None = None) -> Message:
    """Publishes the draft as the agent changed it; the responder's own words stay in ``reply.text``."""
    body = _sendable(body)
    with _decision(reply) as current:
        return _send(current, agent=agent, body=body, author=Message.Author.RESPONDER_APPROVED, ip=ip)


def reject(*, reply: Reply, agent: User, reason: str = "", ip: str | None = None) -> Reply:
    """Drops the draft; the customer is told nothing."""
    with _decision(reply) as current:
        now = timezone.now()
        current.status = ReplyStatus.REJECTED
        current.reason = reason
        current.decided_by, current.decided_at, current.finished_at = agent, now, now
        current.save(update_fields=["status", "reason", "decided_by", "decided_at", "finished_at"])
        _record(current.conversation, agent, "reply.reject", current, ip, reason=reason)
        return current


def reply_by_hand(*, conversation: Conversation, agent: User, body: str, ip: str | None = None) -> Message:
    """Publishes the agent's own words; they answer all that was open, drafts and running replies included."""
    body = _sendable(body)
    with _locked(conversation) as current:
        message = _publish(current, body=body, author=Message.Author.AGENT, agent=agent, sources=None)
        now = timezone.now()
        answered = current.replies.filter(status__in=[*ACTIVE, *WAITING_FOR_A_PERSON])
        decided = {"message": message, "decided_by": agent, "decided_at": now, "finished_at": now}
        answered.filter(status=ReplyStatus.BY_HAND).update(status=ReplyStatus.SENT, **decided)
        answered.update(status=ReplyStatus.SUPERSEDED, lease_expires_at=None, **decided)
        _record(current, agent, "message.send", message, ip)
        return message


def approve_customer(
    *, conversation: Conversation, agent: User, with_draft: Reply | None = None, ip: str | None = None
) -> Message | None:
    """Lets replies to this customer go out by themselves from now on, and with them the draft, if one is given."""
    with _locked(conversation) as current:
        if current.customer != Conversation.Customer.APPROVED:
            current.customer = Conversation.Customer.APPROVED
            current.save(update_fields=["customer"])
            _record(current, agent, "customer.approve", current, ip)
        if with_draft is None:
            return None
        return approve(reply=current.replies.get(pk=with_draft.pk), agent=agent, ip=ip)


def block_customer(*, conversation: Conversation, agent: User, ip: str | None = None) -> None:
    """No more drafts for this customer; open ones are dropped, running ones stopped. Messages are still stored."""
    with _locked(conversation) as current:
        if current.customer == Conversation.Customer.BLOCKED:
            return
        current.customer = Conversation.Customer.BLOCKED
        current.save(update_fields=["customer"])
        now = timezone.now()
        decided = {"decided_by": agent, "decided_at": now, "finished_at": now}
        current.replies.filter(status=ReplyStatus.AWAITING_APPROVAL).update(status=ReplyStatus.REJECTED, **decided)
        running = current.replies.filter(status__in=ACTIVE)
        running.update(status=ReplyStatus.CANCELED, lease_expires_at=None, **decided)
        _record(current, agent, "customer.block", current, ip)


@contextmanager
def _locked(conversation: Conversation) -> Iterator[Conversation]:
    with transaction.atomic():
        of_workspace = Conversation.objects.filter(workspace_id=conversation.workspace_id)
        yield of_workspace.select_for_update(no_key=True).get(pk=conversation.pk)


@contextmanager
def _decision(reply: Reply) -> Iterator[Reply]:
    """The draft, locked, if it still awaits a decision. Raises AlreadyDecided."""
    with _locked(reply.conversation) as conversation:
        current = Reply.objects.select_related("decided_by").get(pk=reply.pk, conversation=conversation)
        current.conversation = conversation
        newest = conversation.messages.filter(actor=Message.Actor.CUSTOMER).order_by("-sequence").first()
        is_stale = newest is not None and newest.pk != current.customer_message_id
        if not current.awaits_approval or is_stale:
            raise AlreadyDecided(current)
        yield current


def _send(reply: Reply, *, agent: User, body: str, author: Message.Author, ip: str | None) -> Message:
    conversation = reply.conversation
    message = _publish(conversation, body=body, author=author, agent=agent, sources=reply.data.get("sources"))
    now = timezone.now()
    reply.status = ReplyStatus.SENT
    reply.message = message
    reply.edited = body != reply.text
    reply.decided_by, reply.decided_at, reply.finished_at = agent, now, now
    reply.save(update_fields=["status", "message", "edited", "decided_by", "decided_at", "finished_at"])
    conversation.replies.filter(~Q(pk=reply.pk), status=ReplyStatus.BY_HAND).update(
        status=ReplyStatus.SUPERSEDED, message=message, finished_at=now
    )
    _record(conversation, agent, "reply.approve", reply, ip, edited=reply.edited)
    return message


def _publish(
    conversation: Conversation, *, body: str, author: Message.Author, agent: User, sources: list[Any] | None
) -> Message:
    """Inserts the message; the database numbers it (``conversations/sql/publish.sql``)."""
    data: dict[str, Any] = {"author": author.value}
    if sources:
        data["sources"] = sources
    message = Message.objects.create(
        conversation=conversation,
        workspace_id=conversation.workspace_id,
        account_id=conversation.account_id,
        actor=Message.Actor.ASSISTANT,
        body=body,
        data=data,
        author=agent,
    )
    message.refresh_from_db(fields=["sequence", "created_at"])
    return message


def _sendable(body: str) -> str:
    body = body.strip().replace("\r\n", "\n")
    if not body:
        raise NotSendable("The message is empty. Write something first.")
    if len(body) > MAX_BODY:
        raise NotSendable(f"The message has {len(body)} characters; at most {MAX_BODY} can be sent.")
    if "\x00" in body:
        raise NotSendable("The message contains a NUL character. Remove it.")
    return body


def _record(conversation: Conversation, agent: User, action: str, target: Any, ip: str | None, **detail: Any) -> None:
    AuditEntry.objects.record(
        workspace=conversation.workspace, actor=agent, action=action, target=target, detail=detail, ip=ip
    )
