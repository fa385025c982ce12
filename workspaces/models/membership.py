from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from workspaces.models.audit import AuditEntry
from workspaces.models.user import User
from workspaces.models.workspace import Workspace
from workspaces.refusals import LastOwner
from workspaces.tenancy import TenantModel


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    AGENT = "agent", "Agent"

    @property
    def may_administer(self) -> bool:
        return self in {Role.OWNER, Role.ADMIN}

    @property
    def meaning(self) -> str:
        return {
            Role.OWNER: "May do everything: also name other owners, and delete the workspace.",
            Role.ADMIN: "Sets up integrations, responders and knowledge, and invites people. Cannot touch owners.",
            Role.AGENT: "Answers customers: the inbox and the approvals.",
        }[self]


class Membership(TenantModel):
    """What makes a person part of a workspace, and with which rights.

    Every verb asks the database for the roles again, under the workspace's row lock: two people who act at once
    cannot leave it without an owner.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.AGENT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once_per_workspace"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace} as {self.role}"

    @property
    def may_administer(self) -> bool:
        return Role(self.role).may_administer

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER

    @property
    def other_workspaces(self) -> models.QuerySet[Workspace]:
        """Where else the person belongs, for the switcher."""
        return Workspace.objects.visible_to(self.user).exclude(pk=self.workspace_id).order_by("name")

    @property
    def grantable_roles(self) -> list[Role]:
        """The roles that this member may give, take away, and change to."""
        if self.is_owner:
            return list(Role)
        return [Role.ADMIN, Role.AGENT] if self.may_administer else []

    def may_manage(self, other: "Membership") -> bool:
        return other.role in self.grantable_roles

    @transaction.atomic
    def change_role(self, *, to: Role, by: "Membership", ip: str | None = None) -> None:
        self._settle_roles(by)
        before = Role(self.role)
        if before not in by.grantable_roles or to not in by.grantable_roles:
            raise PermissionDenied
        if to == before:
            return
        if before == Role.OWNER:
            self._leave_another_owner()
        self.role = to
        self.save(update_fields=["role"])
        self._record("member.change_role", by, ip, {"from": before.value, "to": to.value})

    @transaction.atomic
    def remove(self, *, by: "Membership", ip: str | None = None) -> None:
        """Ends the person's access at once: every page and every socket asks for the membership."""
        self._settle_roles(by)
        if not by.may_manage(self):
            raise PermissionDenied
        self._end("member.remove", by, ip)

    @transaction.atomic
    def leave(self, *, ip: str | None = None) -> None:
        self._settle_roles(self)
        self._end("member.leave", self, ip)

    def _settle_roles(self, by: "Membership") -> None:
        Workspace.objects.select_for_update().get(pk=self.workspace_id)
        self.refresh_from_db(fields=["role"])
        by.refresh_from_db(fields=["role"])

    def _end(self, action: str, by: "Membership", ip: str | None) -> None:
        if self.is_owner:
            self._leave_another_owner()
        self._record(action, by, ip, {"role": str(self.role)})
        self.delete()

    def _leave_another_owner(self) -> None:
        owners = Membership.objects.filter(workspace_id=self.workspace_id, role=Role.OWNER)
        if not owners.exclude(pk=self.pk).exists():
            raise LastOwner

    def _record(self, action: str, by: "Membership", ip: str | None, detail: dict[str, str]) -> None:
        AuditEntry.objects.record(
            workspace=self.workspace, actor=by.user, action=action, target=self.user, detail=detail, ip=ip
        )
