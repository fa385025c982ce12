"""What was asked of an account lately, and what to do about what was refused."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from integrations import health
from integrations.fixes import fix_for
from integrations.pages.account import account_of
from workspaces import keyset
from workspaces.access import MemberRequest, for_admins
from workspaces.keyset import Cursor
from workspaces.models import Membership

AT_ONCE = 50


@require_GET
@for_admins
def index(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    """Newest first; ``after`` pages back."""
    account = account_of(member, account_id)
    wants_refused = request.GET.get("show") == "refused"
    records = account.request_records.filter(status__gte=400) if wants_refused else account.request_records.all()
    after = Cursor.parse(request.GET.get("after", ""))
    page = keyset.page(records, size=AT_ONCE, after=after)
    context = {
        "account": account,
        "signs": health.signs(account),
        "rows": [(record, fix_for(code=record.code, origin=record.origin)) for record in page.rows],
        "wants_refused": wants_refused,
        "older": page.older,
        "is_first_page": after is None,
    }
    return render(request, "integrations/accounts/requests.html", context)
