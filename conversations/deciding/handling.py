"""How agents share the work on conversations: assigning, closing, leaving notes, marking as read."""

from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Greatest

from conversations.deciding.transactions import locked, record
from conversations.models import Conversation, Note, Reading
from workspaces import typed
from workspaces.models import Membership, User
from workspaces.refusals import Refused
from workspaces.tenancy import new_id
from workspaces.verbs import Actor, nothing_changed, verb

MAX_NOTE = 20_000


@verb
def assign(*, conversation: Conversation, to: Membership | None, by: Actor) -> None:
    """Gives the conversation to a member of its workspace, or to nobody."""
    current = locked(conversation)
    assignee = to.user if to else None
    if to and to.workspace_id != current.workspace_id:
        raise Refused("This person is not a member of the workspace.")
    if current.assignee_id == (assignee.pk if assignee else None):
        nothing_changed()
        return
    current.assignee = assignee
    current.save(update_fields=["assignee"])
    name = assignee.display_name if assignee else ""
    record("conversation.assign", current, by=by, assignee=name)


@verb
def close(*, conversation: Conversation, by: Actor) -> None:
    """Puts the conversation away; the customer's next message opens it again."""
    _become(conversation, Conversation.Status.CLOSED, "conversation.close", by=by)


@verb
def reopen(*, conversation: Conversation, by: Actor) -> None:
    _become(conversation, Conversation.Status.OPEN, "conversation.reopen", by=by)


def close_all(*, conversations: QuerySet[Conversation], by: Actor) -> int:
    """Closes those of the conversations that are open, each in a transaction of its own; how many there were."""
    still_open = list(conversations.filter(status=Conversation.Status.OPEN))
    for conversation in still_open:
        close(conversation=conversation, by=by)
    return len(still_open)


@verb
def leave_note(*, conversation: Conversation, by: Actor, body: str, key: UUID | None = None) -> Note:
    """What only members of the workspace ever see. The same ``key`` again changes nothing."""
    body = typed.clean(body)
    if not body:
        raise Refused("The note is empty. Write something first.")
    if len(body) > MAX_NOTE:
        raise Refused(f"The note has {len(body)} characters; at most {MAX_NOTE} are allowed.")
    current = locked(conversation)
    if key and (left := current.notes.filter(pk=key).first()):
        nothing_changed()
        return left
    if key and Note.objects.filter(pk=key).exists():
        raise Refused("This form was used for another note. Reload the page.")
    note = Note.objects.create(
        pk=key or new_id(), conversation=current, workspace_id=current.workspace_id, author=by.user, body=body
    )
    record("note.leave", note, by=by)
    return note


def mark_read(*, conversation: Conversation, reader: User) -> None:
    """They have seen what was published when ``conversation`` was read; a page from before changes nothing.

    No verb: looking leaves no entry in the audit log.
    """
    read = Reading.objects.filter(conversation=conversation, user=reader)
    if read.filter(sequence=conversation.last_sequence).exists():
        return
    Reading.objects.update_or_create(
        conversation=conversation,
        user=reader,
        defaults={"sequence": Greatest("sequence", conversation.last_sequence)},
        create_defaults={"sequence": conversation.last_sequence, "workspace_id": conversation.workspace_id},
    )


def _become(conversation: Conversation, status: Conversation.Status, action: str, *, by: Actor) -> None:
    current = locked(conversation)
    if current.status == status:
        nothing_changed()
        return
    current.status = status
    current.save(update_fields=["status"])
    record(action, current, by=by)
