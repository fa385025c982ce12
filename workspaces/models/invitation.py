import hashlib
import secrets
from datetime import timedelta
from typing import Self

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from workspaces.models.audit import AuditEntry
from workspaces.models.membership import Membership, Role
from workspaces.models.user import User
from workspaces.models.workspace import Workspace
from workspaces.refusals import AlreadyMember, InvitationOver, NotConfirmed, OtherAddress, TooManyInvitations
from workspaces.sign_in.addresses import has_confirmed
from workspaces.tenancy import TenantModel

VALID_FOR = timedelta(days=7)
INVITATIONS_A_DAY = 50


def mailed_key(key: str) -> str:
    """The key of the link that goes out by mail. Whoever made the invitation sees the plain one, and cannot make this
    one of it: who opens the mailed link has the mailbox."""
    return f"{key}-{salted_hmac('workspaces.invitation.mailed', key, algorithm='sha256').hexdigest()}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unused(self) -> Self:
        return self.filter(accepted_at=None)

    def open(self) -> Self:
        return self.unused().filter(expires_at__gt=timezone.now())

    def behind(self, key: str) -> "Invitation | None":
        """The open invitation that a link with this key leads to; it knows whether the link is the mailed one."""
        shown = key.rpartition("-")[0]
        by_mail = constant_time_compare(key, mailed_key(shown))
        plain = shown if by_mail else key
        invitation = self.open().select_related("workspace", "invited_by").filter(digest=_digest(plain)).first()
        if invitation is not None:
            invitation.came_by_mail = by_mail
        return invitation

    @transaction.atomic
    def invite(self, *, email: str, role: Role, by: Membership, ip: str | None = None) -> "tuple[Invitation, str]":
        """A new invitation and the key of its link, which nobody can learn again; ``mailed_key`` is for the mail.

        It takes the place of the one that the address may have had before, whose link stops working.
        """
        workspace = Workspace.objects.select_for_update().get(pk=by.workspace_id)
        email = email.strip().lower()
        if role not in by.grantable_roles:
            raise PermissionDenied
        if workspace.memberships.filter(user__email=email).exists():
            raise AlreadyMember(email)
        if self._sent_today(workspace) >= INVITATIONS_A_DAY:
            raise TooManyInvitations(INVITATIONS_A_DAY)
        self.unused().filter(workspace=workspace, email=email).delete()
        key = secrets.token_urlsafe(32)
        invitation = self.create(
            workspace=workspace,
            email=email,
            role=role,
            digest=_digest(key),
            invited_by=by.user,
            expires_at=timezone.now() + VALID_FOR,
        )
        invitation.record("invitation.create", actor=by.user, ip=ip)
        return invitation, key

    def _sent_today(self, workspace: Workspace) -> int:
        since = timezone.now() - timedelta(days=1)
        sent = AuditEntry.objects.filter(workspace=workspace, action="invitation.create", created_at__gt=since)
        return sent.count()


class Invitation(TenantModel):
    """A single-use, expiring way into a workspace for one e-mail address; only the digest of its link's key is kept.

    The link is the proof. That the invited address is confirmed as the person's keeps a forwarded link from letting in
    somebody else, and whoever signed up with an address that is not theirs.
    """

    came_by_mail = False

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.AGENT)
    digest = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("email"),
                condition=models.Q(accepted_at=None),
                name="invitation_once_open_per_address",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def is_for(self, user: User) -> bool:
        """Whether the person says that the invited address is theirs; ``accept`` wants it confirmed."""
        return user.email == self.email or has_confirmed(user, self.email)

    @transaction.atomic
    def accept(self, *, user: User, ip: str | None = None) -> Membership:
        if not self.is_for(user):
            raise OtherAddress(self.email)
        if not has_confirmed(user, self.email):
            raise NotConfirmed(self.email)
        if Invitation.objects.open().filter(pk=self.pk).update(accepted_at=timezone.now()) != 1:
            raise InvitationOver
        membership, _ = Membership.objects.get_or_create(
            workspace=self.workspace, user=user, defaults={"role": self.role}
        )
        self.record("invitation.accept", actor=user, ip=ip)
        return membership

    @transaction.atomic
    def revoke(self, *, by: Membership, ip: str | None = None) -> None:
        if self.role not in by.grantable_roles:
            raise PermissionDenied
        if Invitation.objects.unused().filter(pk=self.pk).delete()[0] != 1:
            raise InvitationOver
        self.record("invitation.revoke", actor=by.user, ip=ip)

    def record(self, action: str, *, actor: User, ip: str | None) -> None:
        AuditEntry.objects.record(
            workspace=self.workspace, actor=actor, action=action, target=self, detail={"role": str(self.role)}, ip=ip
        )


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
