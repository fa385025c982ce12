"""Who looks at a conversation right now: said by open pages again and again, and forgotten after 45 s of silence."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet
from django.db.models.functions import Now

from conversations.models import Conversation, Viewing
from workspaces.models import Membership, User


@dataclass(frozen=True)
class Look:
    """``is_news`` says whether the others did not know; ``lookers`` are the users who look at it now."""

    is_news: bool
    lookers: frozenset[UUID]


def look(*, member: Membership, conversation_id: UUID) -> Look | None:
    """The member has the conversation open. None where the workspace has no such conversation."""
    place = {"workspace_id": member.workspace_id, "conversation_id": conversation_id, "user_id": member.user_id}
    is_known = bool(Viewing.objects.current().filter(**place).update(seen_at=Now()))
    if not is_known and not _begin(place):
        return None
    lookers = Viewing.objects.current().filter(conversation_id=conversation_id).values_list("user", flat=True)
    return Look(is_news=not is_known, lookers=frozenset(lookers))


def leave(*, member: Membership, conversation_id: UUID) -> bool:
    """The member closed it; whether that is news. Another page of theirs that still has it open says so again."""
    left, _ = Viewing.objects.filter(
        workspace_id=member.workspace_id, conversation_id=conversation_id, user_id=member.user_id
    ).delete()
    return bool(left)


def others(*, conversation: Conversation, user: User) -> QuerySet[Viewing]:
    """Who else looks at it."""
    looking = Viewing.objects.current().filter(conversation=conversation).exclude(user=user)
    return looking.select_related("user").order_by("created_at")


def _begin(place: dict[str, UUID]) -> bool:
    if not Conversation.objects.filter(workspace_id=place["workspace_id"], pk=place["conversation_id"]).exists():
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
