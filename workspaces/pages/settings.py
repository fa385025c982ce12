from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership


@require_GET
@for_members
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    return render(request, "workspaces/settings.html")
