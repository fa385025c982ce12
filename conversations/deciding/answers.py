"""An agent's own words to a customer."""

from django.utils import timezone

from conversations.deciding.sendable import sendable
from conversations.deciding.transactions import locked, record
from conversations.models import Conversation, Message
from conversations.models.reply_status import OPEN, ReplyStatus
from workspaces.models import User
from workspaces.refusals import Refused
from workspaces.verbs import Actor, nothing_changed, verb


@verb
def reply_by_hand(*, conversation: Conversation, by: Actor, body: str, key: str | None = None) -> Message:
    """Publishes the agent's own words; they answer all that was open, drafts and running replies included.

    ``key`` names the sending form: the same one again changes nothing, and returns the message that it made.
    """
    body = sendable(body)
    current = locked(conversation)
    if key and (sent := Message.objects.filter(account=current.account, client_message_id=_stored(key)).first()):
        if sent.author_id != by.user.pk or sent.conversation_id != current.pk:
            raise Refused("This form was used for another message. Reload the page.")
        nothing_changed()
        return sent
    message = _publish(current, author=by.user, body=body, key=key)
    now = timezone.now()
    answered = current.replies.filter(status__in=OPEN)
    decided = {"message": message, "decided_by": by.user, "decided_at": now, "finished_at": now}
    answered.filter(status=ReplyStatus.BY_HAND).update(status=ReplyStatus.SENT, **decided)
    answered.update(status=ReplyStatus.SUPERSEDED, lease_expires_at=None, **decided)
    record("message.send", message, by=by)
    return message


def _publish(conversation: Conversation, *, author: User, body: str, key: str | None) -> Message:
    """Inserts the message; the database numbers it (``conversations/sql/publish_1.sql``)."""
    message = Message.objects.create(
        conversation=conversation,
        workspace_id=conversation.workspace_id,
        account_id=conversation.account_id,
        actor=Message.Actor.ASSISTANT,
        body=body,
        data={"author": Message.Author.AGENT.value},
        author=author,
        client_message_id=_stored(key) if key else None,
    )
    message.refresh_from_db(fields=["sequence", "created_at"])
    return message


def _stored(key: str) -> str:
    """Apart from the keys of customers, which hold no dot."""
    return f"desk.{key}"
