"""How agents share the work on conversations: assigning, closing, leaving notes, marking as read."""

from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Greatest

from conversations.deciding.refusals import CannotDecide
from conversations.deciding.transactions import locked, record
from conversations.models import Conversation, Note, Reading
from workspaces.models import Membership, User
from workspaces.tenancy import new_id

MAX_NOTE = 20_000


def assign(*, conversation: Conversation, agent: User, to: Membership | None, ip: str | None = None) -> None:
    """Gives the conversation to a member of its workspace, or to nobody."""
    with locked(conversation) as current:
        assignee = to.user if to else None
        if to and to.workspace_id != current.workspace_id:
            raise CannotDecide("This person is not a member of the workspace.")
        if current.assignee_id == (assignee.pk if assignee else None):
            return
        current.assignee = assignee
        current.save(update_fields=["assignee"])
        name = assignee.display_name if assignee else ""
        record(current, agent=agent, action="conversation.assign", target=current, ip=ip, assignee=name)


def close(*, conversation: Conversation, agent: User, ip: str | None = None) -> None:
    """Puts the conversation away; the customer's next message opens it again."""
    _become(conversation, Conversation.Status.CLOSED, agent=agent, action="conversation.close", ip=ip)


def reopen(*, conversation: Conversation, agent: User, ip: str | None = None) -> None:
    _become(conversation, Conversation.Status.OPEN, agent=agent, action="conversation.reopen", ip=ip)


def close_all(*, conversations: QuerySet[Conversation], agent: User, ip: str | None = None) -> int:
    """Closes those of the conversations that are open; how many it were."""
    still_open = list(conversations.filter(status=Conversation.Status.OPEN))
    for conversation in still_open:
        close(conversation=conversation, agent=agent, ip=ip)
    return len(still_open)


def leave_note(
    *, conversation: Conversation, agent: User, body: str, key: UUID | None = None, ip: str | None = None
) -> Note:
    """What only members of the workspace ever see. The same ``key`` again changes nothing."""
    body = body.strip().replace("\r\n", "\n").replace("\x00", "")
    if not body:
        raise CannotDecide("The note is empty. Write something first.")
    if len(body) > MAX_NOTE:
        raise CannotDecide(f"The note has {len(body)} characters; at most {MAX_NOTE} are allowed.")
    with locked(conversation) as current:
        if key and (left := current.notes.filter(pk=key).first()):
            return left
        if key and Note.objects.filter(pk=key).exists():
            raise CannotDecide("This form was used for another note. Reload the page.")
        note = Note.objects.create(
            pk=key or new_id(), conversation=current, workspace_id=current.workspace_id, author=agent, body=body
        )
        record(current, agent=agent, action="note.leave", target=note, ip=ip)
        return note


def mark_read(*, conversation: Conversation, agent: User) -> None:
    """The agent has seen what was published when ``conversation`` was read; a page from before changes nothing."""
    Reading.objects.update_or_create(
        conversation=conversation,
        user=agent,
        defaults={"sequence": Greatest("sequence", conversation.last_sequence)},
        create_defaults={"sequence": conversation.last_sequence, "workspace_id": conversation.workspace_id},
    )


def _become(
    conversation: Conversation, status: Conversation.Status, *, agent: User, action: str, ip: str | None
) -> None:
    with locked(conversation) as current:
        if current.status != status:
            current.status = status
            current.save(update_fields=["status"])
            record(current, agent=agent, action=action, target=current, ip=ip)
