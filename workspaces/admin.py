"""The superusers' view of people and workspaces: they change people, and look at workspaces.

Rights come from memberships, so Django's groups are not used.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest

from workspaces.look_only import LookOnly
from workspaces.models import AuditEntry, Invitation, Membership, User, Workspace
from workspaces.sign_in.addresses import replace_main

for model in (Group, EmailAddress, Authenticator):
    admin.site.unregister(model)


class LowerCaseEmail(forms.ModelForm):
    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email.lower()


class NewUserForm(LowerCaseEmail, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class UserForm(LowerCaseEmail, UserChangeForm):
    class Meta:
        model = User
        fields = ("email", "password", "name", "is_active", "is_staff", "is_superuser")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserForm
    add_form = NewUserForm
    fieldsets = (
        (None, {"fields": ("email", "password", "name")}),
        ("Rights on the whole installation", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)
    readonly_fields = ("last_login", "date_joined")
    list_display = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Another address is one that nobody has confirmed: the next sign-in asks for a code from its mailbox."""
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data and obj.email != form.initial["email"]:
            replace_main(obj)


@admin.register(EmailAddress)
class EmailAddressAdmin(LookOnly):
    """An address is confirmed from its mailbox, not by a tick."""

    list_display = ("email", "user", "primary", "verified")
    list_select_related = ("user",)
    list_filter = ("primary", "verified")
    search_fields = ("email", "user__email", "user__name")
    ordering = ("email",)


@admin.register(Workspace)
class WorkspaceAdmin(LookOnly):
    fields = ("name", "slug", "created_at")
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug")
    ordering = ("name",)


@admin.register(Membership)
class MembershipAdmin(LookOnly):
    fields = ("workspace", "user", "role", "created_at")
    list_display = ("user", "workspace", "role", "created_at")
    list_select_related = ("user", "workspace")
    list_filter = ("role",)
    search_fields = ("user__email", "user__name", "workspace__name", "workspace__slug")


@admin.register(Invitation)
class InvitationAdmin(LookOnly):
    """Its links went out once, and the digest stays out of sight."""

    fields = ("workspace", "email", "role", "invited_by", "created_at", "expires_at", "accepted_at")
    list_display = ("email", "workspace", "role", "invited_by", "expires_at", "accepted_at")
    list_select_related = ("workspace", "invited_by")
    list_filter = ("role",)
    search_fields = ("email", "workspace__name", "workspace__slug")


@admin.register(AuditEntry)
class AuditEntryAdmin(LookOnly):
    """The database itself refuses to change these rows."""

    fields = ("workspace", "created_at", "actor", "action", "target_kind", "target_id", "target_label", "detail", "ip")
    list_display = ("created_at", "workspace", "actor", "action", "target_kind", "target_label")
    list_select_related = ("workspace", "actor")
    list_filter = ("target_kind",)
    search_fields = ("action", "target_label", "target_id__startswith", "workspace__slug")
