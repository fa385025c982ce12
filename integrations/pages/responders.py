"""The responders of a workspace: making, changing, testing and deleting them."""

from functools import partial
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integrations import configured_responders, markdown, trial, trial_limits
from integrations.edits import compared_anew
from integrations.forms.responders import FORMS, ResponderForm, TrialForm
from integrations.models import Responder
from integrations.trial_limits import TrialsBusy
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership
from workspaces.own_password import is_own_password
from workspaces.secrets import SecretUnreadable

NEW_SECRET = "responder_with_new_secret"  # noqa: S105  # the session keeps the responder's id, never the secret


@require_GET
@for_admins
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    responders = (
        Responder.objects.filter(workspace=member.workspace).prefetch_related("accounts").order_by("name", "pk")
    )
    return render(request, "integrations/responders/index.html", {"responders": responders})


@require_GET
@for_admins
def choose(request: MemberRequest, member: Membership) -> HttpResponse:
    return render(request, "integrations/responders/kinds.html", {"kinds": list(Responder.Kind)})


@require_http_methods(["GET", "POST"])
@for_admins
def create(request: MemberRequest, member: Membership, kind: str) -> HttpResponse:
    if kind not in FORMS:
        raise Http404
    is_password = partial(is_own_password, request)
    form = FORMS[kind](request.POST or None, workspace=member.workspace, is_password=is_password)
    if request.method == "POST" and form.is_valid():
        responder = configured_responders.create(
            workspace=member.workspace, kind=kind, to=form.cleaned_data, by=request.by
        )
        if responder.is_webhook:
            request.session[NEW_SECRET] = str(responder.pk)
        messages.success(request, f"{responder.name} is ready. Ask it something, then choose it in an integration.")
        return redirect("integrations:responder", member.workspace.slug, responder.pk)
    return render(request, "integrations/responders/create.html", {"form": form, "kind": Responder.Kind(kind)})


@require_http_methods(["GET", "POST"])
@for_admins
@compared_anew
def edit(request: MemberRequest, member: Membership, responder_id: UUID) -> HttpResponse:
    responder = _responder_of(member, responder_id)
    if request.method == "GET":
        return _page(request, responder)
    form = _form(request, responder, request.POST)
    if not form.is_valid():
        return _page(request, _responder_of(member, responder_id), form=form)
    configured_responders.change(responder=responder, to=form.changes, seen=form.seen, by=request.by)
    messages.success(request, "The settings are saved. The next reply uses them.")
    return redirect("integrations:responder", member.workspace.slug, responder.pk)


@require_POST
@for_admins
async def test(request: MemberRequest, member: Membership, responder_id: UUID) -> HttpResponse:
    """Asks through the saved settings. The answer is not kept, so it stands on the page that the POST returns."""
    responder = await sync_to_async(_responder_of)(member, responder_id)
    form = TrialForm(request.POST)
    if not form.is_valid():
        return await _trial_page(request, responder, form)
    try:
        with trial_limits.room(member.workspace_id):
            result = await trial.ask(responder, form.cleaned_data["question"], by=request.by)
    except TrialsBusy as busy:
        return _to_try_again(await _trial_page(request, responder, form, busy=busy))
    return await _trial_page(request, responder, form, trial=result, trial_html=markdown.render(result.text))


@require_POST
@for_admins
@compared_anew
def new_secret(request: MemberRequest, member: Membership, responder_id: UUID) -> HttpResponse:
    responder = _responder_of(member, responder_id)
    try:
        configured_responders.renew_signing_secret(responder=responder, by=request.by)
    except configured_responders.NoWebhook:
        raise Http404 from None
    request.session[NEW_SECRET] = str(responder.pk)
    return redirect("integrations:responder", member.workspace.slug, responder.pk)


@require_http_methods(["GET", "POST"])
@for_admins
def delete(request: MemberRequest, member: Membership, responder_id: UUID) -> HttpResponse:
    responder = _responder_of(member, responder_id)
    if request.method == "GET":
        return render(request, "integrations/responders/delete.html", {"responder": responder})
    configured_responders.delete(responder=responder, by=request.by)
    messages.success(request, f"{responder.name} is deleted.")
    return redirect("integrations:responders", member.workspace.slug)


def _responder_of(member: Membership, responder_id: UUID) -> Responder:
    responder = get_object_or_404(Responder.objects.filter(workspace=member.workspace), pk=responder_id)
    responder.workspace = member.workspace
    return responder


def _form(request: MemberRequest, responder: Responder, data: QueryDict | None = None) -> ResponderForm:
    return FORMS[responder.kind](
        data,
        instance=responder,
        workspace=request.member.workspace,
        is_password=partial(is_own_password, request),
        replaces_key=request.GET.get("replace") == "key",
    )


@sync_to_async
def _trial_page(request: MemberRequest, responder: Responder, form: TrialForm, **context: Any) -> HttpResponse:
    context["trial_form"] = form
    if request.headers.get("HX-Request"):
        return render(request, "integrations/responders/_trial.html", context | {"responder": responder})
    return _page(request, responder, **context)


def _to_try_again(response: HttpResponse) -> HttpResponse:
    response.status_code = 429
    response.headers["Retry-After"] = str(trial_limits.RETRY_SECONDS)
    return response


def _page(request: MemberRequest, responder: Responder, **context: Any) -> HttpResponse:
    context.setdefault("form", _form(request, responder))
    context.setdefault("trial_form", TrialForm())
    secret = _new_secret(request, responder)
    response = render(
        request, "integrations/responders/edit.html", context | {"responder": responder, "signing_secret": secret}
    )
    if secret:
        response.headers["Cache-Control"] = "no-store"
    return response


def _new_secret(request: MemberRequest, responder: Responder) -> str:
    """The signing secret, on the first page after it was made; empty afterwards."""
    if request.session.get(NEW_SECRET) != str(responder.pk):
        return ""
    del request.session[NEW_SECRET]
    try:
        return responder.reveal_api_key()
    except SecretUnreadable:
        return ""
