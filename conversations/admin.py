"""The superusers' view of conversations: to look, not to act. Whatever changes something is a verb of the dashboard."""

from django.contrib import admin

from conversations.models import (
    Conversation,
    DeskPreferences,
    EarlierDraft,
    Message,
    Note,
    Reading,
    Reply,
    SavedReply,
    Viewing,
)
from workspaces.look_only import LookOnly


@admin.register(Conversation)
class ConversationAdmin(LookOnly):
    fields = (
        "workspace",
        "account",
        "external_id",
        "issued",
        "customer",
        "status",
        "assignee",
        "last_sequence",
        "last_message_at",
        "created_at",
    )
    list_display = ("external_id", "account", "workspace", "customer", "status", "assignee", "last_message_at")
    list_select_related = ("account", "workspace", "assignee")
    list_filter = ("customer", "status")
    search_fields = ("external_id", "id__startswith", "account__name", "workspace__slug")


@admin.register(Message)
class MessageAdmin(LookOnly):
    """A published message never changes; the database itself refuses it."""

    fields = (
        "workspace",
        "account",
        "conversation",
        "sequence",
        "actor",
        "type",
        "body",
        "data",
        "author",
        "client_message_id",
        "created_at",
    )
    list_display = ("created_at", "conversation", "sequence", "actor", "author", "beginning")
    list_select_related = ("conversation", "author")
    list_filter = ("actor",)
    search_fields = ("id__startswith", "conversation__external_id", "client_message_id")

    @admin.display(description="body")
    def beginning(self, message: Message) -> str:
        return message.body[:80]


@admin.register(Reply)
class ReplyAdmin(LookOnly):
    fields = (
        "workspace",
        "conversation",
        "customer_message",
        "status",
        "attempt",
        "last_attempt",
        "lease_expires_at",
        "stop_requested",
        "held",
        "text",
        "data",
        "error_code",
        "error_message",
        "error_retryable",
        "message",
        "delivered_at",
        "decided_by",
        "decided_at",
        "decision",
        "release_at",
        "outgoing",
        "edited",
        "instruction",
        "for_review",
        "reason",
        "created_at",
        "finished_at",
    )
    list_display = (
        "created_at",
        "conversation",
        "status",
        "attempt",
        "held",
        "error_code",
        "decided_by",
        "finished_at",
    )
    list_select_related = ("conversation", "decided_by")
    list_filter = ("status", "held")
    search_fields = ("id__startswith", "conversation__external_id", "error_code")


@admin.register(Note)
class NoteAdmin(LookOnly):
    fields = ("workspace", "conversation", "author", "body", "created_at")
    list_display = ("created_at", "conversation", "workspace", "author")
    list_select_related = ("conversation", "workspace", "author")
    search_fields = ("body", "conversation__external_id", "workspace__slug")


@admin.register(EarlierDraft)
class EarlierDraftAdmin(LookOnly):
    fields = ("workspace", "reply", "text", "data", "instruction", "asked_by", "created_at")
    list_display = ("created_at", "reply", "workspace", "asked_by")
    list_select_related = ("reply", "workspace", "asked_by")
    search_fields = ("reply__id__startswith", "workspace__slug")


@admin.register(Viewing)
class ViewingAdmin(LookOnly):
    fields = ("workspace", "conversation", "user", "seen_at")
    list_display = ("seen_at", "conversation", "user")
    list_select_related = ("conversation", "user")
    search_fields = ("conversation__external_id", "workspace__slug")


@admin.register(Reading)
class ReadingAdmin(LookOnly):
    fields = ("workspace", "conversation", "user", "sequence")
    list_display = ("conversation", "user", "sequence")
    list_select_related = ("conversation", "user")
    search_fields = ("conversation__external_id", "workspace__slug")


@admin.register(SavedReply)
class SavedReplyAdmin(LookOnly):
    fields = ("workspace", "name", "body")
    list_display = ("name", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("name", "workspace__slug")


@admin.register(DeskPreferences)
class DeskPreferencesAdmin(admin.ModelAdmin):
    fields = ("user", "single_keys", "sound", "browser_notifications")
    raw_id_fields = ("user",)
    list_display = ("user", "single_keys", "sound", "browser_notifications")
    list_select_related = ("user",)
    search_fields = ("user__email",)
