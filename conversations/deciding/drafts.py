"""What agents decide about drafts: each verb idempotent, one transaction, one audit entry, fenced by the reply's state.

Of two agents one wins; the other gets ``AlreadyDecided``, which says who was first. A decision may be held for some
seconds (``hold_seconds``), in which it can be undone and the customer sees nothing. The hold lies in the database:
when it is over, any process carries the decision out (``conversations/sql/release_1.sql``). ``seen`` is the attempt
whose text the agent had before them: another one is not decided on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from conversations.deciding.refusals import AlreadyDecided, CannotDecide, TooLate
from conversations.deciding.sendable import sendable
from conversations.deciding.transactions import locked, record
from conversations.models import Conversation, EarlierDraft, Message, Reply
from conversations.models.reply import Decision
from conversations.models.reply_status import ReplyStatus
from conversations.store import MAX_ATTEMPTS
from workspaces.models import User
from workspaces.tenancy import new_id

MAX_INSTRUCTION = 2_000


def approve(
    *, reply: Reply, agent: User, seen: int | None = None, hold_seconds: float = 0, ip: str | None = None
) -> Reply:
    """Sends the draft as it is."""
    with _decision(reply, seen) as current:
        _record(current, agent, "reply.approve", ip, edited=False)
        return _decide(current, Decision.SEND, agent=agent, outgoing=current.text, hold_seconds=hold_seconds)


def approve_with_customer(
    *, reply: Reply, agent: User, seen: int | None = None, hold_seconds: float = 0, ip: str | None = None
) -> Reply:
    """Sends the draft, and lets replies to this customer go out by themselves from then on."""
    with _decision(reply, seen) as current:
        _record(current, agent, "reply.approve", ip, edited=False, customer="approved")
        return _decide(current, Decision.SEND_AND_TRUST, agent=agent, outgoing=current.text, hold_seconds=hold_seconds)


def approve_edited(
    *,
    reply: Reply,
    agent: User,
    body: str,
    seen: int | None = None,
    hold_seconds: float = 0,
    ip: str | None = None,
) -> Reply:
    """Sends the draft as the agent changed it; the responder's own words stay in ``reply.text``."""
    body = sendable(body)
    with _decision(reply, seen) as current:
        _record(current, agent, "reply.approve", ip, edited=body != current.text)
        return _decide(current, Decision.SEND, agent=agent, outgoing=body, hold_seconds=hold_seconds)


def reject(
    *,
    reply: Reply,
    agent: User,
    reason: str = "",
    seen: int | None = None,
    hold_seconds: float = 0,
    ip: str | None = None,
) -> Reply:
    """Drops the draft; the customer is told nothing."""
    with _decision(reply, seen) as current:
        _record(current, agent, "reply.reject", ip, reason=reason)
        return _decide(current, Decision.REJECT, agent=agent, reason=reason, hold_seconds=hold_seconds)


def undo(*, reply: Reply, agent: User, ip: str | None = None) -> Reply:
    """Takes a decision back while its hold runs: the draft waits again. Raises TooLate afterwards. Idempotent."""
    with locked(reply.conversation) as conversation:
        in_hold = Reply.objects.in_hold().filter(pk=reply.pk, conversation=conversation, release_at__gt=Now())
        waits_again = {"decision": "", "release_at": None, "outgoing": "", "reason": ""}
        is_undone = in_hold.update(**waits_again, decided_by=None, decided_at=None)
        current = _current(reply, conversation)
        if is_undone:
            _record(current, agent, "reply.undo", ip)
        elif not current.awaits_approval:
            raise TooLate(current)
        return current


def carry_out(*, reply: Reply, agent: User, ip: str | None = None) -> Reply:
    """Ends the hold of a decision at once. Repeating it changes nothing."""
    with locked(reply.conversation) as conversation:
        if Reply.objects.in_hold().filter(pk=reply.pk, conversation=conversation).update(release_at=Now()):
            _release(reply)
            _record(reply, agent, "reply.send_now", ip)
        return _current(reply, conversation)


def regenerate(
    *, reply: Reply, agent: User, instruction: str = "", seen: int | None = None, ip: str | None = None
) -> Reply:
    """Sets the draft aside and asks the responder for another one, which an agent decides on in any case."""
    instruction = instruction.strip().replace("\x00", "")
    if len(instruction) > MAX_INSTRUCTION:
        raise CannotDecide(f"The instruction has {len(instruction)} characters; at most {MAX_INSTRUCTION} are allowed.")
    with _decision(reply, seen) as current:
        EarlierDraft.objects.create(
            workspace_id=current.workspace_id,
            reply=current,
            text=current.text,
            data=current.data,
            instruction=instruction,
            asked_by=agent,
        )
        _record(current, agent, "reply.regenerate", ip, instruction=instruction)
        return _queue_again(current, instruction=instruction, for_review=True)


def retry(*, reply: Reply, agent: User, ip: str | None = None) -> Reply:
    """Lets a failed reply be written again, as long as the customer has written nothing newer."""
    with locked(reply.conversation) as conversation:
        current = _current(reply, conversation)
        if not current.has_failed or _is_stale(current):
            raise AlreadyDecided(current)
        if conversation.customer_is_blocked:
            raise CannotDecide("This customer is blocked. Unblock them first, or reply by hand.")
        _record(current, agent, "reply.retry", ip)
        return _queue_again(current, instruction=current.instruction, for_review=current.for_review)


def stop(*, reply: Reply, agent: User, ip: str | None = None) -> Reply:
    """Ends the writing of a reply: what there is of it is sent, unless it would need an approval. Idempotent."""
    with locked(reply.conversation) as conversation:
        current = _current(reply, conversation)
        if current.is_being_written and not current.stop_requested:
            with connection.cursor() as cursor:
                cursor.execute("SELECT reply_stop(%s)", [reply.pk])
            _record(current, agent, "reply.stop", ip)
        return _current(reply, conversation)


@contextmanager
def _decision(reply: Reply, seen: int | None) -> Iterator[Reply]:
    """The draft, locked, if it still awaits a decision and is the one that was seen. Raises AlreadyDecided."""
    with locked(reply.conversation) as conversation:
        current = _current(reply, conversation)
        if not current.awaits_approval or _is_stale(current):
            raise AlreadyDecided(current)
        if seen is not None and seen != current.attempt:
            raise CannotDecide("Another draft was written meanwhile. Read it before you decide.")
        yield current


def _current(reply: Reply, conversation: Conversation) -> Reply:
    current = Reply.objects.select_related("decided_by", "message").get(pk=reply.pk, conversation=conversation)
    current.conversation = conversation
    return current


def _is_stale(reply: Reply) -> bool:
    newest = reply.conversation.messages.filter(actor=Message.Actor.CUSTOMER).order_by("-sequence").first()
    return newest is not None and newest.pk != reply.customer_message_id


def _decide(
    reply: Reply, decision: Decision, *, agent: User, outgoing: str = "", reason: str = "", hold_seconds: float
) -> Reply:
    Reply.objects.filter(pk=reply.pk).update(
        decision=decision,
        outgoing=outgoing,
        reason=reason,
        decided_by=agent,
        decided_at=Now(),
        release_at=Now() + timedelta(seconds=hold_seconds),
    )
    if not hold_seconds:
        _release(reply)
    return _current(reply, reply.conversation)


def _release(reply: Reply) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reply_release(%s, %s)", [reply.pk, new_id()])


def _queue_again(reply: Reply, *, instruction: str, for_review: bool) -> Reply:
    """Back to the start, with as many attempts as a new reply has; a runner picks it up within a second."""
    Reply.objects.filter(pk=reply.pk).update(
        status=ReplyStatus.QUEUED,
        last_attempt=reply.attempt + MAX_ATTEMPTS,
        instruction=instruction,
        for_review=for_review,
        text="",
        data={},
        error_code="",
        error_message="",
        error_retryable=False,
        stop_requested=False,
        finished_at=None,
        delivered_at=None,
    )
    return _current(reply, reply.conversation)


def _record(reply: Reply, agent: User, action: str, ip: str | None, **detail: object) -> None:
    record(reply.conversation, agent=agent, action=action, target=reply, ip=ip, **detail)
