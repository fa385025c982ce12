"""What agents do with a draft: each verb one POST. With htmx the answer is the desk with the next draft."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from conversations import queue, replies
from conversations.models import Reply
from conversations.pages import approvals
from conversations.refusals import CannotDecide
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership


@require_POST
@for_members
def approve(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    return _decide(request, member, reply_id, replies.approve, hold_seconds=settings.LUMIKA_UNDO_SECONDS)


@require_POST
@for_members
def approve_with_customer(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    return _decide(request, member, reply_id, replies.approve_with_customer, hold_seconds=settings.LUMIKA_UNDO_SECONDS)


@require_POST
@for_members
def approve_edited(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """The agent's own words, sent deliberately: they go out at once."""
    return _decide(request, member, reply_id, replies.approve_edited, body=request.POST.get("body", ""))


@require_POST
@for_members
def reject(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    hold = settings.LUMIKA_UNDO_SECONDS
    return _decide(request, member, reply_id, replies.reject, reason=reason, hold_seconds=hold)


@require_POST
@for_members
def regenerate(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    return _decide(request, member, reply_id, replies.regenerate, instruction=request.POST.get("instruction", ""))


@require_POST
@for_members
def undo(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    """Opens the draft again."""
    reply = _reply(member, reply_id)
    try:
        reply = replies.undo(reply=reply, agent=member.user, ip=request.META.get("REMOTE_ADDR"))
    except CannotDecide as refused:
        messages.error(request, str(refused))
    return _desk(request, member, reply)


@require_POST
@for_members
def carry_out(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    reply = _reply(member, reply_id)
    replies.carry_out(reply=reply, agent=member.user, ip=request.META.get("REMOTE_ADDR"))
    return _desk(request, member, queue.after(member.workspace, reply))


def _decide(
    request: MemberRequest, member: Membership, reply_id: UUID, verb: Callable[..., Reply], **values: object
) -> HttpResponse:
    """Decides, and opens the next draft; a decision that came too late leaves the draft open, and says why."""
    reply = _reply(member, reply_id)
    seen = request.POST.get("seen", "")
    try:
        verb(
            reply=reply,
            agent=member.user,
            seen=int(seen) if seen.isdecimal() else None,
            ip=request.META.get("REMOTE_ADDR"),
            **values,
        )
    except CannotDecide as refused:
        messages.error(request, str(refused))
        return _desk(request, member, reply)
    return _desk(request, member, queue.after(member.workspace, reply))


def _reply(member: Membership, reply_id: UUID) -> Reply:
    replies_here = Reply.objects.filter(workspace=member.workspace)
    return get_object_or_404(replies_here.select_related("conversation", "customer_message"), pk=reply_id)


def _desk(request: MemberRequest, member: Membership, reply: Reply | None) -> HttpResponse:
    slug = member.workspace.slug
    address = reverse("desk:draft", args=[slug, reply.pk]) if reply else reverse("desk:approvals", args=[slug])
    if not request.htmx:  # type: ignore[attr-defined]  # set by HtmxMiddleware
        return redirect(address)
    response = render(request, "conversations/approvals/_desk.html", approvals.desk(member, reply))
    response.headers["HX-Push-Url"] = address
    return response
