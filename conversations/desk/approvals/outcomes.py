"""What came of an agent's decision about a draft, in words; and whether it is one that they made before."""

from dataclasses import dataclass

from conversations.models import Reply
from conversations.models.reply import Decision
from conversations.models.reply_status import ReplyStatus
from workspaces import typed
from workspaces.models import User


@dataclass(frozen=True)
class Intent:
    """What an agent means to do with a draft."""

    decision: Decision | None = None
    """None for an answer by hand, and where nothing is decided."""
    body: str | None = None
    """What they would send; None where that is the draft as it is, or nothing."""


def is_repetition(reply: Reply, agent: User, intent: Intent) -> bool:
    """Whether a decided reply was decided so by the same agent: a second press of the button, or a reload."""
    if reply.is_open and not reply.is_in_hold:
        return False
    if reply.decided_by_id != agent.pk or reply.decision != (intent.decision or ""):
        return False
    said = reply.message.body if reply.message else reply.outgoing
    return intent.body is None or typed.clean(intent.body) == said


def outcome(reply: Reply, *, seconds: int) -> str:
    """One sentence for the agent; ``seconds`` is how long a decision is held."""
    name = reply.conversation.external_id
    moment = f"{seconds} second{'' if seconds == 1 else 's'}"
    if reply.is_in_hold and reply.decision == Decision.REJECT:
        return f"The draft for {name} is dropped in {moment}. Until then it can be undone."
    if reply.is_in_hold:
        return f"Sending to {name} in {moment}. Until then it can be undone."
    if reply.status == ReplyStatus.REJECTED:
        return f"The draft for {name} was dropped."
    if reply.is_being_written:
        return "Another draft is being written."
    return f"Sent to {name}."
