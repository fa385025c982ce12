import secrets as random
from datetime import timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone

from integrations import secrets, tokens
from integrations.models.responder import Responder
from integrations.models.token import IntegrationToken
from workspaces.models import Workspace
from workspaces.tenancy import TenantModel, parent_of_tenant_rows


class IntegrationAccountManager(models.Manager["IntegrationAccount"]):
    @transaction.atomic
    def open(self, *, workspace: Workspace, kind: str, name: str, **settings: Any) -> tuple["IntegrationAccount", str]:
        """A new account with its first token; returns both, the token in clear text."""
        identity_secret = secrets.encrypt(random.token_hex(32))
        account = self.create(workspace=workspace, kind=kind, name=name, identity_secret=identity_secret, **settings)
        return account, account.issue_token()


class IntegrationAccount(TenantModel):
    """One way in for customers: its tokens, who may call from where, who replies and how."""

    class Kind(models.TextChoices):
        API = "api", "API"
        WIDGET = "widget", "Website Widget"

    class ResponseMode(models.TextChoices):
        AUTO = "auto", "Auto replies"
        MANUAL = "manual", "Manual approval (approved customers only)"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        RETIRED = "retired", "Retired"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=100)
    responder = models.ForeignKey(Responder, on_delete=models.SET_NULL, null=True, blank=True, related_name="accounts")
    response_mode = models.CharField(max_length=10, choices=ResponseMode.choices, default=ResponseMode.AUTO)
    allowed_domains = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    identity_secret = models.BinaryField(help_text="Encrypted; signs conversation ids.")
    require_signature = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    widget_settings = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = IntegrationAccountManager()

    class Meta:
        constraints = [
            parent_of_tenant_rows(),
            models.CheckConstraint(condition=models.Q(kind__in=["api", "widget"]), name="account_kind_known"),
            models.CheckConstraint(condition=models.Q(response_mode__in=["auto", "manual"]), name="account_mode_known"),
            models.CheckConstraint(condition=models.Q(status__in=["active", "retired"]), name="account_status_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_retired(self) -> bool:
        return self.status == self.Status.RETIRED

    def issue_token(self) -> str:
        """A further token in clear text; only its digest and its encrypted form are kept."""
        token = tokens.generate(self.kind)
        IntegrationToken.objects.create(
            workspace_id=self.workspace_id,
            account=self,
            digest=tokens.digest(token),
            ciphertext=secrets.encrypt(token),
            last4=token[-4:],
        )
        return token

    @transaction.atomic
    def rotate_token(self, *, overlap: timedelta) -> str:
        """A new token; every older one ends when ``overlap`` is over, or earlier if it was to."""
        ends = timezone.now() + overlap
        older = self.tokens.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=ends))
        older.update(expires_at=ends)
        return self.issue_token()

    def retire(self) -> bool:
        """Refuses all tokens at once, for good; false when it was retired already."""
        return bool(
            IntegrationAccount.objects.filter(pk=self.pk, status=self.Status.ACTIVE).update(status=self.Status.RETIRED)
        )

    def reveal_identity_secret(self) -> str:
        return secrets.decrypt(bytes(self.identity_secret))
