"""The inbox: views and search at the left, the open conversation at the right."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from conversations.deciding import handling
from conversations.desk import given
from conversations.desk.conversation import pages as page
from conversations.desk.inbox import shown
from conversations.desk.inbox.place import Place
from conversations.models import Conversation
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership

NOTHING_CHOSEN = "Nothing was closed: choose conversations first, by the boxes beside them."
CLOSED_ALREADY = "Nothing was left to close: these conversations were closed already."


@require_GET
@for_members
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    place = Place.of(request.GET)
    return render(request, "conversations/inbox/page.html", _shown(member, place))


@require_GET
@for_members
def rows(request: MemberRequest, member: Membership) -> HttpResponse:
    """The list as it is now; 204 when the page shows that already."""
    html = _list(request, member, Place.of(request.GET))
    version = shown.version(html)
    if request.GET.get("version") == version:
        return HttpResponse(status=204)
    return HttpResponse(html + _part("version", request, version=version))


@require_GET
@for_members
def opened(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    """The right side: the conversation, which the member has read then."""
    found = page.find(member, conversation_id)
    answer = render(request, "conversations/inbox/_opened.html", page.pane(member, found))
    answer.headers["HX-Trigger-After-Settle"] = "inbox:opened"
    return answer


@require_POST
@for_members
def close(request: MemberRequest, member: Membership) -> HttpResponse:
    """Closes the chosen conversations of this workspace, and says how many there were."""
    place = Place.of(request.POST)
    chosen = {one for one in map(given.uuid, request.POST.getlist("conversation")) if one}
    conversations = Conversation.objects.filter(workspace=member.workspace, pk__in=chosen).select_related("workspace")
    closed = handling.close_all(conversations=conversations, by=request.by)
    _tell(request, chosen=len(chosen), closed=closed)
    if not request.htmx:  # type: ignore[attr-defined]  # set by HtmxMiddleware
        return redirect(f"{reverse('desk:inbox', args=[member.workspace.slug])}?{place.query}")
    return HttpResponse(_list(request, member, place) + _part("version", request) + _part("notices", request))


def _shown(member: Membership, place: Place) -> dict[str, Any]:
    """All that the page shows. The open conversation loads by itself, so that the list does not wait for it."""
    context = shown.context(member, place)
    if place.opened:
        here = Conversation.objects.filter(workspace=member.workspace)
        context["opened"] = get_object_or_404(here, pk=place.opened)
    return context


def _list(request: HttpRequest, member: Membership, place: Place) -> str:
    return _part("refreshed", request, **shown.context(member, place))


def _part(name: str, request: HttpRequest, **context: Any) -> str:
    return render_to_string(f"conversations/inbox/_{name}.html", context, request)


def _tell(request: HttpRequest, *, chosen: int, closed: int) -> None:
    if closed:
        conversations = "conversation" if closed == 1 else "conversations"
        messages.success(request, f"Closed {closed} {conversations}. The customer's next message opens it again.")
    else:
        messages.info(request, CLOSED_ALREADY if chosen else NOTHING_CHOSEN)
