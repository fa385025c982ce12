"""What the approvals page shows, whole or in parts, and how its verbs answer."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from conversations.desk import given
from conversations.desk.approvals import holds, queue
from conversations.desk.approvals.draft_state import DraftState, state_of
from conversations.desk.conversation.thread import latest
from conversations.desk.live import presence
from conversations.models import Reply
from workspaces import typed
from workspaces.access import MemberRequest
from workspaces.models import Membership
from workspaces.tenancy import new_id

LONGEST_SEARCH = 200
MESSAGES_SHOWN = 30


@dataclass(frozen=True)
class Unsent:
    """What somebody typed and could not send, by the name of its field: without scripts it comes back with the page."""

    field: str = ""
    text: str = ""

    def has_its_field(self, state: DraftState) -> bool:
        """Whether the page still has the field that it was typed in."""
        return self.field == "note" or state.can_be_decided or (self.field == "answer" and state.can_be_answered)


def search_of(values: QueryDict) -> str:
    return typed.clean(values.get("q", ""))[:LONGEST_SEARCH]


def find(member: Membership, reply_id: UUID) -> Reply:
    replies = Reply.objects.filter(workspace=member.workspace).select_related(
        "customer_message", "conversation__account__responder", "decided_by", "message"
    )
    return get_object_or_404(replies, pk=reply_id)


def open_of(values: QueryDict) -> UUID | None:
    """The draft that the page has open."""
    return given.uuid(values.get("open", ""))


def key_of(values: QueryDict) -> UUID:
    """What names one sending of a form, however often it arrives; a new one where the form has none."""
    return given.uuid(values.get("key", "")) or new_id()


def held_of(values: QueryDict) -> list[UUID]:
    """The decisions that the page shows as held."""
    return [found for text in values.getlist("held")[: holds.MOST_SHOWN] if (found := given.uuid(text))]


def queue_context(member: Membership, search: str, open_reply: Reply | UUID | None) -> dict[str, Any]:
    drafts = list(queue.waiting(member.workspace, search)[: queue.SHOWN])
    count = len(drafts)
    if count == queue.SHOWN:
        count = queue.waiting(member.workspace, search).count()
    return {
        "drafts": drafts,
        "count": count,
        "more": count - len(drafts),
        "version": queue.version(drafts, count, search),
        "search": search,
        "open_id": open_reply.pk if isinstance(open_reply, Reply) else open_reply,
    }


def draft_context(member: Membership, reply: Reply | None, unsent: Unsent | None = None) -> dict[str, Any]:
    if reply is None:
        return {"reply": None}
    conversation, state, unsent = reply.conversation, state_of(reply), unsent or Unsent()
    return {
        "reply": reply,
        "conversation": conversation,
        "state": state,
        "thread": latest(conversation, viewer=member.user, limit=MESSAGES_SHOWN, beside=reply.pk),
        "others": presence.others(conversation=conversation, user=member.user),
        "reply_key": new_id(),
        "note_key": new_id(),
        "unsent": unsent,
        "left_over": "" if unsent.has_its_field(state) or unsent.text == reply.text else unsent.text,
    }


def held_context(member: Membership, seen: list[UUID] | None = None) -> dict[str, Any]:
    return {"holds": holds.watched(member.workspace, member.user, seen or [])}


def page(
    request: MemberRequest, member: Membership, reply: Reply | None, search: str, unsent: Unsent | None = None
) -> HttpResponse:
    """The whole page with this draft open; without one, the draft that has waited longest."""
    listed = queue_context(member, search, reply)
    opened = reply or next(iter(listed["drafts"]), None)
    listed["open_id"] = opened.pk if opened else None
    shown = listed | draft_context(member, opened, unsent) | held_context(member) | {"is_chosen": reply is not None}
    return varied(render(request, "conversations/approvals/page.html", shown))


def opened(request: MemberRequest, member: Membership, reply: Reply | None, search: str, **also: Any) -> HttpResponse:
    """For htmx: this draft, and the queue beside it."""
    shown = queue_context(member, search, reply) | draft_context(member, reply) | also
    return varied(render(request, "conversations/approvals/_opened.html", shown))


def address_of(member: Membership, reply: Reply | None, search: str = "") -> str:
    slug = member.workspace.slug
    path = reverse("desk:draft", args=[slug, reply.pk]) if reply else reverse("desk:approvals", args=[slug])
    query = QueryDict(mutable=True)
    if search:
        query["q"] = search
    return f"{path}?{query.urlencode()}" if search else path


def lead_to(member: Membership, reply: Reply | None, search: str) -> HttpResponse:
    return redirect(address_of(member, reply, search))


def wants_fragment(request: HttpRequest) -> bool:
    """htmx asks for a part; when it restores a page from the browser's history, it wants that whole."""
    htmx = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    return bool(htmx) and not htmx.history_restore_request


def varied(response: HttpResponse) -> HttpResponse:
    """The same address answers with a page or with a part: nobody may keep the one in place of the other."""
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response
