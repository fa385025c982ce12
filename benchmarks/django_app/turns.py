"""One turn in the database: its start, and its end. Django wants transactions in synchronous functions."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from benchmarks.rules import CONTEXT_MESSAGES, ApiError

from .models import Account, Conversation, Message, Reply


@dataclass
class Turn:
    """A committed customer message and what is known of its reply."""

    conversation: Conversation
    customer_message: Message
    reply: Reply
    context: list[dict[str, str]]

    @property
    def ids(self) -> dict[str, str]:
        return {
            "conversationId": self.conversation.external_id,
            "userMessageId": str(self.customer_message.pk),
            "replyId": str(self.reply.pk),
        }


@transaction.atomic
def accept(*, account: Account, external_id: str, text: str, key: str | None) -> Turn:
    """Stores a customer's message and opens its reply; a key used before finds the turn of then."""
    conversation, _ = Conversation.objects.get_or_create(account=account, external_id=external_id)
    if key is None:
        message, created = conversation.message_set.create(actor="customer", body=text), True
    else:
        message, created = conversation.message_set.get_or_create(
            client_message_id=key, defaults={"actor": "customer", "body": text}
        )
    if message.body != text:
        raise ApiError(422, "key_reused", "This clientMessageId belongs to another text.")
    if not created:
        return Turn(conversation, message, _finished_reply(message), [])
    reply = Reply.objects.create(customer_message=message)
    return Turn(conversation, message, reply, _context(conversation))


@transaction.atomic
def finish(turn: Turn, text: str) -> Message:
    """Stores the assistant's message and closes the reply."""
    message = turn.conversation.message_set.create(actor="assistant", body=text, data={"author": "responder"})
    Reply.objects.filter(pk=turn.reply.pk).update(status="sent", message=message, finished_at=timezone.now())
    return message


def _finished_reply(message: Message) -> Reply:
    reply = Reply.objects.select_related("message").get(customer_message=message)
    if reply.message is None:
        raise ApiError(409, "reply_unfinished", "The reply to this message is not finished.")
    return reply


def _context(conversation: Conversation) -> list[dict[str, str]]:
    newest = conversation.message_set.order_by("-id").values_list("actor", "body")[:CONTEXT_MESSAGES]
    return [
        {"role": "user" if actor == "customer" else "assistant", "content": body} for actor, body in reversed(newest)
    ]
