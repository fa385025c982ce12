"""One integration account: how it stands, its settings, its identity secret, and its end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from integrations import accounts, health, identity_secrets
from integrations.edits import compared_anew
from integrations.forms.accounts import SettingsForm
from integrations.models import IntegrationAccount
from integrations.pages import fresh_token
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership
from workspaces.secrets import SecretUnreadable


def account_of(member: Membership, account_id: UUID) -> IntegrationAccount:
    """The account, if it is one of the member's workspace; for reading."""
    accounts = IntegrationAccount.objects.filter(workspace=member.workspace)
    return get_object_or_404(accounts.with_signs_of_life(), pk=account_id)


def without_storing(response: HttpResponse) -> HttpResponse:
    """An answer with a secret in it: neither browser nor proxy keeps it."""
    response.headers["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@for_admins
@compared_anew
def settings(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _save(request, member, account_id)
    account = account_of(member, account_id)
    token = fresh_token.take(request, account)
    if token is None:
        return _page(request, account)
    return without_storing(_page(request, account, fresh_token=token.reveal()))


@require_POST
@for_admins
def reveal_identity_secret(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    account = account_of(member, account_id)
    try:
        secret = identity_secrets.reveal(account=account, by=request.by)
    except SecretUnreadable as error:
        messages.error(request, str(error))
        return redirect("integrations:account", member.workspace.slug, account_id)
    return without_storing(_page(request, account, identity_secret=secret))


@require_POST
@for_admins
@compared_anew
def rotate_identity_secret(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    identity_secrets.rotate(account=account_of(member, account_id), by=request.by)
    messages.success(request, "The identity secret is new. Reveal it, and give it to your backend.")
    return redirect("integrations:account", member.workspace.slug, account_id)


def _save(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    account = account_of(member, account_id)
    form = SettingsForm(request.POST, instance=account)
    if not form.is_valid():
        return _page(request, account_of(member, account_id), form=form)
    accounts.change(account=account, to=form.changes, seen=form.seen, by=request.by)
    messages.success(request, "The settings are saved.")
    return redirect("integrations:account", member.workspace.slug, account_id)


def _page(request: MemberRequest, account: IntegrationAccount, **context: Any) -> HttpResponse:
    context.setdefault("form", SettingsForm(instance=account))
    context |= {"account": account, "signs": health.signs(account)}
    return render(request, "integrations/accounts/settings.html", context)
