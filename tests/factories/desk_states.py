"""A conversation in each state that the inbox tells apart, made by the product's own verbs where there is one."""

from conversations.deciding import answers, drafts, handling
from conversations.models import Conversation, Message
from tests.factories import ConversationFactory
from tests.factories.drafts import reply_in


def say(conversation, body, actor="customer"):
    """Publishes a message; the database numbers it."""
    return Message.objects.create(
        conversation=conversation,
        workspace_id=conversation.workspace_id,
        account_id=conversation.account_id,
        actor=actor,
        body=body,
    )


def fresh(account):
    conversation = ConversationFactory(account=account)
    reply_in(conversation, "by_hand")
    return conversation


def answered(account, agent):
    conversation = fresh(account)
    answers.reply_by_hand(conversation=conversation, agent=agent, body="On Monday.")
    return conversation


def with_draft(account):
    conversation = ConversationFactory(account=account)
    reply_in(conversation, "awaiting_approval")
    return conversation


def with_draft_in_hold(account, agent):
    conversation = with_draft(account)
    drafts.approve(reply=conversation.replies.get(), agent=agent, hold_seconds=30)
    return conversation


def being_written(account):
    conversation = ConversationFactory(account=account)
    reply_in(conversation, "generating")
    return conversation


def failed(account):
    """As a worker leaves it: first generating, then failed."""
    conversation = being_written(account)
    fail(conversation)
    return conversation


def fail(conversation):
    failing = conversation.replies.filter(status="generating")
    failing.update(status="failed", lease_expires_at=None, error_code="responder_timeout")


def failed_then_written_again(account):
    conversation = failed(account)
    reply_in(conversation, "by_hand")
    return conversation


def failed_then_answered(account, agent):
    conversation = failed(account)
    answers.reply_by_hand(conversation=conversation, agent=agent, body="Sorry. On Monday.")
    return conversation


def failed_then_tried_again(account, agent):
    conversation = failed(account)
    drafts.retry(reply=conversation.replies.get(), agent=agent)
    return conversation


def assigned(account, agent, to):
    conversation = answered(account, agent)
    handling.assign(conversation=conversation, agent=agent, to=to)
    return conversation


def closed(conversation, agent):
    handling.close(conversation=Conversation.objects.get(pk=conversation.pk), agent=agent)
    return conversation
