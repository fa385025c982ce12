import logging
from typing import Self

from django.apps import apps
from django.db import connection, models, transaction
from django.utils.crypto import get_random_string
from django.utils.text import slugify

from workspaces.models.user import User
from workspaces.tenancy import TenantModel, new_id

RESERVED_SLUGS = frozenset({"new", "demo"})

logger = logging.getLogger(__name__)


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(memberships__user=user)

    def found(self, *, name: str, owner: User) -> "Workspace":
        """A new workspace with its first owner; its slug comes from the name and is free."""
        from workspaces.models.audit import AuditEntry  # these modules need this one
        from workspaces.models.membership import Membership, Role

        workspace = self.create(name=name, slug=self._free_slug(name))
        Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
        AuditEntry.objects.record(workspace=workspace, actor=owner, action="workspace.create", target=workspace)
        return workspace

    def _free_slug(self, name: str) -> str:
        slug = slugify(name)[:40].strip("-") or "workspace"
        if slug in RESERVED_SLUGS or self.filter(slug=slug).exists():
            return f"{slug}-{get_random_string(6, 'abcdefghijkmnpqrstuvwxyz23456789')}"
        return slug


class Workspace(models.Model):
    """A team and everything it owns: the tenant."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="workspaces.Membership", related_name="workspaces")

    objects = WorkspaceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def rename(self, *, to: str, by: User, ip: str | None = None) -> None:
        """Another name; the slug stays, so that no address changes."""
        from workspaces.models.audit import AuditEntry  # audit.py needs this module

        if to == self.name:
            return
        before, self.name = self.name, to
        self.save(update_fields=["name"])
        AuditEntry.objects.record(
            workspace=self, actor=by, action="workspace.rename", target=self, detail={"from": before, "to": to}, ip=ip
        )

    @transaction.atomic
    def erase(self, *, by: User) -> None:
        """Deletes the workspace and all that is the tenant's, its audit log included; the server's log remembers.

        One statement a table, whatever their number of rows. The order does not matter, as every foreign key is
        checked at the end of the transaction.
        """
        self.memberships.all().delete()  # row by row, so that listeners hear that these people's access has ended
        with connection.cursor() as cursor:
            for model in apps.get_models():
                if issubclass(model, TenantModel):
                    table = connection.ops.quote_name(model._meta.db_table)
                    cursor.execute(f"DELETE FROM {table} WHERE workspace_id = %s", [self.pk])
            cursor.execute("DELETE FROM workspaces_workspace WHERE id = %s", [self.pk])
        logger.warning("Workspace %s (%s) was deleted by user %s.", self.slug, self.pk, by.pk)
