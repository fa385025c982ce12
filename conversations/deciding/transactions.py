"""What the verbs of the desk do in their transaction: lock the conversation, write the audit entry, tell open pages."""

from functools import partial
from typing import Any

from django.db import transaction

from conversations.models import Conversation, Message, Note, Reply
from conversations.store import announcing
from workspaces import verbs
from workspaces.verbs import Actor


def locked(conversation: Conversation) -> Conversation:
    """The conversation as it is, under the row lock that the workers take too: decisions never overlap with them."""
    of_workspace = Conversation.objects.filter(workspace_id=conversation.workspace_id)
    return of_workspace.select_for_update(no_key=True).get(pk=conversation.pk)


def record(action: str, target: Conversation | Message | Note | Reply, *, by: Actor, **detail: Any) -> None:
    """Writes the audit entry of the verb that runs; open pages hear of it once that is committed."""
    conversation = target if isinstance(target, Conversation) else target.conversation
    verbs.record(action, target, workspace=conversation.workspace, by=by, **detail)
    news = partial(announcing.announce, workspace_id=conversation.workspace_id, conversation_id=conversation.pk)
    transaction.on_commit(news)
