"""The states of a reply, and what may follow which. The database refuses the rest (``conversations/sql/states_1.sql``).

Rows, feeds and answers hold a state as a plain string, and so do the sets here: ``status in ACTIVE``.
"""

from django.db.models import TextChoices


class ReplyStatus(TextChoices):
    QUEUED = "queued", "Queued"
    GENERATING = "generating", "Generating"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    BY_HAND = "by_hand", "To be answered by hand"
    SENT = "sent", "Sent"
    REJECTED = "rejected", "Rejected"
    SUPERSEDED = "superseded", "Superseded"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Canceled"


def _all(*statuses: ReplyStatus) -> frozenset[str]:
    return frozenset(status.value for status in statuses)


FOLLOWING: dict[ReplyStatus, frozenset[str]] = {
    ReplyStatus.QUEUED: _all(ReplyStatus.GENERATING, ReplyStatus.BY_HAND, ReplyStatus.SUPERSEDED, ReplyStatus.CANCELED),
    ReplyStatus.GENERATING: _all(
        ReplyStatus.SENT,
        ReplyStatus.AWAITING_APPROVAL,
        ReplyStatus.SUPERSEDED,
        ReplyStatus.FAILED,
        ReplyStatus.CANCELED,
    ),
    ReplyStatus.AWAITING_APPROVAL: _all(
        ReplyStatus.SENT, ReplyStatus.REJECTED, ReplyStatus.SUPERSEDED, ReplyStatus.CANCELED, ReplyStatus.QUEUED
    ),
    ReplyStatus.BY_HAND: _all(ReplyStatus.SENT, ReplyStatus.SUPERSEDED),
    ReplyStatus.FAILED: _all(ReplyStatus.QUEUED),
}
"""A state that is not here is final: what a customer may have been told stays true."""

ACTIVE = _all(ReplyStatus.QUEUED, ReplyStatus.GENERATING)
WAITING_FOR_A_PERSON = _all(ReplyStatus.AWAITING_APPROVAL, ReplyStatus.BY_HAND)
OPEN = ACTIVE | WAITING_FOR_A_PERSON
ENDED = _all(*ReplyStatus) - OPEN
ENDED_IN_SILENCE = _all(ReplyStatus.REJECTED, ReplyStatus.SUPERSEDED)
"""Unless somebody's own words answered the customer: the reply has a message then."""
