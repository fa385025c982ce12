from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from conversations.models.conversation import Conversation
from integrations.models import IntegrationAccount
from workspaces.models import User, Workspace
from workspaces.tenancy import TenantModel


class Message(TenantModel):
    """What a customer may see, published once and never changed.

    ``sequence`` and ``created_at`` come from the database at publication, under the conversation's row lock
    (trigger ``message_publish``): commit order is sequence order, without gaps.
    """

    class Actor(models.TextChoices):
        CUSTOMER = "customer", "Customer"
        ASSISTANT = "assistant", "Assistant"

    class Author(models.TextChoices):
        """Who wrote an assistant's message; stands in ``data["author"]``."""

        RESPONDER = "responder", "Responder"
        AGENT = "agent", "Agent"
        RESPONDER_APPROVED = "responder_approved", "Responder, approved"

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    account = models.ForeignKey(
        IntegrationAccount, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages", db_constraint=False, db_index=False
    )
    sequence = models.BigIntegerField(db_default=0)
    actor = models.CharField(max_length=10, choices=Actor.choices)
    type = models.CharField(max_length=20, default="message", db_default="message")
    body = models.TextField()
    data = models.JSONField(null=True)
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    client_message_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - unique when present

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "sequence"], name="message_sequence_once"),
            models.UniqueConstraint(fields=["id", "conversation"], name="message_id_in_conversation"),
            models.UniqueConstraint(
                fields=["account", "client_message_id"],
                condition=models.Q(client_message_id__isnull=False),
                name="message_key_once_per_account",
            ),
            models.CheckConstraint(condition=models.Q(actor__in=["customer", "assistant"]), name="message_actor_known"),
            models.CheckConstraint(condition=~models.Q(body=""), name="message_body_not_empty"),
        ]
        indexes = [
            models.Index(fields=["author"], condition=models.Q(author__isnull=False), name="message_by_agent"),
            GinIndex(
                models.Func("workspace", "body", function="message_words_1", output_field=SearchVectorField()),
                name="message_by_word",
            ),
        ]
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.actor} #{self.sequence}"
