"""Which drafts wait: what open pages compare to tell new drafts from old ones (js/new-drafts.js)."""

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from conversations.models import Reply
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership

NEWEST = 100


@require_GET
@never_cache
@for_members
def waiting_drafts(request: MemberRequest, member: Membership) -> HttpResponse:
    """The newest ones. A draft that was asked for again is another draft."""
    waiting = Reply.objects.filter(workspace=member.workspace).awaiting_approval().order_by("-created_at", "-id")
    found = waiting.values_list("pk", "attempt", "conversation__external_id")[:NEWEST]
    slug = member.workspace.slug
    drafts = [
        {"id": f"{pk}.{attempt}", "conversation": external_id, "url": reverse("desk:draft", args=[slug, pk])}
        for pk, attempt, external_id in found
    ]
    return JsonResponse({"drafts": drafts})
