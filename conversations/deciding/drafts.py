"""What agents decide about drafts: each verb idempotent, one audit entry, fenced by the reply's state.

Of two agents one wins; the other gets ``AlreadyDecided``, which says who was first. A decision may be held for some
seconds (``hold_seconds``), in which it can be undone and the customer sees nothing. The hold lies in the database:
when it is over, any process carries the decision out (``conversations/sql/release_1.sql``). ``seen`` is the attempt
whose text the agent had before them: another one is not decided on. ``expected`` is the text that they agreed to.
"""

from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from conversations.deciding.refusals import AlreadyDecided, TooLate
from conversations.deciding.sendable import sendable
from conversations.deciding.transactions import locked, record
from conversations.models import Conversation, EarlierDraft, Message, Reply
from conversations.models.reply import Decision
from conversations.models.reply_status import ReplyStatus
from conversations.store import MAX_ATTEMPTS
from workspaces import typed
from workspaces.refusals import Refused
from workspaces.tenancy import new_id
from workspaces.verbs import Actor, nothing_changed, verb

MAX_INSTRUCTION = 2_000
MAX_REASON = 2_000


@verb
def approve(
    *, reply: Reply, by: Actor, seen: int | None = None, expected: str | None = None, hold_seconds: float = 0
) -> Reply:
    """Sends the draft as it is."""
    current = _draft(reply, seen, expected)
    record("reply.approve", current, by=by, edited=False)
    return _decide(current, Decision.SEND, by=by, outgoing=current.text, hold_seconds=hold_seconds)


@verb
def approve_with_customer(
    *, reply: Reply, by: Actor, seen: int | None = None, expected: str | None = None, hold_seconds: float = 0
) -> Reply:
    """Sends the draft, and lets replies to this customer go out by themselves from then on."""
    current = _draft(reply, seen, expected)
    record("reply.approve", current, by=by, edited=False, customer="approved")
    both = Decision.SEND_AND_APPROVE_CUSTOMER
    return _decide(current, both, by=by, outgoing=current.text, hold_seconds=hold_seconds)


@verb
def approve_edited(*, reply: Reply, by: Actor, body: str, seen: int | None = None, hold_seconds: float = 0) -> Reply:
    """Sends the draft as the agent changed it; the responder's own words stay in ``reply.text``."""
    body = sendable(body)
    current = _draft(reply, seen)
    record("reply.approve", current, by=by, edited=body != current.text)
    return _decide(current, Decision.SEND, by=by, outgoing=body, hold_seconds=hold_seconds)


@verb
def reject(*, reply: Reply, by: Actor, reason: str = "", seen: int | None = None, hold_seconds: float = 0) -> Reply:
    """Drops the draft; the customer is told nothing."""
    reason = _bounded("reason", reason, MAX_REASON)
    current = _draft(reply, seen)
    record("reply.reject", current, by=by, reason=reason)
    return _decide(current, Decision.REJECT, by=by, reason=reason, hold_seconds=hold_seconds)


@verb
def undo(*, reply: Reply, by: Actor) -> Reply:
    """Takes a decision back while its hold runs: the draft waits again. Raises TooLate afterwards. Idempotent."""
    conversation = locked(reply.conversation)
    in_hold = Reply.objects.in_hold().filter(pk=reply.pk, conversation=conversation, release_at__gt=Now())
    waits_again = {"decision": "", "release_at": None, "outgoing": "", "reason": ""}
    is_undone = in_hold.update(**waits_again, decided_by=None, decided_at=None)
    current = _current(reply, conversation)
    if not (is_undone or current.awaits_approval):
        raise TooLate(current)
    if is_undone:
        record("reply.undo", current, by=by)
    else:
        nothing_changed()
    return current


@verb
def carry_out(*, reply: Reply, by: Actor) -> Reply:
    """Ends the hold of a decision at once. Repeating it changes nothing."""
    conversation = locked(reply.conversation)
    if Reply.objects.in_hold().filter(pk=reply.pk, conversation=conversation).update(release_at=Now()):
        _release(reply)
        record("reply.send_now", reply, by=by)
    else:
        nothing_changed()
    return _current(reply, conversation)


@verb
def regenerate(*, reply: Reply, by: Actor, instruction: str = "", seen: int | None = None) -> Reply:
    """Sets the draft aside and asks the responder for another one, which an agent decides on in any case."""
    instruction = _bounded("instruction", instruction, MAX_INSTRUCTION)
    current = _draft(reply, seen)
    if current.conversation.account.responder_id is None:
        raise Refused("This account has no responder that could write another draft. Edit this one, or reply by hand.")
    EarlierDraft.objects.create(
        workspace_id=current.workspace_id,
        reply=current,
        text=current.text,
        data=current.data,
        instruction=instruction,
        asked_by=by.user,
    )
    record("reply.regenerate", current, by=by, instruction=instruction)
    return _queue_again(current, instruction=instruction, for_review=True)


@verb
def retry(*, reply: Reply, by: Actor) -> Reply:
    """Lets a failed reply be written again, as long as the customer has written nothing newer."""
    conversation = locked(reply.conversation)
    current = _current(reply, conversation)
    if not current.has_failed or _is_stale(current):
        raise AlreadyDecided(current)
    if conversation.customer_is_blocked:
        raise Refused("This customer is blocked. Unblock them first, or reply by hand.")
    record("reply.retry", current, by=by)
    return _queue_again(current, instruction=current.instruction, for_review=current.for_review)


@verb
def stop(*, reply: Reply, by: Actor) -> Reply:
    """Ends the writing of a reply: what there is of it is sent, unless it would need an approval. Idempotent."""
    conversation = locked(reply.conversation)
    current = _current(reply, conversation)
    if not current.is_being_written or current.stop_requested:
        nothing_changed()
        return current
    with connection.cursor() as cursor:
        cursor.execute("SELECT reply_stop(%s)", [reply.pk])
    record("reply.stop", current, by=by)
    return _current(reply, conversation)


def _draft(reply: Reply, seen: int | None, expected: str | None = None) -> Reply:
    """The draft, locked, if it still awaits a decision and is the one that was seen. Raises Refused."""
    current = _current(reply, locked(reply.conversation))
    if not current.awaits_approval or _is_stale(current):
        raise AlreadyDecided(current)
    if seen is not None and seen != current.attempt:
        raise Refused("Another draft was written meanwhile. Read it before you decide.")
    if expected is not None and typed.clean(expected) != typed.clean(current.text):
        raise Refused("You changed the draft. Send it edited, or discard your changes first.")
    return current


def _current(reply: Reply, conversation: Conversation) -> Reply:
    current = Reply.objects.select_related("decided_by", "message").get(pk=reply.pk, conversation=conversation)
    current.conversation = conversation
    return current


def _is_stale(reply: Reply) -> bool:
    newest = reply.conversation.messages.filter(actor=Message.Actor.CUSTOMER).order_by("-sequence").first()
    return newest is not None and newest.pk != reply.customer_message_id


def _decide(
    reply: Reply, decision: Decision, *, by: Actor, outgoing: str = "", reason: str = "", hold_seconds: float
) -> Reply:
    Reply.objects.filter(pk=reply.pk).update(
        decision=decision,
        outgoing=outgoing,
        reason=reason,
        decided_by=by.user,
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


def _bounded(what: str, text: str, most: int) -> str:
    text = typed.clean(text)
    if len(text) > most:
        raise Refused(f"The {what} has {len(text)} characters; at most {most} are allowed.")
    return text
