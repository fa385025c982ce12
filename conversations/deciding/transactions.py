"""What every verb of the desk is made of: the conversation's lock, the audit entry, the news for open pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import models, transaction

from conversations.models import Conversation
from conversations.store import announcing
from workspaces.models import AuditEntry, User


@contextmanager
def locked(conversation: Conversation) -> Iterator[Conversation]:
    """A transaction that holds the conversation's row lock, as the workers do: decisions never overlap with them."""
    with transaction.atomic():
        of_workspace = Conversation.objects.filter(workspace_id=conversation.workspace_id)
        yield of_workspace.select_for_update(no_key=True).get(pk=conversation.pk)


def record(
    conversation: Conversation, *, agent: User, action: str, target: models.Model, ip: str | None, **detail: Any
) -> None:
    """Writes the audit entry of a verb, in its transaction; open pages hear of it once that is committed."""
    AuditEntry.objects.record(
        workspace=conversation.workspace, actor=agent, action=action, target=target, detail=detail, ip=ip
    )
    news = partial(announcing.announce, workspace_id=conversation.workspace_id, conversation_id=conversation.pk)
    transaction.on_commit(news)
