"""What can be decided about a customer, and what it means, in words."""

from dataclasses import dataclass

from django.urls import reverse

from conversations.models import Conversation
from integrations.models import IntegrationAccount


@dataclass(frozen=True)
class CustomerVerb:
    label: str
    """Followed by the customer's name."""
    meaning: str
    address: str
    is_danger: bool = False


def customer_verbs(conversation: Conversation, *, slug: str) -> list[CustomerVerb]:
    """Those that change something."""
    where = [slug, conversation.pk]
    approve = CustomerVerb("Approve", _approving(conversation), reverse("desk:approve-customer", args=where))
    block = CustomerVerb("Block", BLOCKING, reverse("desk:block-customer", args=where), is_danger=True)
    take_back = reverse("desk:unreview-customer", args=where)
    if conversation.customer_is_approved:
        return [CustomerVerb("Withdraw approval of", WITHDRAWING, take_back), block]
    if conversation.customer_is_blocked:
        return [CustomerVerb("Unblock", UNBLOCKING, take_back), approve]
    return [approve, block]


BLOCKING = (
    "Nothing is written for them any more: waiting drafts are dropped, a reply that is being written is stopped. "
    "What they send is still stored, and you can still reply by hand."
)
UNBLOCKING = "The responder answers their next message again."
WITHDRAWING = "Where replies need approval, those to this customer need it again."


def _approving(conversation: Conversation) -> str:
    if conversation.account.response_mode == IntegrationAccount.ResponseMode.MANUAL:
        return "From now on replies to them go out by themselves. A draft that waits still waits for a decision."
    return "Replies go out by themselves here in any case. It counts once this account asks for approval."
