"""An agent's own words in the place of a draft."""

from uuid import UUID

from conversations.deciding import answers
from conversations.deciding.refusals import AlreadyDecided
from conversations.deciding.transactions import locked
from conversations.models import Message, Reply
from workspaces.verbs import Actor, verb


@verb
def answer_instead(*, reply: Reply, by: Actor, body: str, key: UUID | None = None) -> Reply:
    """Sends the agent's words to a customer whom nobody has answered yet.

    Raises AlreadyDecided when somebody was first, so that the customer gets no second answer to one question.
    """
    conversation = locked(reply.conversation)
    current = Reply.objects.select_related("decided_by", "message").get(pk=reply.pk, conversation=conversation)
    current.conversation = conversation
    newest = conversation.messages.filter(actor=Message.Actor.CUSTOMER).order_by("-sequence").first()
    if not current.is_open or current.is_in_hold or (newest and newest.pk != current.customer_message_id):
        raise AlreadyDecided(current)
    answers.reply_by_hand(conversation=conversation, by=by, body=body, key=str(key) if key else None)
    return Reply.objects.select_related("decided_by", "message", "conversation").get(pk=reply.pk)
