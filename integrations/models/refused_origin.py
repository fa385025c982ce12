from django.db import models

from integrations import origins
from workspaces.tenancy import TenantModel


class RefusedOrigin(TenantModel):
    """An origin that an account turned away, and how often: the dashboard offers to allow it."""

    account = models.ForeignKey(
        "integrations.IntegrationAccount", on_delete=models.CASCADE, related_name="refused_origins"
    )
    origin = models.CharField(max_length=300)
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "origin"], name="refused_origin_once_per_account"),
        ]

    @property
    def entry(self) -> str | None:
        """The shortest entry of allowed domains that lets this origin in, and no other."""
        origin = origins.parse_origin(self.origin)
        return origin.entry if origin else None

    def __str__(self) -> str:
        return f"{self.origin} ({self.count})"
