"""Who did what in a conversation, in the words of agents."""

from enum import StrEnum

from conversations.models import Message, Reply
from conversations.models.reply_status import ReplyStatus
from workspaces.models import AuditEntry, User

WORDS = {
    "reply.undo": "took the decision back: the draft waits again",
    "reply.send_now": "did not wait for the time to undo",
    "reply.retry": "asked the responder to try again",
    "reply.stop": "stopped the reply",
    "conversation.close": "closed the conversation",
    "conversation.reopen": "opened the conversation again",
    "customer.approve": "approved the customer: replies go out by themselves from now on",
    "customer.block": "blocked the customer: no drafts are written any more",
    "customer.unreview": "took back what was decided about the customer",
}


class Voice(StrEnum):
    """Whose words a message is."""

    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    AGENT = "agent"


def name(person: User | None, viewer: User) -> str:
    if person is None:
        return "A former member"
    return "You" if person.pk == viewer.pk else person.display_name


def words_of(entry: AuditEntry, *, is_told: bool = False) -> str:
    """What somebody did, as the rest of a sentence that begins with their name."""
    detail = entry.detail
    match entry.action:
        case "reply.approve" if is_told:
            return "approved the customer: replies go out by themselves from now on"
        case "reply.approve":
            return "approved the draft, edited" if detail.get("edited") else "approved the draft"
        case "reply.reject":
            return f"rejected the draft: {detail['reason']}" if detail.get("reason") else "rejected the draft"
        case "conversation.assign":
            return _assigned(entry)
    return WORDS.get(entry.action, f"({entry.words})")


def author(message: Message, reply: Reply | None, viewer: User) -> tuple[Voice, str, str]:
    """Whose words a message is, and how it was sent."""
    if message.actor == Message.Actor.CUSTOMER:
        return Voice.CUSTOMER, "", ""
    data = message.data or {}
    if data.get("author") == Message.Author.AGENT:
        return Voice.AGENT, name(message.author, viewer), ""
    if data.get("author") == Message.Author.RESPONDER_APPROVED:
        how = "edited and sent" if reply and reply.edited else "approved"
        return Voice.ASSISTANT, name(message.author, viewer), how
    return Voice.ASSISTANT, "", "stopped before its end" if data.get("stopped") else ""


def fate(reply: Reply, who: str) -> str:
    """What becomes of a reply that is being written, or became of one that was set aside."""
    if reply.is_being_written:
        if reply.stop_requested:
            return "stopping…"
        return "writing…" if reply.status == ReplyStatus.GENERATING else "waiting its turn…"
    if reply.status == ReplyStatus.CANCELED:
        return "The reply was stopped, and not sent."
    if reply.status == ReplyStatus.SUPERSEDED:
        overtaken_by = f"{who} answered" if who and reply.message_id else "the customer wrote again"
        return f"A draft was set aside: {overtaken_by}."
    return ""


def _assigned(entry: AuditEntry) -> str:
    to = entry.detail.get("assignee", "")
    if not to:
        return "unassigned the conversation"
    if entry.actor and to == entry.actor.display_name:
        return "took the conversation"
    return f"assigned the conversation to {to}"
