"""How much work waits: the numbers of the navigation, as they are now."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership


@require_GET
@for_members
def counts(request: MemberRequest, member: Membership) -> HttpResponse:
    return render(request, "conversations/counts/_counts.html", {"is_refreshed": True})
