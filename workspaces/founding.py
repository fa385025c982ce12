"""A workspace begins."""

from django.utils.crypto import get_random_string
from django.utils.text import slugify

from workspaces.models import Membership, Role, Workspace
from workspaces.verbs import Actor, record, verb

RESERVED_SLUGS = frozenset({"new", "demo"})


@verb
def found(*, name: str, by: Actor) -> Workspace:
    """A new workspace with its first owner; its slug comes from the name and is free."""
    workspace = Workspace.objects.create(name=name, slug=_free_slug(name))
    Membership.objects.create(workspace=workspace, user=by.user, role=Role.OWNER)
    record("workspace.create", workspace, workspace=workspace, by=by)
    return workspace


def _free_slug(name: str) -> str:
    slug = slugify(name)[:40].strip("-") or "workspace"
    if slug in RESERVED_SLUGS or Workspace.objects.filter(slug=slug).exists():
        return f"{slug}-{get_random_string(6, 'abcdefghijkmnpqrstuvwxyz23456789')}"
    return slug
