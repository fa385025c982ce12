"""Whether an agent says the same again. Going back in a browser brings back what was typed, but not always the key of
the form, which would tell that it was sent already."""

from uuid import UUID

from conversations.models import Conversation
from workspaces import typed
from workspaces.models import User


def is_sent_again(*, conversation: Conversation, agent: User, body: str, key: UUID) -> bool:
    """The newest message is this agent's, in these words, and came from another form."""
    newest = conversation.messages.order_by("-sequence").first()
    if newest is None or newest.author_id != agent.pk or newest.body != typed.clean(body):
        return False
    return not (newest.client_message_id or "").endswith(str(key))


def is_noted_again(*, conversation: Conversation, agent: User, body: str, key: UUID) -> bool:
    newest = conversation.notes.order_by("-created_at").first()
    return newest is not None and newest.author_id == agent.pk and newest.body == typed.clean(body) and newest.pk != key
