"""The superusers' view of integrations.

Tokens, identity secrets and API keys never appear: their fields are left out of every page. Accounts and tokens are
made in the dashboard, where a secret is shown to the one who may have it.
"""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from integrations import domains
from integrations.models import Article, IntegrationAccount, IntegrationToken, RefusedOrigin, RequestRecord, Responder


class IntegrationAccountForm(forms.ModelForm):
    """Keeps two rules that the dashboard keeps too: canonical domains, and a responder of the same workspace."""

    def clean_allowed_domains(self) -> list[str]:
        try:
            return [domains.canonical_entry(entry) for entry in self.cleaned_data["allowed_domains"]]
        except domains.InvalidDomain as error:
            raise forms.ValidationError(str(error)) from None

    def clean_responder(self) -> Responder | None:
        responder: Responder | None = self.cleaned_data["responder"]
        if responder is not None and responder.workspace_id != self.instance.workspace_id:
            raise forms.ValidationError("This responder belongs to another workspace. Choose one of the account's own.")
        return responder


@admin.register(IntegrationAccount)
class IntegrationAccountAdmin(admin.ModelAdmin):
    form = IntegrationAccountForm
    fields = (
        "workspace",
        "kind",
        "status",
        "name",
        "responder",
        "response_mode",
        "allowed_domains",
        "require_signature",
        "widget_settings",
        "created_at",
    )
    readonly_fields = ("workspace", "kind", "status", "created_at")
    raw_id_fields = ("responder",)
    list_display = ("name", "workspace", "kind", "response_mode", "responder", "status", "created_at")
    list_select_related = ("workspace", "responder")
    list_filter = ("kind", "response_mode", "status")
    search_fields = ("name", "workspace__name", "workspace__slug")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(IntegrationToken)
class IntegrationTokenAdmin(admin.ModelAdmin):
    """A token is known here by its last four characters. To end it, let it expire or delete it."""

    fields = ("workspace", "account", "last4", "expires_at", "last_used_at", "created_at")
    readonly_fields = ("workspace", "account", "last4", "last_used_at", "created_at")
    list_display = ("__str__", "account", "workspace", "expires_at", "last_used_at", "created_at")
    list_select_related = ("account", "workspace")
    search_fields = ("last4", "account__name", "workspace__name", "workspace__slug")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(RefusedOrigin)
class RefusedOriginAdmin(admin.ModelAdmin):
    """Counted by the conversation API; delete a row to start counting anew."""

    fields = ("workspace", "account", "origin", "count", "created_at", "last_at")
    list_display = ("origin", "account", "workspace", "count", "last_at")
    list_select_related = ("account", "workspace")
    search_fields = ("origin", "account__name", "workspace__slug")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FixedWorkspace(admin.ModelAdmin):
    """The workspace is chosen once: a row never moves to another tenant."""

    chosen_once: tuple[str, ...] = ("workspace",)
    raw_id_fields = ("workspace",)
    formfield_overrides = {models.URLField: {"form_class": partial(forms.URLField, assume_scheme="https")}}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        readonly = [str(name) for name in super().get_readonly_fields(request, obj)]
        return readonly if obj is None else [*self.chosen_once, *readonly]


@admin.register(Responder)
class ResponderAdmin(FixedWorkspace):
    """Where the stored key goes is changed in the dashboard only, which asks for the key that belongs there."""

    fields = (
        "workspace",
        "name",
        "kind",
        "instructions",
        "base_url",
        "model",
        "temperature",
        "created_at",
        "updated_at",
    )
    readonly_fields = ("created_at", "updated_at")
    chosen_once = ("workspace", "kind", "base_url")
    list_display = ("name", "workspace", "kind", "model", "base_url", "updated_at")
    list_select_related = ("workspace",)
    list_filter = ("kind",)
    search_fields = ("name", "model", "base_url", "workspace__name", "workspace__slug")
    ordering = ("-id",)


@admin.register(Article)
class ArticleAdmin(FixedWorkspace):
    fields = ("workspace", "title", "language", "url", "body", "created_at", "updated_at")
    readonly_fields = ("created_at", "updated_at")
    list_display = ("title", "workspace", "language", "updated_at")
    list_select_related = ("workspace",)
    list_filter = ("language",)
    search_fields = ("title", "body", "workspace__name", "workspace__slug")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("search")


@admin.register(RequestRecord)
class RequestRecordAdmin(admin.ModelAdmin):
    """Written by the conversation API, kept for 7 days."""

    list_display = ("created_at", "account", "endpoint", "status", "code", "origin", "duration_ms", "request_id")
    list_select_related = ("account",)
    list_filter = ("endpoint", "status")
    search_fields = ("request_id", "origin", "account__name")
    ordering = ("-created_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
