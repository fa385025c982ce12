"""Approvals: the queue at the left, the draft to decide on at the right."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from conversations import queue as drafts
from conversations.models import Reply
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership

MESSAGES_SHOWN = 20


@require_GET
@for_members
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    """The draft that has waited longest."""
    return render(request, "conversations/approvals.html", desk(member, drafts.waiting(member.workspace).first()))


@require_GET
@for_members
def draft(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    reply = get_object_or_404(_replies(member), pk=reply_id)
    return render(request, "conversations/approvals.html", desk(member, reply))


@require_GET
@for_members
def queue(request: MemberRequest, member: Membership) -> HttpResponse:
    """The left side, as it is now."""
    return render(request, "conversations/approvals/_queue.html", desk(member, None))


@require_GET
@for_members
def state(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """What became of a draft that somebody has open."""
    reply = get_object_or_404(_replies(member), pk=reply_id)
    return render(request, "conversations/approvals/_state.html", {"reply": reply})


def desk(member: Membership, reply: Reply | None) -> dict[str, Any]:
    """All that the page shows, with this reply open."""
    waiting = list(drafts.waiting(member.workspace)[: drafts.SHOWN])
    return {
        "waiting": waiting,
        "reply": reply,
        "thread": _thread(reply) if reply else [],
        "held": drafts.in_hold(member.workspace, member.user),
    }


def _replies(member: Membership) -> Any:
    return Reply.objects.filter(workspace=member.workspace).select_related(
        "customer_message", "conversation__account", "decided_by"
    )


def _thread(reply: Reply) -> list[Any]:
    newest = reply.conversation.messages.select_related("author").order_by("-sequence")[:MESSAGES_SHOWN]
    return list(reversed(newest))
