"""Accounts, tokens, conversations, messages, replies."""

from typing import ClassVar

from django.db import models


class Account(models.Model):
    """Whose conversations these are, and from which web pages they may be held."""

    name = models.CharField(max_length=100, unique=True)
    allowed_domains = models.JSONField(default=list)
    model = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Token(models.Model):
    """What a caller shows; only its digest is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token {self.pk}"


class Conversation(models.Model):
    """One customer's thread, under the key that the caller chose."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    external_id = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "external_id"], name="one_thread_per_external_id")
        ]

    def __str__(self) -> str:
        return self.external_id


class Message(models.Model):
    """What a customer or the assistant said."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False)
    actor = models.CharField(max_length=10)
    body = models.TextField()
    data = models.JSONField(null=True)
    client_message_id = models.CharField(max_length=64, null=True)  # noqa: DJ001 - unique when present
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "client_message_id"], name="one_message_per_key")
        ]
        indexes: ClassVar = [models.Index(fields=["conversation", "id"], name="message_feed")]

    def __str__(self) -> str:
        return f"{self.actor} {self.pk}"

    def as_json(self) -> dict[str, object]:
        """The shape of PROTOCOL section 5."""
        return {
            "id": str(self.pk),
            "actor": self.actor,
            "type": "message",
            "body": self.body,
            "data": self.data,
            "createdAt": self.created_at.isoformat(),
        }


class Reply(models.Model):
    """The answer to one customer message, from its start to the message that it became."""

    customer_message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="reply")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, null=True, related_name="reply_sent")
    status = models.CharField(max_length=10, default="generating")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"reply {self.pk} ({self.status})"
