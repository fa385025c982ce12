"""The texts that a team sends often: every member writes, changes and deletes them, and inserts them filled in."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from conversations.desk.saved_replies import variables
from conversations.models import Conversation, SavedReply
from workspaces.models import User, Workspace
from workspaces.refusals import Refused
from workspaces.verbs import Actor, nothing_changed, record, verb

OFFERED = 50
LONGEST_NAME = 60
LONGEST_BODY = 4_000


class NameTaken(Refused):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is a saved reply called “{name}” already. Give this one another name.")


class ChangedMeanwhile(Refused):
    def __init__(self) -> None:
        super().__init__("Somebody else saved this while you were editing. Compare with their text, then save again.")


@dataclass(frozen=True)
class Offer:
    """A saved reply as an agent inserts it into one conversation."""

    id: UUID
    name: str
    text: str


def of(workspace: Workspace, question: str = "") -> QuerySet[SavedReply]:
    """By name. With a question: those that hold it, names before texts, and names that start with it first."""
    saved = SavedReply.objects.filter(workspace=workspace)
    if not question:
        return saved.order_by(Lower("name"))
    rank = Case(
        When(name__istartswith=question, then=Value(0)), When(name__icontains=question, then=Value(1)), default=Value(2)
    )
    return saved.filter(Q(name__icontains=question) | Q(body__icontains=question)).order_by(rank, Lower("name"))


def offers(conversation: Conversation, *, agent: User, question: str = "") -> list[Offer]:
    """What this agent may insert into this conversation, variables filled. At most ``OFFERED``."""
    values = {
        "conversation_id": conversation.external_id,
        "agent_name": agent.display_name,
        "workspace_name": conversation.workspace.name,
        "account_name": conversation.account.name,
    }
    found = of(conversation.workspace, question)[:OFFERED]
    return [Offer(saved.pk, saved.name, variables.fill(saved.body, values)) for saved in found]


@verb
def create(*, workspace: Workspace, name: str, body: str, by: Actor) -> SavedReply:
    """Asked twice with the same words it saves once. Raises NameTaken."""
    same = SavedReply.objects.filter(workspace=workspace, name=name, body=body).first()
    if same is not None:
        nothing_changed()
        return same
    saved = SavedReply(workspace=workspace, name=name, body=body)
    _save(saved)
    record("saved_reply.create", saved, workspace=workspace, by=by)
    return saved


@verb
def change(*, saved: SavedReply, name: str, body: str, seen: str, by: Actor) -> SavedReply:
    """``seen`` is the fingerprint of what the agent edited. Raises ChangedMeanwhile, NameTaken, DoesNotExist."""
    current = SavedReply.objects.select_for_update().get(pk=saved.pk, workspace_id=saved.workspace_id)
    if (current.name, current.body) == (name, body):
        nothing_changed()
        return current
    if fingerprint(current) != seen:
        raise ChangedMeanwhile
    changed = [field for field, value in (("name", name), ("body", body)) if getattr(current, field) != value]
    current.name, current.body = name, body
    _save(current)
    record("saved_reply.change", current, workspace=current.workspace, by=by, changed=changed)
    return current


@verb
def delete(*, saved: SavedReply, by: Actor) -> None:
    """Messages that were sent with it keep their text."""
    of_workspace = SavedReply.objects.select_for_update().filter(workspace_id=saved.workspace_id)
    current = of_workspace.filter(pk=saved.pk).first()
    if current is None:
        nothing_changed()
        return
    record("saved_reply.delete", current, workspace=current.workspace, by=by)
    current.delete()


def fingerprint(saved: SavedReply) -> str:
    """The same as long as nobody saves another text."""
    return sha256(f"{saved.name}\n{saved.body}".encode()).hexdigest()[:32]


def _save(saved: SavedReply) -> None:
    others = SavedReply.objects.filter(workspace_id=saved.workspace_id, name__iexact=saved.name).exclude(pk=saved.pk)
    if others.exists():
        raise NameTaken(saved.name)
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        if "saved_reply_name_once" in str(error):
            raise NameTaken(saved.name) from None
        raise
