"""People are invited into a workspace, and come in."""

import secrets
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from workspaces.models import AuditEntry, Invitation, Membership, Role, Workspace
from workspaces.models.invitation import VALID_FOR, digest_of
from workspaces.refusals import AlreadyMember, InvitationOver, NotConfirmed, OtherAddress, TooManyInvitations
from workspaces.sign_in.addresses import has_confirmed
from workspaces.verbs import Actor, record, verb

INVITATIONS_A_DAY = 50


@verb
def invite(*, workspace: Workspace, email: str, role: Role, by: Actor) -> tuple[Invitation, str]:
    """A new invitation and the key of its link, which nobody can learn again; ``mailed_key`` is for the mail.

    It takes the place of the one that the address may have had before, whose link stops working.
    """
    workspace = Workspace.objects.select_for_update().get(pk=workspace.pk)
    email = email.strip().lower()
    _check_may_grant(workspace, role, by)
    if workspace.memberships.filter(user__email=email).exists():
        raise AlreadyMember(email)
    if _sent_today(workspace) >= INVITATIONS_A_DAY:
        raise TooManyInvitations(INVITATIONS_A_DAY)
    Invitation.objects.unused().filter(workspace=workspace, email=email).delete()
    key = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        workspace=workspace,
        email=email,
        role=role,
        digest=digest_of(key),
        invited_by=by.user,
        expires_at=timezone.now() + VALID_FOR,
    )
    record("invitation.create", invitation, by=by, role=str(role))
    return invitation, key


@verb
def revoke(*, invitation: Invitation, by: Actor) -> None:
    _check_may_grant(invitation.workspace, Role(invitation.role), by)
    record("invitation.revoke", invitation, by=by, role=str(invitation.role))
    if Invitation.objects.unused().filter(pk=invitation.pk).delete()[0] != 1:
        raise InvitationOver


@verb
def accept(*, invitation: Invitation, by: Actor) -> Membership:
    if not invitation.is_for(by.user):
        raise OtherAddress(invitation.email)
    if not has_confirmed(by.user, invitation.email):
        raise NotConfirmed(invitation.email)
    if Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now()) != 1:
        raise InvitationOver
    membership, _ = Membership.objects.get_or_create(
        workspace=invitation.workspace, user=by.user, defaults={"role": invitation.role}
    )
    record("invitation.accept", invitation, by=by, role=str(invitation.role))
    return membership


def _check_may_grant(workspace: Workspace, role: Role, by: Actor) -> None:
    acting = Membership.objects.filter(workspace=workspace, user=by.user).first()
    if acting is None or role not in acting.grantable_roles:
        raise PermissionDenied


def _sent_today(workspace: Workspace) -> int:
    since = timezone.now() - timedelta(days=1)
    sent = AuditEntry.objects.filter(workspace=workspace, action="invitation.create", created_at__gt=since)
    return sent.count()
