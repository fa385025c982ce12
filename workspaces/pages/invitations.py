"""Inviting people, and the page that an invitation's link leads to."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from workspaces import inviting
from workspaces.access import MemberRequest, for_admins
from workspaces.invitation_mail import mail_invitation
from workspaces.models import Invitation, Membership, Role, User
from workspaces.models.invitation import mailed_key
from workspaces.pages.members import InvitationForm, team_page
from workspaces.public_links import public_link
from workspaces.refusals import NotConfirmed, Refused
from workspaces.sign_in.addresses import unconfirmed_main
from workspaces.sign_in.new_password import choose_password
from workspaces.sign_in.starting_over import start_over
from workspaces.verbs import Actor

AGREED = "agreed_to_invitation"
BY_MAIL = "invitation_came_by_mail"


def came_by_mail(request: HttpRequest, email: str) -> bool:
    """Whether this session agreed to an invitation of this address by the link that was mailed to it."""
    invitation_id: str | None = request.session.get(BY_MAIL)
    if invitation_id is None:
        return False
    return Invitation.objects.open().filter(pk=invitation_id, email=email.lower()).exists()


@require_POST
@for_admins
def invite(request: MemberRequest, member: Membership) -> HttpResponse:
    form = InvitationForm(request.POST, by=member)
    if not form.is_valid():
        return team_page(request, member, form, status=422)
    email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
    try:
        invitation, key = inviting.invite(workspace=member.workspace, email=email, role=role, by=request.by)
    except Refused as refusal:
        form.add_error("email", str(refusal))
        return team_page(request, member, form, status=422)
    mailed = mail_invitation(invitation, link=_link(mailed_key(key)))
    request.session["new_invitation"] = {"email": invitation.email, "link": _link(key), "mailed": mailed}
    return redirect("workspaces:members", member.workspace.slug)


@require_POST
@for_admins
def revoke(request: MemberRequest, member: Membership, pk: uuid.UUID) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.filter(workspace=member.workspace), pk=pk)
    try:
        inviting.revoke(invitation=invitation, by=request.by)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The link that {invitation.email} got no longer works.")
    return redirect("workspaces:members", member.workspace.slug)


@require_GET
@never_cache
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Asks whether to join. Who agreed already, and then signed up or in on the way, joins at once."""
    invitation = Invitation.objects.behind(key)
    if invitation is None:
        return render(request, "workspaces/invitations/over.html", status=404)
    user = request.user
    if not isinstance(user, User):
        return render(request, "workspaces/invitations/page.html", {"invitation": invitation, "key": key})
    if not invitation.is_for(user):
        return render(request, "workspaces/invitations/other_address.html", {"invitation": invitation})
    if request.session.pop(AGREED, None) == str(invitation.pk):
        return _join(request, invitation)
    return render(request, "workspaces/invitations/page.html", {"invitation": invitation, "key": key})


@require_POST
@never_cache
def accept(request: HttpRequest, key: str) -> HttpResponse:
    invitation = Invitation.objects.behind(key)
    if invitation is None:
        return render(request, "workspaces/invitations/over.html", status=404)
    user, back = request.user, reverse("workspaces:invitation", args=[key])
    if isinstance(user, User) and not invitation.is_for(user):
        return render(request, "workspaces/invitations/other_address.html", {"invitation": invitation}, status=403)
    address = unconfirmed_main(invitation.email) if invitation.came_by_mail else None
    if address is not None and (owner := start_over(address)):
        response = choose_password(request, owner, then=back)
        request.session[AGREED] = str(invitation.pk)
        return response
    if isinstance(user, User):
        return _join(request, invitation)
    request.session[AGREED] = str(invitation.pk)
    if invitation.came_by_mail:
        request.session[BY_MAIL] = str(invitation.pk)
    entrance = "account_login" if "sign-in" in request.POST else "account_signup"
    return redirect(f"{reverse(entrance)}?{urlencode({'next': back, 'email': invitation.email})}")


def _join(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    try:
        membership = inviting.accept(invitation=invitation, by=Actor.of(request))
    except NotConfirmed:
        return render(request, "workspaces/invitations/not_confirmed.html", {"invitation": invitation}, status=403)
    except Refused:
        return render(request, "workspaces/invitations/over.html", status=404)
    messages.success(request, f"Welcome to {membership.workspace}.")
    return redirect("home", membership.workspace.slug)


def _link(key: str) -> str:
    return public_link(reverse("workspaces:invitation", args=[key]))
