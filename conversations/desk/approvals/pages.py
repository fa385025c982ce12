"""Approvals: the queue at the left, the draft to decide on at the right. The parts refresh by themselves."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from conversations.desk import given
from conversations.desk.approvals import parts as desk
from conversations.desk.approvals import queue as drafts
from conversations.desk.approvals.draft_state import state_of
from conversations.models import Reply
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership, Workspace

NOTHING_NEW = 204
LAST = "This is the newest draft that waits."
FIRST = "This is the draft that has waited longest."

Neighbour = Callable[[Workspace, Reply, str], Reply | None]


@require_GET
@for_members
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    """The draft that has waited longest."""
    search = desk.search_of(request.GET)
    if not desk.wants_fragment(request):
        return desk.page(request, member, None, search)
    first = drafts.waiting(member.workspace, search).first()
    return desk.opened(request, member, first, search) if first else HttpResponse(status=NOTHING_NEW)


@require_GET
@for_members
def draft(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    reply, search = desk.find(member, reply_id), desk.search_of(request.GET)
    if not desk.wants_fragment(request):
        return desk.page(request, member, reply, search)
    response = desk.opened(request, member, reply, search, is_chosen=True, takes_focus=True)
    response.headers["HX-Push-Url"] = desk.address_of(member, reply, search)
    return response


@require_GET
@for_members
def next_draft(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """The next one in the queue as it is now."""
    return _step(request, member, reply_id, drafts.younger, LAST)


@require_GET
@for_members
def previous_draft(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    return _step(request, member, reply_id, drafts.older, FIRST)


@require_GET
@for_members
def queue(request: MemberRequest, member: Membership) -> HttpResponse:
    """The left side. 204 when the page shows the same version already."""
    shown = desk.queue_context(member, desk.search_of(request.GET), desk.open_of(request.GET))
    if request.GET.get("version") == shown["version"]:
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "conversations/approvals/_queue.html", shown)


@require_GET
@for_members
def held(request: MemberRequest, member: Membership) -> HttpResponse:
    """The decisions that this agent can undo, and what became of those that the page showed."""
    return render(request, "conversations/approvals/_held.html", desk.held_context(member, desk.held_of(request.GET)))


@require_GET
@for_members
def state(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """What became of a draft that somebody has open. 204 when the page says so already."""
    reply = desk.find(member, reply_id)
    found = state_of(reply, given.number(request.GET.get("attempt", "")))
    if request.GET.get("mark") == found.mark:
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "conversations/approvals/_state.html", {"reply": reply, "state": found})


def _step(
    request: MemberRequest, member: Membership, reply_id: UUID, neighbour: Neighbour, none_left: str
) -> HttpResponse:
    reply, search = desk.find(member, reply_id), desk.search_of(request.GET)
    found = neighbour(member.workspace, reply, search)
    if not desk.wants_fragment(request):
        return desk.lead_to(member, found or reply, search)
    if found is None:
        response = render(request, "conversations/approvals/_announced.html", {"told": none_left})
        response.headers["HX-Reswap"] = "none"
        return response
    response = desk.opened(request, member, found, search, is_chosen=True, takes_focus=True)
    response.headers["HX-Replace-Url"] = desk.address_of(member, found, search)
    return response
