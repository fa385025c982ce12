"""The texts that a team sends often: every member writes, changes and deletes them, and inserts them filled in."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from conversations.desk.saved_replies import variables
from conversations.models import Conversation, SavedReply
from workspaces.models import AuditEntry, User, Workspace

OFFERED = 50
LONGEST_NAME = 60
LONGEST_BODY = 4_000


class CannotSave(Exception):
    """In words for the person who tried."""


class NameTaken(CannotSave):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is a saved reply called “{name}” already. Give this one another name.")


class ChangedMeanwhile(CannotSave):
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


def create(*, workspace: Workspace, agent: User, name: str, body: str, ip: str | None = None) -> SavedReply:
    """Asked twice with the same words it saves once. Raises NameTaken."""
    same = SavedReply.objects.filter(workspace=workspace, name=name, body=body).first()
    if same is not None:
        return same
    saved = SavedReply(workspace=workspace, name=name, body=body)
    return _save(saved, agent=agent, action="saved_reply.create", ip=ip)


def change(*, saved: SavedReply, agent: User, name: str, body: str, seen: str, ip: str | None = None) -> SavedReply:
    """``seen`` is the fingerprint of what the agent edited. Raises ChangedMeanwhile, NameTaken, DoesNotExist."""
    with transaction.atomic():
        current = SavedReply.objects.select_for_update().get(pk=saved.pk, workspace_id=saved.workspace_id)
        if (current.name, current.body) == (name, body):
            return current
        if fingerprint(current) != seen:
            raise ChangedMeanwhile
        changed = [field for field, value in (("name", name), ("body", body)) if getattr(current, field) != value]
        current.name, current.body = name, body
        return _save(current, agent=agent, action="saved_reply.change", ip=ip, changed=changed)


def delete(*, saved: SavedReply, agent: User, ip: str | None = None) -> None:
    """Messages that were sent with it keep their text."""
    with transaction.atomic():
        of_workspace = SavedReply.objects.select_for_update().filter(workspace_id=saved.workspace_id)
        current = of_workspace.filter(pk=saved.pk).first()
        if current is not None:
            _record(current, agent=agent, action="saved_reply.delete", ip=ip)
            current.delete()


def fingerprint(saved: SavedReply) -> str:
    """The same as long as nobody saves another text."""
    return sha256(f"{saved.name}\n{saved.body}".encode()).hexdigest()[:32]


def _save(saved: SavedReply, *, agent: User, action: str, ip: str | None, **detail: object) -> SavedReply:
    others = SavedReply.objects.filter(workspace_id=saved.workspace_id, name__iexact=saved.name).exclude(pk=saved.pk)
    if others.exists():
        raise NameTaken(saved.name)
    try:
        with transaction.atomic():
            saved.save()
            _record(saved, agent=agent, action=action, ip=ip, **detail)
    except IntegrityError as error:
        if "saved_reply_name_once" in str(error):
            raise NameTaken(saved.name) from None
        raise
    return saved


def _record(saved: SavedReply, *, agent: User, action: str, ip: str | None, **detail: object) -> None:
    AuditEntry.objects.record(workspace=saved.workspace, actor=agent, action=action, target=saved, detail=detail, ip=ip)
