"""What the pages of integrations note down; call it inside the transaction of the change itself."""

from typing import Any

from django.db import models

from workspaces.access import MemberRequest
from workspaces.models import AuditEntry


def record(request: MemberRequest, action: str, target: models.Model, **detail: Any) -> None:
    """Notes that the request's member did this. ``detail`` never holds a secret."""
    AuditEntry.objects.record(
        workspace=request.member.workspace,
        actor=request.user,
        action=action,
        target=target,
        detail=detail,
        ip=request.META.get("REMOTE_ADDR"),
    )
