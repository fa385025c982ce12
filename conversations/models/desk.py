from django.db import models

from workspaces.models import User
from workspaces.tenancy import TenantModel


class SavedReply(TenantModel):
    """A text that agents send often. Variables such as ``{{ conversation_id }}`` are filled when it is inserted."""

    name = models.CharField(max_length=60)
    body = models.TextField(max_length=4_000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="saved_reply_name_once")]
        ordering = ["name"]
        verbose_name_plural = "saved replies"

    def __str__(self) -> str:
        return self.name


class DeskPreferences(models.Model):
    """How one person works at the desk, in all of their workspaces."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="desk_preferences")
    single_keys = models.BooleanField("single-key shortcuts", default=True)
    sound = models.BooleanField("a sound for waiting drafts", default=False)
    browser_notifications = models.BooleanField("browser notifications for waiting drafts", default=False)

    class Meta:
        verbose_name_plural = "desk preferences"

    def __str__(self) -> str:
        return f"desk preferences of {self.user}"
