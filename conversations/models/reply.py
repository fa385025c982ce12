from typing import Self

from django.db import models

from conversations.models.conversation import Conversation
from conversations.models.message import Message
from workspaces.models import User, Workspace
from workspaces.tenancy import TenantModel


class ReplyStatus(models.TextChoices):
    """queued → generating → sent | awaiting_approval → sent | rejected | superseded; and failed, canceled, by_hand."""

    QUEUED = "queued", "Queued"
    GENERATING = "generating", "Generating"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    BY_HAND = "by_hand", "To be answered by hand"
    SENT = "sent", "Sent"
    REJECTED = "rejected", "Rejected"
    SUPERSEDED = "superseded", "Superseded"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Canceled"


ACTIVE = (ReplyStatus.QUEUED, ReplyStatus.GENERATING)
WAITING_FOR_A_PERSON = (ReplyStatus.AWAITING_APPROVAL, ReplyStatus.BY_HAND)


class ReplyQuerySet(models.QuerySet["Reply"]):
    def awaiting_approval(self) -> Self:
        return self.filter(status=ReplyStatus.AWAITING_APPROVAL)

    def open(self) -> Self:
        return self.filter(status__in=[*ACTIVE, *WAITING_FOR_A_PERSON])


class Reply(TenantModel):
    """The durable state machine that turns one customer message into at most one published message.

    Generating needs a lease (``lease_expires_at``, database clock); every write of a worker is fenced by
    ``attempt``. ``text`` is the responder's own words, also after an agent sent an edited version.
    """

    Status = ReplyStatus

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="replies", db_constraint=False
    )
    customer_message = models.OneToOneField(
        Message, on_delete=models.CASCADE, related_name="reply", db_constraint=False
    )
    status = models.CharField(max_length=20, choices=ReplyStatus.choices)
    attempt = models.PositiveIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    held = models.BooleanField(default=False, help_text="A person has to approve the text before it is sent.")
    text = models.TextField(default="", blank=True)
    data = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    error_retryable = models.BooleanField(default=False)
    delivered_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    edited = models.BooleanField(default=False)
    reason = models.TextField(blank=True, default="", help_text="Why it was rejected.")
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False, db_index=False
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=ReplyStatus.values), name="reply_status_known"),
            models.CheckConstraint(
                condition=~models.Q(status="sent") | models.Q(message__isnull=False), name="reply_sent_has_message"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="generating") | models.Q(lease_expires_at__isnull=False),
                name="reply_generating_has_lease",
            ),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(status="generating"),
                name="reply_one_generating_per_conversation",
            ),
        ]
        indexes = [
            models.Index(fields=["lease_expires_at"], condition=models.Q(status="generating"), name="reply_leases"),
            models.Index(fields=["created_at"], condition=models.Q(status="queued"), name="reply_queue"),
            models.Index(fields=["workspace", "created_at"], name="reply_newest"),
            models.Index(
                fields=["workspace", "created_at"],
                condition=models.Q(status="awaiting_approval"),
                name="reply_approval_queue",
            ),
        ]
        verbose_name_plural = "replies"

    def __str__(self) -> str:
        return f"reply {self.pk} ({self.status})"

    @property
    def is_open(self) -> bool:
        return self.status in (*ACTIVE, *WAITING_FOR_A_PERSON)

    @property
    def awaits_approval(self) -> bool:
        return self.status == ReplyStatus.AWAITING_APPROVAL
