"""The roles of members, and how members go.

Every verb asks the database for the roles again, under the workspace's row lock: two people who act at once cannot
leave it without an owner.
"""

from django.core.exceptions import PermissionDenied

from workspaces.models import Membership, Role, Workspace
from workspaces.refusals import LastOwner
from workspaces.verbs import Actor, nothing_changed, record, verb


@verb
def change_role(*, member: Membership, to: Role, by: Actor) -> None:
    grantable = _settle_roles(member, by).grantable_roles
    before = Role(member.role)
    if before not in grantable or to not in grantable:
        raise PermissionDenied
    if to == before:
        nothing_changed()
        return
    if before == Role.OWNER:
        _leave_another_owner(member)
    member.role = to
    member.save(update_fields=["role"])
    roles = {"from": before.value, "to": to.value}
    record("member.change_role", member.user, workspace=member.workspace, by=by, **roles)


@verb
def remove(*, member: Membership, by: Actor) -> None:
    """Ends the person's access at once: every page and every socket asks for the membership."""
    if not _settle_roles(member, by).may_manage(member):
        raise PermissionDenied
    _end(member, "member.remove", by)


@verb
def leave(*, member: Membership, by: Actor) -> None:
    if _settle_roles(member, by) != member:
        raise PermissionDenied
    _end(member, "member.leave", by)


def _settle_roles(member: Membership, by: Actor) -> Membership:
    """The membership of whoever acts. Raises PermissionDenied where there is none."""
    Workspace.objects.select_for_update().get(pk=member.workspace_id)
    member.refresh_from_db(fields=["role"])
    acting = Membership.objects.filter(workspace=member.workspace_id, user=by.user).first()
    if acting is None:
        raise PermissionDenied
    return acting


def _end(member: Membership, action: str, by: Actor) -> None:
    if member.is_owner:
        _leave_another_owner(member)
    record(action, member.user, workspace=member.workspace, by=by, role=str(member.role))
    member.delete()


def _leave_another_owner(member: Membership) -> None:
    owners = Membership.objects.filter(workspace=member.workspace_id, role=Role.OWNER)
    if not owners.exclude(pk=member.pk).exists():
        raise LastOwner
