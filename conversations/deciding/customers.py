"""What agents decide about a customer."""

from django.utils import timezone

from conversations.deciding.transactions import locked, record
from conversations.models import Conversation
from conversations.models.reply_status import ACTIVE, ReplyStatus
from workspaces.models import User


def approve_customer(*, conversation: Conversation, agent: User, ip: str | None = None) -> None:
    """Lets replies to this customer go out by themselves from now on; a waiting draft still waits."""
    _become(conversation, Conversation.Customer.APPROVED, agent=agent, action="customer.approve", ip=ip)


def unreview_customer(*, conversation: Conversation, agent: User, ip: str | None = None) -> None:
    """Takes an approval or a block back."""
    _become(conversation, Conversation.Customer.UNREVIEWED, agent=agent, action="customer.unreview", ip=ip)


def block_customer(*, conversation: Conversation, agent: User, ip: str | None = None) -> None:
    """No more drafts for this customer; open ones are dropped, running ones stopped. Messages are still stored."""
    with locked(conversation) as current:
        if current.customer_is_blocked:
            return
        current.customer = Conversation.Customer.BLOCKED
        current.save(update_fields=["customer"])
        now = timezone.now()
        decided = {"decided_by": agent, "decided_at": now, "finished_at": now}
        current.replies.filter(status=ReplyStatus.AWAITING_APPROVAL).update(status=ReplyStatus.REJECTED, **decided)
        running = current.replies.filter(status__in=ACTIVE)
        running.update(status=ReplyStatus.CANCELED, lease_expires_at=None, **decided)
        record(current, agent=agent, action="customer.block", target=current, ip=ip)


def _become(
    conversation: Conversation, customer: Conversation.Customer, *, agent: User, action: str, ip: str | None
) -> None:
    with locked(conversation) as current:
        if current.customer != customer:
            current.customer = customer
            current.save(update_fields=["customer"])
            record(current, agent=agent, action=action, target=current, ip=ip)
