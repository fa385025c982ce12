from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from conversations.desk.home import first_run, statistics
from conversations.desk.home.figure_charts import figure_charts
from conversations.models import Reply
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership

DRAFTS_SHOWN = 5


@require_GET
@for_members
def home(request: MemberRequest, member: Membership) -> HttpResponse:
    """How things stand: what is left to set up, which drafts wait, and the figures of the last days."""
    waiting = Reply.objects.filter(workspace=member.workspace).awaiting_approval().order_by("created_at")
    figures = statistics.last_days(workspace=member.workspace, today=timezone.localdate())
    context = {
        "first_run": first_run.checklist(member.workspace),
        "drafts": waiting.select_related("customer_message", "conversation__account")[:DRAFTS_SHOWN],
        "drafts_count": waiting.count(),
        "statistics": figures,
        "zone": timezone.get_current_timezone_name(),
        "charts": figure_charts(figures.days, total=figures.total) if figures.total.messages else [],
    }
    return render(request, "conversations/home/page.html", context)
