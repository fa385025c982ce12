from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now

from conversations.models.conversation import Conversation
from workspaces.models import User
from workspaces.tenancy import TenantModel

EXPIRES_AFTER = timedelta(seconds=45)


class ViewingQuerySet(models.QuerySet["Viewing"]):
    def current(self) -> Self:
        """Who looks now: a page that is gone without a word is forgotten after 45 s."""
        return self.filter(seen_at__gt=Now() - EXPIRES_AFTER)


class Viewing(TenantModel):
    """An agent has a conversation open; the page's socket says so every 20 s."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="viewings", db_constraint=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_default=Now())

    objects = ViewingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="viewing_once_per_person")]

    def __str__(self) -> str:
        return f"{self.user} looks at {self.conversation_id}"


class Reading(TenantModel):
    """How far an agent has read a conversation: ``sequence`` is that of the last message seen."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="readings", db_constraint=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    sequence = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="reading_once_per_person")]

    def __str__(self) -> str:
        return f"{self.user} read {self.conversation_id} up to {self.sequence}"
