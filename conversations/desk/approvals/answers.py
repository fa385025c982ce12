"""How the verbs of the approvals page answer: with htmx by the parts that changed, else by leading to the page."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from conversations.deciding import handling
from conversations.deciding.refusals import AlreadyDecided
from conversations.desk.approvals import parts as desk
from conversations.desk.approvals import queue
from conversations.desk.approvals.draft_state import state_of
from conversations.desk.approvals.outcomes import Intent, is_repetition, outcome
from conversations.desk.approvals.parts import Unsent
from conversations.models import Reply
from workspaces.access import MemberRequest
from workspaces.models import Membership
from workspaces.refusals import Refused
from workspaces.tenancy import new_id

CONFLICT = 409
NOTED = "The note is saved. Only your team sees it."
TAKEN_BACK = "Taken back: the draft waits again."


def goes_on(request: MemberRequest, member: Membership, decided: Reply) -> HttpResponse:
    """Opens the next draft; the agent has read the conversation."""
    handling.mark_read(conversation=decided.conversation, reader=member.user)
    search = desk.search_of(request.POST)
    following = queue.after(member.workspace, decided, search)
    return _opens(request, member, following, search, outcome(decided, seconds=settings.LUMIKA_UNDO_SECONDS))


def stays(request: MemberRequest, member: Membership, asked: Reply) -> HttpResponse:
    return _opens(
        request,
        member,
        desk.find(member, asked.pk),
        desk.search_of(request.POST),
        outcome(asked, seconds=settings.LUMIKA_UNDO_SECONDS),
    )


def reopened(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    return _opens(request, member, desk.find(member, reply_id), desk.search_of(request.POST), TAKEN_BACK)


def undecided(
    request: MemberRequest, member: Membership, reply_id: UUID, why: Refused, meant: Intent, unsent: Unsent
) -> HttpResponse:
    """Says why a decision did not apply. One that arrives again, of the same agent, is answered as it was at first."""
    if isinstance(why, AlreadyDecided) and is_repetition(why.reply, member.user, meant):
        return goes_on(request, member, why.reply)
    return refused(request, member, reply_id, why, unsent)


def refused(
    request: MemberRequest, member: Membership, reply_id: UUID, why: Refused, unsent: Unsent | None = None
) -> HttpResponse:
    """Leaves the draft open and what was typed as it is."""
    reply, search, told = desk.find(member, reply_id), desk.search_of(request.POST), str(why)
    if not desk.wants_fragment(request):
        messages.error(request, told)
        response = desk.page(request, member, reply, search, unsent)
        response.status_code = CONFLICT
        return response
    shown = desk.queue_context(member, search, reply) | desk.held_context(member, desk.held_of(request.POST))
    state = state_of(reply)
    trouble = "" if told == state.words else told
    shown |= {"reply": reply, "state": state, "trouble": trouble, "is_open": desk.open_of(request.POST) == reply_id}
    response = render(request, "conversations/approvals/_refused.html", shown)
    response.headers["HX-Reswap"] = "none"
    return response


def noted(request: MemberRequest, member: Membership, reply: Reply) -> HttpResponse:
    """A fresh form for the next note; the thread asks for the new one."""
    if not desk.wants_fragment(request):
        messages.success(request, NOTED)
        return desk.lead_to(member, reply, desk.search_of(request.POST))
    shown = {"reply": reply, "note_key": new_id(), "told": NOTED}
    response = render(request, "conversations/approvals/_noted.html", shown)
    response.headers["HX-Trigger"] = "lumika:conversation"
    return response


def held(request: MemberRequest, member: Membership) -> HttpResponse:
    """Leaves whatever draft is open as it is."""
    if desk.wants_fragment(request):
        shown = desk.held_context(member, desk.held_of(request.POST))
        return render(request, "conversations/approvals/_held.html", shown)
    open_id = desk.open_of(request.POST)
    reply = Reply.objects.filter(workspace=member.workspace, pk=open_id).first() if open_id else None
    return desk.lead_to(member, reply, desk.search_of(request.POST))


def _opens(request: MemberRequest, member: Membership, reply: Reply | None, search: str, told: str) -> HttpResponse:
    if not desk.wants_fragment(request):
        messages.success(request, told)
        return desk.lead_to(member, reply, search)
    also = desk.held_context(member, desk.held_of(request.POST))
    response = desk.opened(request, member, reply, search, told=told, is_chosen=True, takes_focus=True, **also)
    response.headers["HX-Replace-Url"] = desk.address_of(member, reply, search)
    return response
