import secrets as random
from datetime import datetime, timedelta
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from integrations import origins, tokens
from integrations.models.refused_origin import RefusedOrigin
from integrations.models.responder import Responder
from integrations.models.token import IntegrationToken
from workspaces import secrets
from workspaces.models import Workspace
from workspaces.tenancy import TenantModel, parent_of_tenant_rows

UNSIGNED_IDS_MATTER = timedelta(days=7)


def new_identity_secret() -> bytes:
    """Encrypted, as it is kept."""
    return secrets.encrypt(random.token_hex(32))


class IntegrationAccountQuerySet(models.QuerySet["IntegrationAccount"]):
    def with_signs_of_life(self) -> Self:
        """Each account with ``last_request_at`` and ``refused_origin_count``, its responder at hand."""
        last_request = IntegrationToken.objects.filter(account=models.OuterRef("pk")).order_by().values("account")
        refused = RefusedOrigin.objects.filter(account=models.OuterRef("pk")).order_by().values("account")
        return self.select_related("responder").annotate(
            last_request_at=models.Subquery(last_request.annotate(last=models.Max("last_used_at")).values("last")),
            refused_origin_count=Coalesce(
                models.Subquery(refused.annotate(number=models.Count("pk")).values("number")), 0
            ),
        )

    def in_reading_order(self) -> Self:
        """Active ones first, then by name."""
        return self.order_by("status", "name", "pk")

    @transaction.atomic
    def open(self, *, workspace: Workspace, kind: str, name: str, **settings: Any) -> tuple["IntegrationAccount", str]:
        """A new account with its first token; returns both, the token in clear text.

        For who sets up an installation: what a person makes, ``accounts.create`` makes, with a trace.
        """
        secret = new_identity_secret()
        account = self.create(workspace=workspace, kind=kind, name=name, identity_secret=secret, **settings)
        return account, account.issue_token()


class IntegrationAccount(TenantModel):
    """One way in for customers: its tokens, who may call from where, who replies and how."""

    class Kind(models.TextChoices):
        API = "api", "API"
        WIDGET = "widget", "Website Widget"

        @property
        def meaning(self) -> str:
            if self is self.API:
                return "Your own frontend or backend sends the messages and shows the replies."
            return "For a chat that you build into your website: takes ids that Lumika issued or your backend signed."

    class ResponseMode(models.TextChoices):
        AUTO = "auto", "Auto replies"
        MANUAL = "manual", "Manual approval (approved customers only)"

        @property
        def meaning(self) -> str:
            if self is self.AUTO:
                return "The responder's replies go out to every customer as they are written."
            return (
                "Replies go out by themselves only to customers whom somebody in the workspace has approved. "
                "For everybody else they wait as drafts until a person approves them."
            )

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
    unsigned_ids_at = models.DateTimeField(
        null=True, blank=True, help_text="When a page last named a conversation without a signature."
    )
    unsigned_ids_origin = models.CharField(max_length=300, blank=True, default="", db_default="")
    updated_at = models.DateTimeField(auto_now=True)

    last_request_at: datetime | None
    refused_origin_count: int

    objects = IntegrationAccountQuerySet.as_manager()

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

    @property
    def gets_unsigned_ids(self) -> bool:
        """Whether pages named conversations without a signature lately, and still may."""
        if self.require_signature or self.unsigned_ids_at is None:
            return False
        return timezone.now() - self.unsigned_ids_at < UNSIGNED_IDS_MATTER

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

    def reveal_identity_secret(self) -> str:
        return secrets.decrypt(bytes(self.identity_secret))

    def admits(self, origin: str) -> bool:
        """Whether pages of this origin may call."""
        parsed = origins.parse_origin(origin)
        return not self.allowed_domains or (parsed is not None and origins.matches(parsed, self.allowed_domains))
