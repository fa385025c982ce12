from django.db import models

from conversations.models.reply import Reply
from workspaces.models import User
from workspaces.tenancy import TenantModel


class EarlierDraft(TenantModel):
    """A draft that an agent set aside by asking for another one. It stays in the record, and is never sent."""

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="earlier_drafts", db_constraint=False)
    text = models.TextField()
    data = models.JSONField(default=dict, blank=True)
    instruction = models.TextField(default="", blank=True, help_text="What the agent asked for in its place.")
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"earlier draft of {self.reply_id}"
