"""Which sites may call an account: the list, a test of one origin, and the origins that were refused."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from integrations import allowed_domains, health
from integrations.edits import compared_anew
from integrations.forms.domains import DomainsForm, read_lines
from integrations.models import IntegrationAccount
from integrations.pages.account import account_of
from integrations.verdicts import verdict
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership
from workspaces.refusals import Refused


@require_http_methods(["GET", "POST"])
@for_admins
@compared_anew
def index(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _save(request, member, account_id)
    return _page(request, account_of(member, account_id))


@require_POST
@for_admins
def preview(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    """The canonical form of what is being typed, as a fragment of the page."""
    account_of(member, account_id)
    lines = read_lines(request.POST.get("allowed_domains", "")[:60_000])
    return render(request, "integrations/accounts/_domain_lines.html", {"lines": lines})


@require_POST
@for_admins
def allow(request: MemberRequest, member: Membership, account_id: UUID, origin_id: UUID) -> HttpResponse:
    refused = get_object_or_404(account_of(member, account_id).refused_origins, pk=origin_id)
    try:
        if allowed_domains.allow(refused=refused, by=request.by):
            messages.success(request, f"{refused.entry} may call from now on.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("integrations:domains", member.workspace.slug, account_id)


@require_POST
@for_admins
def dismiss(request: MemberRequest, member: Membership, account_id: UUID, origin_id: UUID) -> HttpResponse:
    refused = get_object_or_404(account_of(member, account_id).refused_origins, pk=origin_id)
    allowed_domains.dismiss(refused=refused, by=request.by)
    messages.success(request, f"{refused.origin} is dismissed. It stays refused, and counts anew.")
    return redirect("integrations:domains", member.workspace.slug, account_id)


def _save(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    account = account_of(member, account_id)
    form = DomainsForm(request.POST, instance=account)
    if not form.is_valid():
        return _page(request, account_of(member, account_id), form=form)
    entries = form.cleaned_data["allowed_domains"]
    allowed_domains.change(account=account, to=entries, seen=form.seen, by=request.by)
    messages.success(request, "The allowed domains are saved.")
    return redirect("integrations:domains", member.workspace.slug, account_id)


def _page(request: MemberRequest, account: IntegrationAccount, **context: Any) -> HttpResponse:
    context.setdefault("form", DomainsForm(instance=account))
    tested = request.GET.get("origin", "")[:300].strip()
    context |= {
        "account": account,
        "signs": health.signs(account),
        "refused_origins": account.refused_origins.order_by("-last_at"),
        "tested": tested,
        "verdict": verdict(tested, account.allowed_domains) if tested else None,
    }
    return render(request, "integrations/accounts/domains.html", context)
