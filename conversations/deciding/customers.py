"""What agents decide about a customer."""

from django.utils import timezone

from conversations.deciding.transactions import locked, record
from conversations.models import Conversation
from conversations.models.reply_status import ACTIVE, ReplyStatus
from workspaces.verbs import Actor, nothing_changed, verb


@verb
def approve_customer(*, conversation: Conversation, by: Actor) -> None:
    """Lets replies to this customer go out by themselves from now on; a waiting draft still waits."""
    _become(conversation, Conversation.Customer.APPROVED, "customer.approve", by=by)


@verb
def unreview_customer(*, conversation: Conversation, by: Actor) -> None:
    """Takes an approval or a block back."""
    _become(conversation, Conversation.Customer.UNREVIEWED, "customer.unreview", by=by)


@verb
def block_customer(*, conversation: Conversation, by: Actor) -> None:
    """No more drafts for this customer; open ones are dropped, running ones stopped. Messages are still stored."""
    current = locked(conversation)
    if current.customer_is_blocked:
        nothing_changed()
        return
    current.customer = Conversation.Customer.BLOCKED
    current.save(update_fields=["customer"])
    now = timezone.now()
    decided = {"decided_by": by.user, "decided_at": now, "finished_at": now}
    current.replies.filter(status=ReplyStatus.AWAITING_APPROVAL).update(status=ReplyStatus.REJECTED, **decided)
    running = current.replies.filter(status__in=ACTIVE)
    running.update(status=ReplyStatus.CANCELED, lease_expires_at=None, **decided)
    record("customer.block", current, by=by)


def _become(conversation: Conversation, customer: Conversation.Customer, action: str, *, by: Actor) -> None:
    current = locked(conversation)
    if current.customer == customer:
        nothing_changed()
        return
    current.customer = customer
    current.save(update_fields=["customer"])
    record(action, current, by=by)
