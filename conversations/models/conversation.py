from django.db import models

from integrations.models import IntegrationAccount
from workspaces.models import User, Workspace
from workspaces.tenancy import TenantModel, parent_of_tenant_rows


class Conversation(TenantModel):
    """The thread with one customer of one integration account."""

    class Customer(models.TextChoices):
        UNREVIEWED = "unreviewed", "Unreviewed"
        APPROVED = "approved", "Approved"
        BLOCKED = "blocked", "Blocked"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    account = models.ForeignKey(
        IntegrationAccount,
        on_delete=models.CASCADE,
        related_name="conversations",
        db_constraint=False,
        db_index=False,
    )
    external_id = models.CharField(max_length=200, help_text="The caller's key: the public conversationId.")
    issued = models.BooleanField(default=False, help_text="The server made the key, so knowing it is the permission.")
    last_sequence = models.BigIntegerField(default=0, db_default=0)
    customer = models.CharField(max_length=10, choices=Customer.choices, default=Customer.UNREVIEWED)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    assignee = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_actor = models.CharField(
        max_length=10, default="", db_default="", blank=True, help_text="Who wrote last: customer or assistant."
    )
    reply_failed = models.BooleanField(
        default=False, db_default=False, help_text="The reply to the newest message failed, and nobody wrote since."
    )

    class Meta:
        constraints = [
            parent_of_tenant_rows(),
            # The operator class lets the same index find keys by their beginning.
            models.UniqueConstraint(
                fields=["account", "external_id"],
                opclasses=["uuid_ops", "varchar_pattern_ops"],
                name="conversation_once_per_account",
            ),
            models.CheckConstraint(
                condition=models.Q(customer__in=["unreviewed", "approved", "blocked"]),
                name="conversation_customer_known",
            ),
            models.CheckConstraint(condition=models.Q(status__in=["open", "closed"]), name="conversation_status_known"),
        ]
        indexes = [
            models.Index(fields=["workspace", "-last_message_at", "-id"], name="conversation_newest_first"),
            models.Index(
                fields=["workspace", "-last_message_at", "-id"],
                condition=models.Q(status="open", last_actor="customer"),
                name="conversation_unanswered",
            ),
            models.Index(
                fields=["assignee", "workspace", "status", "-last_message_at", "-id"],
                condition=models.Q(assignee__isnull=False),
                name="conversation_assigned",
            ),
            models.Index(
                fields=["workspace", "-last_message_at", "-id"],
                condition=models.Q(status="open", reply_failed=True),
                name="conversation_failed",
            ),
            models.Index(
                fields=["workspace", "-last_message_at", "-id"],
                condition=models.Q(status="closed"),
                name="conversation_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def customer_is_approved(self) -> bool:
        return self.customer == self.Customer.APPROVED

    @property
    def is_closed(self) -> bool:
        return self.status == self.Status.CLOSED

    @property
    def customer_is_blocked(self) -> bool:
        return self.customer == self.Customer.BLOCKED
