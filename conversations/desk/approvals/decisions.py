"""What agents do with a draft: each verb one POST. With htmx the answer is the next draft, or why it did not apply."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from conversations.deciding import drafts, handling
from conversations.deciding.answer_instead import answer_instead
from conversations.desk import given
from conversations.desk.approvals import answers as answer
from conversations.desk.approvals import parts as desk
from conversations.desk.approvals.outcomes import Intent
from conversations.desk.approvals.parts import Unsent
from conversations.models.reply import Decision
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership
from workspaces.refusals import Refused


@require_POST
@for_members
def approve(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """Sends the responder's words, and only those: what the agent changed is never dropped in silence."""
    reply, body = desk.find(member, reply_id), request.POST.get("body")
    hold = settings.LUMIKA_UNDO_SECONDS
    try:
        decided = drafts.approve(reply=reply, by=request.by, seen=_seen(request), expected=body, hold_seconds=hold)
    except Refused as refused:
        meant, unsent = Intent(Decision.SEND), Unsent("draft", body or "")
        return answer.undecided(request, member, reply_id, refused, meant, unsent)
    return answer.goes_on(request, member, decided)


@require_POST
@for_members
def approve_with_customer(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    reply, body = desk.find(member, reply_id), request.POST.get("body")
    hold = settings.LUMIKA_UNDO_SECONDS
    try:
        decided = drafts.approve_with_customer(
            reply=reply, by=request.by, seen=_seen(request), expected=body, hold_seconds=hold
        )
    except Refused as refused:
        meant, unsent = Intent(Decision.SEND_AND_APPROVE_CUSTOMER), Unsent("draft", body or "")
        return answer.undecided(request, member, reply_id, refused, meant, unsent)
    return answer.goes_on(request, member, decided)


@require_POST
@for_members
def approve_edited(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """The agent's own words, sent deliberately: they go out at once."""
    reply, body = desk.find(member, reply_id), request.POST.get("body", "")
    try:
        decided = drafts.approve_edited(reply=reply, by=request.by, body=body, seen=_seen(request))
    except Refused as refused:
        meant, unsent = Intent(Decision.SEND, body), Unsent("draft", body)
        return answer.undecided(request, member, reply_id, refused, meant, unsent)
    return answer.goes_on(request, member, decided)


@require_POST
@for_members
def reject(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    reply, reason = desk.find(member, reply_id), request.POST.get("reason", "")
    hold = settings.LUMIKA_UNDO_SECONDS
    try:
        decided = drafts.reject(reply=reply, by=request.by, reason=reason, seen=_seen(request), hold_seconds=hold)
    except Refused as refused:
        meant, unsent = Intent(Decision.REJECT), Unsent("reason", reason)
        return answer.undecided(request, member, reply_id, refused, meant, unsent)
    return answer.goes_on(request, member, decided)


@require_POST
@for_members
def answer_by_hand(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """The agent's own words in the place of the draft, at once."""
    reply, body = desk.find(member, reply_id), request.POST.get("body", "")
    try:
        decided = answer_instead(reply=reply, by=request.by, body=body, key=desk.key_of(request.POST))
    except Refused as refused:
        meant, unsent = Intent(None, body), Unsent("answer", body)
        return answer.undecided(request, member, reply_id, refused, meant, unsent)
    return answer.goes_on(request, member, decided)


@require_POST
@for_members
def regenerate(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """Whoever asks for another draft waits for it: it stays open."""
    reply, instruction = desk.find(member, reply_id), request.POST.get("instruction", "")
    try:
        asked = drafts.regenerate(reply=reply, by=request.by, instruction=instruction, seen=_seen(request))
    except Refused as refused:
        return answer.refused(request, member, reply_id, refused, Unsent("instruction", instruction))
    return answer.stays(request, member, asked)


@require_POST
@for_members
def leave_note(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """Beside the draft, which stays open."""
    reply, body = desk.find(member, reply_id), request.POST.get("body", "")
    try:
        handling.leave_note(conversation=reply.conversation, by=request.by, body=body, key=desk.key_of(request.POST))
    except Refused as refused:
        return answer.refused(request, member, reply_id, refused, Unsent("note", body))
    return answer.noted(request, member, reply)


@require_POST
@for_members
def undo(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """Opens the draft again."""
    try:
        drafts.undo(reply=desk.find(member, reply_id), by=request.by)
    except Refused as refused:
        return answer.refused(request, member, reply_id, refused)
    return answer.reopened(request, member, reply_id)


@require_POST
@for_members
def carry_out(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """Whatever draft is open stays so."""
    drafts.carry_out(reply=desk.find(member, reply_id), by=request.by)
    return answer.held(request, member)


def _seen(request: MemberRequest) -> int | None:
    """The attempt whose text the agent had before them."""
    return given.number(request.POST.get("seen", ""))
