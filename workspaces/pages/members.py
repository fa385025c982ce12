"""Who belongs to the workspace, with which role."""

import uuid
from typing import cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from workspaces import membership
from workspaces.access import MemberRequest, for_admins, for_members
from workspaces.models import Invitation, Membership, Role
from workspaces.refusals import Refused


class InvitationForm(forms.Form):
    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(initial=Role.AGENT)

    def __init__(self, *args: object, by: Membership, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(role.value, role.label) for role in by.grantable_roles]
        cast("forms.ChoiceField", self.fields["role"]).choices = choices


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="What this person may do", widget=forms.RadioSelect)

    def __init__(self, *args: object, by: Membership, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(role.value, f"{role.label}: {role.meaning}") for role in by.grantable_roles]
        cast("forms.ChoiceField", self.fields["role"]).choices = choices


@require_GET
@for_members
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    return team_page(request, member, InvitationForm(by=member))


@require_GET
@for_admins
def show(request: MemberRequest, member: Membership, pk: uuid.UUID) -> HttpResponse:
    other = _member(member, pk)
    if not member.may_manage(other):
        raise PermissionDenied
    form = RoleForm(initial={"role": other.role}, by=member)
    return render(request, "workspaces/members/edit.html", {"other": other, "form": form})


@require_POST
@for_admins
def change_role(request: MemberRequest, member: Membership, pk: uuid.UUID) -> HttpResponse:
    other = _member(member, pk)
    role = request.POST.get("role")
    if role not in Role.values:
        return HttpResponse("Choose a role: owner, admin or agent.", status=400, content_type="text/plain")
    try:
        membership.change_role(member=other, to=Role(role), by=request.by)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The role of {other.user} is now {other.get_role_display().lower()}.")
    return redirect("workspaces:members", member.workspace.slug)


@require_POST
@for_admins
def remove(request: MemberRequest, member: Membership, pk: uuid.UUID) -> HttpResponse:
    other = _member(member, pk)
    try:
        membership.remove(member=other, by=request.by)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{other.user} can no longer open this workspace.")
    if other.user == request.user:
        return redirect("workspaces:landing")
    return redirect("workspaces:members", member.workspace.slug)


@require_POST
@for_members
def leave(request: MemberRequest, member: Membership) -> HttpResponse:
    try:
        membership.leave(member=member, by=request.by)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("workspaces:settings", member.workspace.slug)
    messages.success(request, f"You have left {member.workspace}.")
    return redirect("workspaces:landing")


def team_page(request: MemberRequest, member: Membership, form: InvitationForm, status: int = 200) -> HttpResponse:
    """The page of members and invitations; pages/invitations.py shows it again when a form was not right."""
    invitations = Invitation.objects.unused().filter(workspace=member.workspace).select_related("invited_by")
    context = {
        "form": form,
        "members": member.workspace.memberships.select_related("user").order_by("created_at"),
        "invitations": invitations.order_by("-created_at") if member.may_administer else None,
        "new_link": request.session.pop("new_invitation", None) if member.may_administer else None,
        "manageable_roles": member.grantable_roles,
        "roles": list(Role),
    }
    return render(request, "workspaces/members/index.html", context, status=status)


def _member(member: Membership, pk: uuid.UUID) -> Membership:
    return get_object_or_404(member.workspace.memberships.select_related("user", "workspace"), pk=pk)
