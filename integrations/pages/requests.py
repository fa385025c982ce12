"""What was asked of an account lately, and what to do about what was refused."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.views.decorators.http import require_GET

from integrations import health
from integrations.fixes import fix_for
from integrations.pages.account import account_of
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership

AT_ONCE = 50


@require_GET
@for_admins
def index(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    """Newest first; ``before`` pages back."""
    account = account_of(member, account_id)
    wants_refused = request.GET.get("show") == "refused"
    records = account.request_records.order_by("-created_at")
    if wants_refused:
        records = records.filter(status__gte=400)
    if before := _moment(request.GET.get("before", "")):
        records = records.filter(created_at__lt=before)
    page = list(records[: AT_ONCE + 1])
    shown = page[:AT_ONCE]
    context = {
        "account": account,
        "signs": health.signs(account),
        "rows": [(record, fix_for(code=record.code, origin=record.origin)) for record in shown],
        "wants_refused": wants_refused,
        "older_than": shown[-1].created_at.isoformat() if len(page) > AT_ONCE else "",
        "is_first_page": before is None,
    }
    return render(request, "integrations/accounts/requests.html", context)


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and is_aware(moment) else None
