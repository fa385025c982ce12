import hashlib
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from workspaces.models.membership import Role
from workspaces.models.user import User
from workspaces.sign_in.addresses import has_confirmed
from workspaces.tenancy import TenantModel

VALID_FOR = timedelta(days=7)


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
        invitation = self.open().select_related("workspace", "invited_by").filter(digest=digest_of(plain)).first()
        if invitation is not None:
            invitation.came_by_mail = by_mail
        return invitation


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
        """Whether the person says that the invited address is theirs; ``inviting.accept`` wants it confirmed."""
        return user.email == self.email or has_confirmed(user, self.email)


def digest_of(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
