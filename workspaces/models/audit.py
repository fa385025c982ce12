import uuid
from typing import Any, Self

from django.db import models

from workspaces.models.user import User
from workspaces.models.workspace import Workspace
from workspaces.tenancy import TenantModel


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def record(
        self,
        *,
        workspace: Workspace,
        actor: User | None,
        action: str,
        target: models.Model,
        detail: dict[str, Any] | None = None,
        ip: str | None = None,
    ) -> "AuditEntry":
        """Notes who did what to what; call it inside the transaction of the change itself."""
        return self.create(
            workspace=workspace,
            actor=actor,
            action=action,
            target_kind=target._meta.model_name or "",
            target_id=target.pk,
            target_label=str(target)[:200],
            detail=detail or {},
            ip=ip,
        )

    def about(self, *targets: uuid.UUID) -> Self:
        """What was done to these objects, oldest first."""
        return self.filter(target_id__in=targets).order_by("created_at", "id")


class AuditEntry(TenantModel):
    """What somebody changed in a workspace. Rows are inserted, never changed (a trigger sees to it)."""

    actor = models.ForeignKey(User, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    action = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=40)
    target_id = models.UUIDField()
    target_label = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="audit_newest_first"),
            models.Index(fields=["target_id", "created_at"], name="audit_of_target"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.target_label}"

    @property
    def words(self) -> str:
        """The action as people read it: ``member.change_role`` is "Member: change role"."""
        return readable_action(self.action)


def readable_action(action: str) -> str:
    thing, _, verb = action.partition(".")
    return f"{thing}: {verb}".replace("_", " ").capitalize()
