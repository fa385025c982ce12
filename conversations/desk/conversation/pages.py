"""One conversation: the thread, the composer, and what agents decide about it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from conversations.deciding import handling
from conversations.desk import given
from conversations.desk.conversation.composer import Composer
from conversations.desk.conversation.customer_verbs import customer_verbs
from conversations.desk.conversation.thread import latest
from conversations.desk.live import presence
from conversations.models import Conversation
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership


@require_GET
@for_members
def conversation(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    """The whole page; with ``before`` an earlier part of the thread, for browsers without scripts."""
    found = find(member, conversation_id)
    context = pane(member, found, before=given.number(request.GET.get("before", "")))
    return render(request, "conversations/conversation/page.html", context | {"is_page": True})


@require_GET
@for_members
def thread(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    """The newest part as it is now, or one before it. 204 when the page shows the same version already."""
    found = find(member, conversation_id)
    before = given.number(request.GET.get("before", ""))
    shown = latest(
        found,
        viewer=member.user,
        before=before,
        since=given.number(request.GET.get("since", "")),
        beside=given.uuid(request.GET.get("beside", "")),
    )
    if "seen" in request.GET:
        handling.mark_read(conversation=found, reader=member.user)
    if request.GET.get("version") == shown.version:
        return HttpResponse(status=204)
    name = "_page" if before is not None else "_latest"
    return render(request, f"conversations/conversation/thread/{name}.html", {"conversation": found, "thread": shown})


@require_GET
@for_members
def state(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    """Whose it is, whether it is open, and what was decided about the customer."""
    found = find(member, conversation_id)
    return render(request, "conversations/conversation/_state.html", state_of(member, found))


@require_GET
@for_members
def onlookers(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    """Who else has it open."""
    found = find(member, conversation_id)
    context = {"conversation": found, "others": presence.others(conversation=found, user=member.user)}
    return render(request, "conversations/conversation/_presence.html", context)


def pane(member: Membership, conversation: Conversation, *, before: int | None = None) -> dict[str, Any]:
    """All that ``conversations/conversation/_pane.html`` shows; the member has read the conversation now."""
    handling.mark_read(conversation=conversation, reader=member.user)
    return {
        **state_of(member, conversation),
        "thread": latest(conversation, viewer=member.user, before=before),
        "composer": Composer(),
        "others": presence.others(conversation=conversation, user=member.user),
    }


def state_of(member: Membership, conversation: Conversation) -> dict[str, Any]:
    members = member.workspace.memberships.select_related("user").order_by("user__name", "user__email")
    verbs = customer_verbs(conversation, slug=member.workspace.slug)
    return {"conversation": conversation, "members": members, "customer_verbs": verbs}


def find(member: Membership, conversation_id: UUID) -> Conversation:
    conversations = Conversation.objects.filter(workspace=member.workspace).select_related("account", "assignee")
    return get_object_or_404(conversations, pk=conversation_id)
