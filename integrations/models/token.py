from typing import Self

from django.db import models
from django.utils import timezone

from integrations import tokens
from workspaces import secrets
from workspaces.tenancy import TenantModel


class IntegrationTokenQuerySet(models.QuerySet["IntegrationToken"]):
    def working(self) -> Self:
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()))


class IntegrationToken(TenantModel):
    """A key to one account: looked up by its SHA-256 digest, kept encrypted so that admins can copy it again."""

    account = models.ForeignKey("integrations.IntegrationAccount", on_delete=models.CASCADE, related_name="tokens")
    digest = models.BinaryField(max_length=32, unique=True)
    ciphertext = models.BinaryField()
    last4 = models.CharField(max_length=4)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = IntegrationTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"token …{self.last4}"

    @property
    def masked(self) -> str:
        """How the token begins and ends, for people to tell it from others."""
        return f"{tokens.PREFIXES[self.account.kind]}…{self.last4}"

    @property
    def has_ended(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    def reveal(self) -> str:
        return secrets.decrypt(bytes(self.ciphertext))
