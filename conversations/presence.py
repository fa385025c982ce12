"""Who looks at a conversation right now."""

from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now

from conversations import live
from conversations.models import Conversation, Viewing
from workspaces.models import Membership, User


def look(*, member: Membership, conversation_id: UUID) -> None:
    """The member has the conversation open. One of another workspace is none."""
    if not Conversation.objects.filter(workspace=member.workspace, pk=conversation_id).exists():
        return
    _, is_new = Viewing.objects.update_or_create(
        conversation_id=conversation_id,
        user=member.user,
        defaults={"seen_at": Now()},
        create_defaults={"workspace": member.workspace},
    )
    if is_new:
        live.announce(workspace_id=member.workspace_id, conversation_id=conversation_id)


def leave(*, member: Membership, conversation_id: UUID) -> None:
    left, _ = Viewing.objects.filter(
        workspace=member.workspace, conversation_id=conversation_id, user=member.user
    ).delete()
    if left:
        live.announce(workspace_id=member.workspace_id, conversation_id=conversation_id)


def others(*, conversation: Conversation, user: User) -> QuerySet[Viewing]:
    """Who else looks at it."""
    return Viewing.objects.current().filter(conversation=conversation).exclude(user=user).select_related("user")
