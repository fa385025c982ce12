"""The console: an admin writes as a customer would, over the real endpoint."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_http_methods

from integrations import account_tokens, health, origins, signatures
from integrations.models import IntegrationAccount
from integrations.origins import Caller
from integrations.pages.account import account_of, without_storing
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership
from workspaces.secrets import SecretUnreadable


@require_http_methods(["GET", "POST"])
@for_admins
def index(request: MemberRequest, member: Membership, account_id: UUID) -> HttpResponse:
    """The page, without a token in it; a POST starts a conversation and answers with what the browser needs."""
    account = account_of(member, account_id)
    if request.method == "POST":
        return without_storing(_start(request, account))
    page = origins.parse_origin(f"{request.scheme}://{request.get_host()}")
    caller = Caller(is_browser=True, origin=page)
    is_admitted = origins.admits(caller, account.allowed_domains, kind=account.kind)
    signs = health.signs(account)
    context = {"account": account, "signs": signs, "page_origin": page, "is_admitted": is_admitted}
    return render(request, "integrations/accounts/try_it.html", context)


def _start(request: MemberRequest, account: IntegrationAccount) -> HttpResponse:
    try:
        conversation = _conversation(account)
        token = account_tokens.reveal_newest(account=account, purpose="try it", by=request.by)
    except (SecretUnreadable, account_tokens.NoToken) as error:
        return JsonResponse({"message": str(error)}, status=409)
    return JsonResponse({"integrationToken": token} | conversation)


def _conversation(account: IntegrationAccount) -> dict[str, str]:
    """The new conversation's parameters, signed as a page's should be; empty where the server is to issue the id."""
    if account.kind == IntegrationAccount.Kind.WIDGET and not account.require_signature:
        return {}
    name = f"try-it-{get_random_string(8).lower()}"
    return {"conversationId": name, "conversationSignature": signatures.sign(account.reveal_identity_secret(), name)}
