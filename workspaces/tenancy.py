"""What every tenant-owned table has in common: a UUIDv7 key, its workspace, and parents of the same workspace."""

import uuid

import uuid_utils.compat
from django.db import models
from django.db.migrations.operations import RunSQL


def new_id() -> uuid.UUID:
    """A UUIDv7: unique everywhere, and ordered by the time of its making."""
    return uuid_utils.compat.uuid7()


class TenantModel(models.Model):
    """A row that belongs to one workspace."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


def parent_of_tenant_rows() -> models.UniqueConstraint:
    """What composite foreign keys point to: the model's Meta lists it when it has children of the same workspace."""
    return models.UniqueConstraint(fields=["id", "workspace"], name="%(class)s_id_in_workspace")


def same_workspace(child: str, column: str, parent: str) -> RunSQL:
    """A migration operation: the parent that ``child.column`` names lies in the child's own workspace."""
    name = f"{child}_{column}_same_workspace"
    return RunSQL(
        f"ALTER TABLE {child} ADD CONSTRAINT {name} FOREIGN KEY ({column}, workspace_id) "
        f"REFERENCES {parent} (id, workspace_id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {child} DROP CONSTRAINT {name}",
    )
