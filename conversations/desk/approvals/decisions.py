"""What agents do with a draft: each verb one POST. With htmx the answer is the next draft, or why it did not apply."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from conversations.deciding import drafts, handling
from conversations.deciding.answer_instead import answer_instead
from conversations.deciding.refusals import AlreadyDecided, CannotDecide
from conversations.desk import given
from conversations.desk.approvals import answers as answer
from conversations.desk.approvals import parts as desk
from conversations.desk.approvals.outcomes import Intent, is_repetition, trimmed
from conversations.desk.approvals.parts import Unsent
from conversations.models import Reply
from conversations.models.reply import Decision
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership

MAX_REASON = 2_000
CHANGED = "You changed the draft. Send it edited, or discard your changes first."
NO_RESPONDER = "This account has no responder that could write another draft. Edit this one, or reply by hand."

Verb = Callable[..., Reply]


@require_POST
@for_members
def approve(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    return _approve(request, member, reply_id, drafts.approve, Decision.SEND)


@require_POST
@for_members
def approve_with_customer(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    return _approve(request, member, reply_id, drafts.approve_with_customer, Decision.SEND_AND_TRUST)


@require_POST
@for_members
def approve_edited(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """The agent's own words, sent deliberately: they go out at once."""
    body = request.POST.get("body", "")
    verb = partial(drafts.approve_edited, body=body, seen=_seen(request))
    return _decide(request, member, reply_id, verb, Intent(Decision.SEND, trimmed(body)), Unsent("draft", body))


@require_POST
@for_members
def reject(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    reason = trimmed(request.POST.get("reason", ""))
    verb = partial(_reject, reason=reason, seen=_seen(request))
    return _decide(request, member, reply_id, verb, Intent(Decision.REJECT), Unsent("reason", reason))


@require_POST
@for_members
def answer_by_hand(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """The agent's own words in the place of the draft, at once."""
    body = request.POST.get("body", "")
    verb = partial(answer_instead, body=body, key=desk.key_of(request.POST))
    return _decide(request, member, reply_id, verb, Intent(None, trimmed(body)), Unsent("answer", body))


@require_POST
@for_members
def regenerate(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """Whoever asks for another draft waits for it: it stays open."""
    reply, instruction = desk.find(member, reply_id), request.POST.get("instruction", "")
    try:
        if reply.conversation.account.responder_id is None:
            raise CannotDecide(NO_RESPONDER)
        asked = drafts.regenerate(
            reply=reply, agent=member.user, instruction=instruction, seen=_seen(request), ip=_ip(request)
        )
    except CannotDecide as refused:
        return answer.refused(request, member, reply_id, refused, Unsent("instruction", instruction))
    return answer.stays(request, member, asked)


@require_POST
@for_members
def leave_note(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """Beside the draft, which stays open."""
    reply, body = desk.find(member, reply_id), request.POST.get("body", "")
    try:
        handling.leave_note(
            conversation=reply.conversation,
            agent=member.user,
            body=body,
            key=desk.key_of(request.POST),
            ip=_ip(request),
        )
    except CannotDecide as refused:
        return answer.refused(request, member, reply_id, refused, Unsent("note", body))
    return answer.noted(request, member, reply)


@require_POST
@for_members
def undo(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """Opens the draft again."""
    reply = desk.find(member, reply_id)
    try:
        drafts.undo(reply=reply, agent=member.user, ip=_ip(request))
    except CannotDecide as refused:
        return answer.refused(request, member, reply_id, refused)
    return answer.reopened(request, member, reply_id)


@require_POST
@for_members
def carry_out(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """Whatever draft is open stays so."""
    drafts.carry_out(reply=desk.find(member, reply_id), agent=member.user, ip=_ip(request))
    return answer.held(request, member)


def _approve(
    request: MemberRequest, member: Membership, reply_id: UUID, verb: Verb, decision: Decision
) -> HttpResponse:
    """Sends the responder's words, and only those: what the agent changed is never dropped in silence."""
    body, hold = request.POST.get("body"), settings.LUMIKA_UNDO_SECONDS
    unchanged = partial(_unchanged, verb, body, seen=_seen(request), hold_seconds=hold)
    return _decide(request, member, reply_id, unchanged, Intent(decision), Unsent("draft", body or ""))


def _unchanged(verb: Verb, body: str | None, *, reply: Reply, seen: int | None, **values: object) -> Reply:
    is_seen = reply.awaits_approval and seen in (None, reply.attempt)
    if body is not None and is_seen and trimmed(body) != trimmed(reply.text):
        raise CannotDecide(CHANGED)
    return verb(reply=reply, seen=seen, **values)


def _reject(*, reason: str, **values: object) -> Reply:
    if len(reason) > MAX_REASON:
        raise CannotDecide(f"The reason has {len(reason)} characters; at most {MAX_REASON} are allowed.")
    return drafts.reject(reason=reason, hold_seconds=settings.LUMIKA_UNDO_SECONDS, **values)  # type: ignore[arg-type]


def _decide(
    request: MemberRequest, member: Membership, reply_id: UUID, verb: Verb, intent: Intent, unsent: Unsent
) -> HttpResponse:
    """Decides, and opens the next draft. A decision that came too late leaves the draft open, and says why."""
    reply = desk.find(member, reply_id)
    try:
        decided = verb(reply=reply, agent=member.user, ip=_ip(request))
    except AlreadyDecided as refused:
        if not is_repetition(refused.reply, member.user, intent):
            return answer.refused(request, member, reply_id, refused, unsent)
        decided = refused.reply
    except CannotDecide as refused:
        return answer.refused(request, member, reply_id, refused, unsent)
    return answer.goes_on(request, member, decided)


def _seen(request: MemberRequest) -> int | None:
    """The attempt whose text the agent had before them."""
    return given.number(request.POST.get("seen", ""))


def _ip(request: MemberRequest) -> str | None:
    return request.META.get("REMOTE_ADDR")
