"""Who looks at a conversation right now: said by open pages again and again, and forgotten after 45 s of silence."""

from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet
from django.db.models.functions import Now

from conversations.models import Conversation, Viewing
from workspaces.models import Membership, User


def look(*, member: Membership, conversation_id: UUID) -> bool:
    """The member has the conversation open; whether that is news to the others. One of another workspace is none."""
    place = {"workspace_id": member.workspace_id, "conversation_id": conversation_id, "user_id": member.user_id}
    if Viewing.objects.current().filter(**place).update(seen_at=Now()):
        return False
    if not is_here(member=member, conversation_id=conversation_id):
        return False
    try:
        Viewing.objects.bulk_create(
            [Viewing(**place)],
            update_conflicts=True,
            unique_fields=["conversation", "user"],
            update_fields=["seen_at"],
        )
    except IntegrityError:  # the conversation, or the person, has just gone
        return False
    return True


def leave(*, member: Membership, conversation_id: UUID) -> bool:
    """The member closed it; whether that is news. Another page of theirs that still has it open says so again."""
    left, _ = Viewing.objects.filter(
        workspace_id=member.workspace_id, conversation_id=conversation_id, user_id=member.user_id
    ).delete()
    return bool(left)


def is_here(*, member: Membership, conversation_id: UUID) -> bool:
    return Conversation.objects.filter(workspace_id=member.workspace_id, pk=conversation_id).exists()


def lookers(conversation_id: UUID) -> frozenset[UUID]:
    """The users who look at it."""
    return frozenset(Viewing.objects.current().filter(conversation_id=conversation_id).values_list("user", flat=True))


def others(*, conversation: Conversation, user: User) -> QuerySet[Viewing]:
    """Who else looks at it."""
    looking = Viewing.objects.current().filter(conversation=conversation).exclude(user=user)
    return looking.select_related("user").order_by("created_at")
