"""Which sites may call an account: the list, a test of one origin, and the origins that were refused."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from integrations import health
from integrations.forms.domains import DomainsForm, read_lines
from integrations.models import IntegrationAccount
from integrations.pages import audit
from integrations.pages.account import account_of, account_to_change
from integrations.verdicts import verdict
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership


@require_http_methods(["GET", "POST"])
@for_admins
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
@transaction.atomic
def allow(request: MemberRequest, member: Membership, account_id: UUID, origin_id: UUID) -> HttpResponse:
    account = account_of(member, account_id)
    refused = get_object_or_404(account.refused_origins, pk=origin_id)
    if refused.entry is None:
        messages.error(request, f"{refused.origin} is no origin that a list can name.")
    elif account.allow(entry=refused.entry):
        audit.record(request, "domains.allow", account, entry=refused.entry)
        messages.success(request, f"{refused.entry} may call from now on.")
    return redirect("integrations:domains", member.workspace.slug, account_id)


@require_POST
@for_admins
@transaction.atomic
def dismiss(request: MemberRequest, member: Membership, account_id: UUID, origin_id: UUID) -> HttpResponse:
    account = account_of(member, account_id)
    refused = get_object_or_404(account.refused_origins, pk=origin_id)
    audit.record(request, "refused_origin.dismiss", refused, account=account.name)
    refused.delete()
    messages.success(request, f"{refused.origin} is dismissed. It stays refused, and counts anew.")
    return redirect("integrations:domains", member.workspace.slug, account_id)


@transaction.atomic
def _save(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    form = DomainsForm(request.POST, instance=account_to_change(member, account_id))
    if not form.is_valid():
        return _page(request, account_of(member, account_id), form=form)
    account = form.save()
    account.forget_admitted_origins()
    audit.record(request, "domains.change", account, allowed_domains=account.allowed_domains)
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
