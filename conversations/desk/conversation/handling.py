"""What agents do with a conversation: each verb one POST. With htmx the answer is what changed on the page."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from conversations.deciding import answers, customers, drafts, handling
from conversations.desk import given
from conversations.desk.conversation import pages as page
from conversations.desk.conversation.composer import Composer, Typed
from conversations.desk.conversation.repetitions import is_noted_again, is_sent_again
from conversations.models import Conversation, Reply
from workspaces import typed
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership
from workspaces.refusals import Refused

CHANGED = "This was {} already, as you first wrote it. Do it again only if both should stand."
REPEATED = "You {} exactly this just now. Do it again only if it should stand there twice."


@require_POST
@for_members
def reply_by_hand(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    """Sends the agent's own words. Refused ones come back, to be mended."""
    found, form = page.find(member, conversation_id), Typed.of(request.POST)
    if not form.again and is_sent_again(conversation=found, agent=member.user, body=form.text, key=form.key):
        messages.warning(request, REPEATED.format("sent"))
        return _composed(request, member, found, Composer(reply=form.text, reply_key=form.key, again=True))
    try:
        message = answers.reply_by_hand(conversation=found, by=request.by, body=form.text, key=str(form.key))
    except Refused as refused:
        messages.error(request, str(refused))
        return _composed(request, member, found, Composer(reply=form.text, reply_key=form.key))
    if message.body != typed.clean(form.text):
        messages.warning(request, CHANGED.format("sent"))
        return _composed(request, member, found, Composer(reply=form.text))
    return _composed(request, member, found, Composer(sent="reply"))


@require_POST
@for_members
def leave_note(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    found, form = page.find(member, conversation_id), Typed.of(request.POST)
    composer = partial(Composer, writes_note=True)
    if not form.again and is_noted_again(conversation=found, agent=member.user, body=form.text, key=form.key):
        messages.warning(request, REPEATED.format("noted"))
        return _composed(request, member, found, composer(note=form.text, note_key=form.key, again=True))
    try:
        note = handling.leave_note(conversation=found, by=request.by, body=form.text, key=form.key)
    except Refused as refused:
        messages.error(request, str(refused))
        return _composed(request, member, found, composer(note=form.text, note_key=form.key))
    if note.body != typed.clean(form.text):
        messages.warning(request, CHANGED.format("noted"))
        return _composed(request, member, found, composer(note=form.text))
    return _composed(request, member, found, composer(sent="note"))


@require_POST
@for_members
def assign(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    """To the member named ``to``; to nobody where that is empty."""
    to = request.POST.get("to", "")
    assignee = get_object_or_404(member.workspace.memberships, pk=given.uuid(to)) if to else None
    return _handle(request, member, conversation_id, handling.assign, to=assignee)


@require_POST
@for_members
def close(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    return _handle(request, member, conversation_id, handling.close)


@require_POST
@for_members
def reopen(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    return _handle(request, member, conversation_id, handling.reopen)


@require_POST
@for_members
def approve_customer(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    return _handle(request, member, conversation_id, customers.approve_customer)


@require_POST
@for_members
def block_customer(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    return _handle(request, member, conversation_id, customers.block_customer)


@require_POST
@for_members
def unreview_customer(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    return _handle(request, member, conversation_id, customers.unreview_customer)


@require_POST
@for_members
def retry(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    return _with_reply(request, member, reply_id, drafts.retry)


@require_POST
@for_members
def stop(request: MemberRequest, member: Membership, reply_id: UUID) -> HttpResponse:
    return _with_reply(request, member, reply_id, drafts.stop)


def _handle(
    request: MemberRequest, member: Membership, conversation_id: UUID, verb: Callable[..., None], **values: Any
) -> HttpResponse:
    found = page.find(member, conversation_id)
    try:
        verb(conversation=found, by=request.by, **values)
    except Refused as refused:
        messages.error(request, str(refused))
    if not _has_htmx(request):
        return _to_page(found, member)
    found = page.find(member, conversation_id)
    return _refreshing(render(request, "conversations/conversation/_state.html", page.state_of(member, found)))


def _with_reply(request: MemberRequest, member: Membership, reply_id: UUID, verb: Callable[..., Reply]) -> HttpResponse:
    replies_here = Reply.objects.filter(workspace=member.workspace).select_related("conversation")
    reply = get_object_or_404(replies_here, pk=reply_id)
    try:
        verb(reply=reply, by=request.by)
    except Refused as refused:
        messages.error(request, str(refused))
    if not _has_htmx(request):
        return _to_page(reply.conversation, member)
    return _refreshing(render(request, "partials/notices.html"))


def _composed(request: MemberRequest, member: Membership, found: Conversation, composer: Composer) -> HttpResponse:
    """The composer: empty after something was sent, else with what was typed."""
    if _has_htmx(request):
        context = {"conversation": found, "composer": composer}
        return _refreshing(render(request, "conversations/conversation/thread/_composer.html", context))
    if composer.sent:
        return _to_page(found, member)
    context = page.pane(member, found) | {"composer": composer, "is_page": True}
    return render(request, "conversations/conversation/page.html", context)


def _to_page(conversation: Conversation, member: Membership) -> HttpResponse:
    return redirect("desk:conversation", member.workspace.slug, conversation.pk)


def _refreshing(answer: HttpResponse) -> HttpResponse:
    """The other parts of the page ask for what they show, as they do when somebody else changes something."""
    answer.headers["HX-Trigger"] = "lumika:conversation, lumika:changed"
    return answer


def _has_htmx(request: MemberRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]  # set by HtmxMiddleware
