"""The queue of drafts: what waits for a decision, oldest first."""

import hashlib
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from conversations.models import Reply
from workspaces import keyset
from workspaces.keyset import Cursor
from workspaces.models import Workspace

SHOWN = 50


def waiting(workspace: Workspace, search: str = "") -> QuerySet[Reply]:
    """Drafts that nobody has decided on, oldest first: all, or those whose customer or question holds the words."""
    drafts = Reply.objects.filter(workspace=workspace).awaiting_approval().order_by("created_at", "id")
    if search:
        of_customer = Q(conversation__external_id__icontains=search)
        drafts = drafts.filter(of_customer | Q(customer_message__body__icontains=search))
    return drafts.select_related("customer_message", "conversation__account__responder")


def after(workspace: Workspace, reply: Reply, search: str = "") -> Reply | None:
    """The next draft to decide on: the oldest one younger than this, else the oldest of all."""
    return younger(workspace, reply, search) or waiting(workspace, search).exclude(pk=reply.pk).first()


def younger(workspace: Workspace, reply: Reply, search: str = "") -> Reply | None:
    """The next one in the queue, whether or not this one still waits in it."""
    return keyset.newer_than(waiting(workspace, search), Cursor.of(reply)).first()


def older(workspace: Workspace, reply: Reply, search: str = "") -> Reply | None:
    return keyset.older_than(waiting(workspace, search), Cursor.of(reply)).reverse().first()


def version(drafts: Iterable[Reply], count: int, search: str = "") -> str:
    """Differs when the queue would look different."""
    marks = ";".join(f"{draft.pk} {draft.attempt}" for draft in drafts)
    return hashlib.sha256(f"{count} {marks} {search}".encode()).hexdigest()[:16]
