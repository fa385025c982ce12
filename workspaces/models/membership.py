from django.db import models

from workspaces.models.user import User
from workspaces.models.workspace import Workspace
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
    """What makes a person part of a workspace, and with which rights."""

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
