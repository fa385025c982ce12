from workspaces.models.audit import AuditEntry
from workspaces.models.invitation import Invitation
from workspaces.models.membership import Membership, Role
from workspaces.models.user import User
from workspaces.models.workspace import Workspace

__all__ = ["AuditEntry", "Invitation", "Membership", "Role", "User", "Workspace"]
