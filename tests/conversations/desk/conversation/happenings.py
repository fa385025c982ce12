"""What happens in a conversation, and what came of it."""

from uuid import uuid4

from django.test import Client

from conversations.models import Message
from workspaces.models import AuditEntry

HTMX = {"HX-Request": "true"}


def write(conversation, *texts, actor="customer"):
    """Messages, one after the other."""
    parents = {"conversation": conversation, "workspace_id": conversation.workspace_id}
    for text in texts:
        Message.objects.create(account_id=conversation.account_id, actor=actor, body=text, **parents)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def fields(**values):
    """A form that was never sent before."""
    return {"key": str(uuid4()), **values}


def actions():
    return list(AuditEntry.objects.order_by("created_at").values_list("action", flat=True))


def is_fragment(answer):
    return b"<!doctype" not in answer.content.lower()


def kinds(thread):
    return [entry.kind for entry in thread.entries]


def told(thread):
    """Who did what, of everything that is told in words."""
    return [f"{entry.who} {entry.words}".strip() for entry in thread.entries if entry.words]


def bodies(thread):
    return [entry.subject.body for entry in thread.entries if entry.kind in {"message", "note"}]
