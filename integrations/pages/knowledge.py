from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership


@require_GET
@for_admins
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    return render(request, "integrations/knowledge.html")
