"""All integration accounts of a workspace, and making one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from integrations import accounts, health
from integrations.forms.accounts import CreateForm
from integrations.models import IntegrationAccount
from integrations.pages.fresh_token import show_next
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership


@require_GET
@for_admins
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    known = IntegrationAccount.objects.filter(workspace=member.workspace).with_signs_of_life().in_reading_order()
    rows = [(account, health.signs(account)) for account in known]
    return render(request, "integrations/accounts/index.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@for_admins
def create(request: MemberRequest, member: Membership) -> HttpResponse:
    form = CreateForm(request.POST or None, workspace=member.workspace)
    if request.method == "POST" and form.is_valid():
        account, token = accounts.create(workspace=member.workspace, by=request.by, **form.cleaned_data)
        show_next(request, account, token)
        messages.success(request, f"{account.name} is ready. Its token is the next step.")
        return redirect("integrations:account", member.workspace.slug, account.pk)
    return render(request, "integrations/accounts/create.html", {"form": form})
