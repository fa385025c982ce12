from typing import Self

from django.db import models

from conversations.models.conversation import Conversation
from conversations.models.message import Message
from conversations.models.reply_status import ACTIVE, OPEN, ReplyStatus
from workspaces.models import User, Workspace
from workspaces.tenancy import TenantModel, parent_of_tenant_rows


class Decision(models.TextChoices):
    """What an agent decided about a draft, while the hold in which it can be undone still runs."""

    SEND = "send", "Send"
    SEND_AND_APPROVE_CUSTOMER = "send_and_trust", "Send, and approve the customer"  # the value is of older servers
    REJECT = "reject", "Reject"


class ReplyQuerySet(models.QuerySet["Reply"]):
    def awaiting_approval(self) -> Self:
        """Drafts that nobody has decided on; those in a hold are decided."""
        return self.filter(status=ReplyStatus.AWAITING_APPROVAL, decision="")

    def in_hold(self) -> Self:
        """Decided drafts whose decision can still be undone."""
        return self.filter(status=ReplyStatus.AWAITING_APPROVAL).exclude(decision="")

    def failed(self) -> Self:
        return self.filter(status=ReplyStatus.FAILED)

    def open(self) -> Self:
        return self.filter(status__in=OPEN)


class Reply(TenantModel):
    """The durable state machine that turns one customer message into at most one published message.

    Generating needs a lease (``lease_expires_at``, database clock); every write of a worker is fenced by
    ``attempt``. ``text`` is the responder's own words, also after an agent sent an edited version.
    """

    Status = ReplyStatus
    Decision = Decision

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
    last_attempt = models.PositiveIntegerField(
        default=3, db_default=3, help_text="When this attempt is lost too, the reply fails."
    )
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
    decision = models.CharField(max_length=20, choices=Decision.choices, blank=True, default="", db_default="")
    release_at = models.DateTimeField(
        null=True, blank=True, help_text="Until then the decision can be undone; then any process carries it out."
    )
    outgoing = models.TextField(default="", db_default="", blank=True, help_text="The text that the decision sends.")
    edited = models.BooleanField(default=False)
    instruction = models.TextField(
        default="", db_default="", blank=True, help_text="What an agent asked of the responder."
    )
    for_review = models.BooleanField(
        default=False, db_default=False, help_text="An agent asked for this draft, so an agent decides on it."
    )
    stop_requested = models.BooleanField(default=False, db_default=False)
    reason = models.TextField(blank=True, default="", help_text="Why it was rejected.")
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False, db_index=False
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        constraints = [
            parent_of_tenant_rows(),
            models.CheckConstraint(condition=models.Q(status__in=ReplyStatus.values), name="reply_status_known"),
            models.CheckConstraint(
                condition=~models.Q(status="sent") | models.Q(message__isnull=False), name="reply_sent_has_message"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="generating") | models.Q(lease_expires_at__isnull=False),
                name="reply_generating_has_lease",
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=["", *Decision.values]), name="reply_decision_known"
            ),
            models.CheckConstraint(
                condition=models.Q(decision="") | models.Q(release_at__isnull=False), name="reply_decision_has_release"
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
            models.Index(
                fields=["release_at"],
                condition=models.Q(status="awaiting_approval", release_at__isnull=False),
                name="reply_releases",
            ),
            models.Index(
                fields=["workspace", "created_at"], condition=models.Q(status="failed"), name="reply_failures"
            ),
        ]
        verbose_name_plural = "replies"

    def __str__(self) -> str:
        return f"reply {self.pk} ({self.status})"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def awaits_approval(self) -> bool:
        return self.status == ReplyStatus.AWAITING_APPROVAL and not self.decision

    @property
    def is_in_hold(self) -> bool:
        """Decided, and not yet carried out: the customer has seen nothing."""
        return self.status == ReplyStatus.AWAITING_APPROVAL and bool(self.decision)

    @property
    def is_being_written(self) -> bool:
        return self.status in ACTIVE

    @property
    def has_failed(self) -> bool:
        return self.status == ReplyStatus.FAILED

    @property
    def what_happened(self) -> str:
        """Why an agent who meant to decide on the draft cannot any more."""
        who = self.decided_by.display_name if self.decided_by else "the responder"
        if self.is_in_hold:
            return f"Already {'rejected' if self.decision == Decision.REJECT else 'approved'} by {who}."
        if self.status == ReplyStatus.SUPERSEDED and self.message_id and self.decided_by:
            return f"Already answered by {who}."
        told = {
            ReplyStatus.SENT: f"Already sent by {who}.",
            ReplyStatus.REJECTED: f"Already rejected by {who}.",
            ReplyStatus.QUEUED: "Another draft was asked for. It appears here when it is written.",
            ReplyStatus.GENERATING: "Another draft is being written. It appears here when it is whole.",
            ReplyStatus.CANCELED: "The reply was stopped.",
            ReplyStatus.FAILED: "The draft is gone: the responder failed. Try again, or reply by hand.",
        }
        return told.get(ReplyStatus(self.status), "The draft is gone: the customer wrote something newer.")
