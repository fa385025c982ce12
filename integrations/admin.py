"""The superusers' view of integrations: to look, not to act. What changes here is changed in the dashboard.

Tokens, identity secrets and API keys never appear: their fields are left out of every page.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from integrations.models import Article, IntegrationAccount, IntegrationToken, RefusedOrigin, RequestRecord, Responder
from workspaces.look_only import LookOnly


@admin.register(IntegrationAccount)
class IntegrationAccountAdmin(LookOnly):
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
    list_display = ("name", "workspace", "kind", "response_mode", "responder", "status", "created_at")
    list_select_related = ("workspace", "responder")
    list_filter = ("kind", "response_mode", "status")
    search_fields = ("name", "workspace__name", "workspace__slug")


@admin.register(IntegrationToken)
class IntegrationTokenAdmin(LookOnly):
    """A token is known here by its last four characters."""

    fields = ("workspace", "account", "last4", "expires_at", "last_used_at", "created_at")
    list_display = ("__str__", "account", "workspace", "expires_at", "last_used_at", "created_at")
    list_select_related = ("account", "workspace")
    search_fields = ("last4", "account__name", "workspace__name", "workspace__slug")


@admin.register(RefusedOrigin)
class RefusedOriginAdmin(LookOnly):
    """Counted by the conversation API."""

    fields = ("workspace", "account", "origin", "count", "created_at", "last_at")
    list_display = ("origin", "account", "workspace", "count", "last_at")
    list_select_related = ("account", "workspace")
    search_fields = ("origin", "account__name", "workspace__slug")


@admin.register(Responder)
class ResponderAdmin(LookOnly):
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
    list_display = ("name", "workspace", "kind", "model", "base_url", "updated_at")
    list_select_related = ("workspace",)
    list_filter = ("kind",)
    search_fields = ("name", "model", "base_url", "workspace__name", "workspace__slug")


@admin.register(Article)
class ArticleAdmin(LookOnly):
    fields = ("workspace", "title", "language", "url", "body", "created_at", "updated_at")
    list_display = ("title", "workspace", "language", "updated_at")
    list_select_related = ("workspace",)
    list_filter = ("language",)
    search_fields = ("title", "body", "workspace__name", "workspace__slug")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("search")


@admin.register(RequestRecord)
class RequestRecordAdmin(LookOnly):
    """Written by the conversation API, kept for 7 days."""

    list_display = ("created_at", "account", "endpoint", "status", "code", "origin", "duration_ms", "request_id")
    list_select_related = ("account",)
    list_filter = ("endpoint", "status")
    search_fields = ("request_id", "origin", "account__name")
    ordering = ("-created_at",)
