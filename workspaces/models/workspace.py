from typing import Self

from django.db import models
from django.utils.crypto import get_random_string
from django.utils.text import slugify

from workspaces.models.user import User
from workspaces.tenancy import new_id

RESERVED_SLUGS = frozenset({"new", "demo"})


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(memberships__user=user)

    def found(self, *, name: str, owner: User) -> "Workspace":
        """A new workspace with its first owner; its slug comes from the name and is free."""
        from workspaces.models.membership import Membership, Role  # membership.py needs this module

        workspace = self.create(name=name, slug=self._free_slug(name))
        Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
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
