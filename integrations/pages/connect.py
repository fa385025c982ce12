"""Samples for an account, filled with the real address, and with the token once it was revealed."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from integrations import account_tokens, health, snippets
from integrations.pages.account import account_of, without_storing
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership


@require_http_methods(["GET", "POST"])
@for_admins
def index(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    """The samples with the token masked; a POST shows it, on that one answer."""
    account = account_of(member, account_id)
    token = None
    if request.method == "POST":
        try:
            token = account_tokens.reveal_newest(account=account, purpose="connect", by=request.by)
        except account_tokens.NoToken as error:
            messages.error(request, str(error))
    samples = snippets.snippets(account, url=settings.PUBLIC_URL, token=token)
    signs = health.signs(account)
    context = {"account": account, "signs": signs, "snippets": samples, "is_revealed": token is not None}
    response = render(request, "integrations/accounts/connect.html", context)
    return without_storing(response) if token else response
