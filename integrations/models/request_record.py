from django.db import models

from workspaces.models import Workspace
from workspaces.tenancy import TenantModel


class RequestRecord(TenantModel):
    """One public request to an account, without its token or text. Kept for 7 days, written in batches."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    account = models.ForeignKey(
        "integrations.IntegrationAccount",
        on_delete=models.CASCADE,
        related_name="request_records",
        db_constraint=False,
        db_index=False,
    )
    created_at = models.DateTimeField()
    endpoint = models.CharField(max_length=20, help_text="sse or history")
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=60, blank=True, default="", help_text="The error's code, if any.")
    origin = models.CharField(max_length=300, blank=True, default="")
    duration_ms = models.PositiveIntegerField(help_text="Until the answer began, for a stream.")
    request_id = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-created_at"], name="request_newest_first"),
            models.Index(fields=["created_at"], name="request_age"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.status}"
