from django.db import models

from conversations.models.conversation import Conversation
from workspaces.models import User
from workspaces.tenancy import TenantModel


class Note(TenantModel):
    """What agents tell each other beside a conversation. No customer ever sees it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes", db_constraint=False)
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    body = models.TextField(max_length=20_000)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"note on {self.conversation_id}"
