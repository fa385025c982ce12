"""What became of a draft that somebody has open, in words, and what they can do next."""

from dataclasses import dataclass

from conversations.models import Reply
from conversations.models.reply_status import ReplyStatus


@dataclass(frozen=True)
class DraftState:
    """``attempt`` is the one whose text the page shows."""

    reply: Reply
    attempt: int
    newer: Reply | None = None
    """The draft that answers what the customer wrote since."""

    @property
    def can_be_decided(self) -> bool:
        return self.reply.awaits_approval and self.reply.attempt == self.attempt

    @property
    def can_be_answered(self) -> bool:
        """Nobody has answered the customer yet, and no answer is on its way."""
        return self.reply.is_open and not self.reply.is_in_hold

    @property
    def was_rewritten(self) -> bool:
        """The text that the page shows is not the draft any more."""
        return self.reply.awaits_approval and self.reply.attempt != self.attempt

    @property
    def words(self) -> str:
        return "Another draft was written." if self.was_rewritten else told(self.reply)

    @property
    def mark(self) -> str:
        """Differs when there is something else to say."""
        newer = self.newer.pk.hex if self.newer else ""
        return f"{self.reply.status}.{self.reply.decision}.{self.reply.attempt}.{newer}"


def state_of(reply: Reply, attempt: int | None = None) -> DraftState:
    """One query more where the customer wrote something newer."""
    newer = None
    if reply.status == ReplyStatus.SUPERSEDED:
        later = reply.conversation.replies.awaiting_approval().filter(created_at__gt=reply.created_at)
        newer = later.order_by("-created_at").first()
    return DraftState(reply, reply.attempt if attempt is None else attempt, newer)


def told(reply: Reply) -> str:
    """Why it cannot be decided on; empty while it can."""
    if reply.awaits_approval:
        return ""
    if reply.status == ReplyStatus.BY_HAND:
        return "No responder writes another draft here. Reply by hand."
    if reply.status == ReplyStatus.SUPERSEDED and reply.decision and reply.message_id is None:
        return "Nothing was sent: the customer wrote something newer before it went out."
    return reply.what_happened
