"""The tokens of an account: shown masked, revealed, rotated, revoked; and the end of all of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from integrations import account_tokens, accounts, health
from integrations.forms.accounts import RetireForm
from integrations.forms.tokens import RotateForm
from integrations.models import IntegrationAccount
from integrations.pages import fresh_token
from integrations.pages.account import account_of, without_storing
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership
from workspaces.refusals import Refused
from workspaces.secrets import SecretUnreadable


@require_GET
@for_admins
def index(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    account = account_of(member, account_id)
    token = fresh_token.take(request, account)
    if token is None:
        return _page(request, account)
    return without_storing(_page(request, account, revealed=token, clear_text=token.reveal()))


@require_POST
@for_admins
def reveal(request: MemberRequest, member: Membership, account_id: UUID, token_id: UUID) -> HttpResponse:
    account = account_of(member, account_id)
    token = get_object_or_404(account.tokens.working(), pk=token_id)
    try:
        clear_text = account_tokens.reveal(token=token, by=request.by)
    except SecretUnreadable as error:
        messages.error(request, str(error))
        return redirect("integrations:tokens", member.workspace.slug, account_id)
    return without_storing(_page(request, account, revealed=token, clear_text=clear_text))


@require_POST
@for_admins
def rotate(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    account = account_of(member, account_id)
    form = RotateForm(request.POST)
    if not form.is_valid():
        return _page(request, account, rotate_form=form)
    try:
        token = account_tokens.rotate(account=account, overlap=form.chosen, by=request.by)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        fresh_token.show_next(request, account, token)
        messages.success(request, "The new token works from now on. Copy it to where the old one is used.")
    return redirect("integrations:tokens", member.workspace.slug, account_id)


@require_POST
@for_admins
def revoke(request: MemberRequest, member: Membership, account_id: UUID, token_id: UUID) -> HttpResponse:
    token = get_object_or_404(account_of(member, account_id).tokens, pk=token_id)
    if account_tokens.revoke(token=token, by=request.by):
        messages.success(request, f"{token.masked} is refused from now on.")
    return redirect("integrations:tokens", member.workspace.slug, account_id)


@require_POST
@for_admins
def retire(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    account = account_of(member, account_id)
    form = RetireForm(request.POST, account=account)
    if not form.is_valid():
        return _page(request, account, retire_form=form)
    if accounts.retire(account=account, by=request.by):
        messages.success(request, f"{account.name} is retired. All its tokens are refused from now on.")
    return redirect("integrations:tokens", member.workspace.slug, account_id)


def _page(request: MemberRequest, account: IntegrationAccount, **context: Any) -> HttpResponse:
    context.setdefault("rotate_form", RotateForm())
    context.setdefault("retire_form", RetireForm(account=account))
    tokens = account.tokens.order_by("-created_at", "-pk")
    context |= {"account": account, "signs": health.signs(account), "tokens": tokens}
    return render(request, "integrations/accounts/tokens.html", context)
