"""The queue of drafts: what waits for a decision, oldest first."""

from uuid import UUID

from django.db.models import QuerySet

from conversations.models import Reply
from workspaces.models import User, Workspace

SHOWN = 50


def waiting(workspace: Workspace) -> QuerySet[Reply]:
    """Drafts that nobody has decided on, oldest first."""
    drafts = Reply.objects.filter(workspace=workspace).awaiting_approval().order_by("created_at", "id")
    return drafts.select_related("customer_message", "conversation__account")


def after(workspace: Workspace, reply: Reply) -> Reply | None:
    """The next draft to decide on: the oldest one younger than this, else the oldest of all."""
    others = waiting(workspace).exclude(pk=reply.pk)
    return others.filter(created_at__gte=reply.created_at).first() or others.first()


def in_hold(workspace: Workspace, agent: User) -> QuerySet[Reply]:
    """What this agent decided and can still undo."""
    held = Reply.objects.filter(workspace=workspace, decided_by=agent).in_hold()
    return held.select_related("conversation").order_by("release_at")


def position(drafts: list[Reply], reply_id: UUID) -> int:
    return next((index for index, draft in enumerate(drafts) if draft.pk == reply_id), 0)
