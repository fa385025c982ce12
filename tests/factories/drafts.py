"""What the tests of decisions share: replies in every state, and the verbs of agents as one-argument-pair calls."""

from datetime import timedelta

from django.db.models.functions import Now

from conversations.deciding import answers, customers, drafts
from conversations.models import Message, Reply
from workspaces.verbs import Actor

SOURCES = [{"title": "Shipping", "url": "https://help.example/shipping"}]
DRAFT = "a held draft"
IP = "192.0.2.1"


def reply_in(conversation, status, text=DRAFT):
    """The message of one that is sent is just any."""
    parents = {"conversation": conversation, "workspace_id": conversation.workspace_id}
    message = Message.objects.create(account_id=conversation.account_id, actor="customer", body="Hello?", **parents)
    lease = message.created_at + timedelta(minutes=1) if status == "generating" else None
    return Reply.objects.create(
        customer_message=message,
        status=status,
        attempt=1,
        held=True,
        text=text,
        data={"author": "responder", "sources": SOURCES},
        lease_expires_at=lease,
        message=message if status == "sent" else None,
        **parents,
    )


def write_again(reply, **fields):
    """As a worker leaves another draft: first it is generated, then it waits."""
    rows = Reply.objects.filter(pk=reply.pk)
    rows.update(status="generating", lease_expires_at=Now() + timedelta(minutes=1))
    rows.update(status="awaiting_approval", lease_expires_at=None, **fields)


def approve(reply, agent):
    return drafts.approve(reply=reply, by=Actor(agent, IP)).message


def approve_edited(reply, agent):
    return drafts.approve_edited(reply=reply, by=Actor(agent, IP), body=" better\r\nwords ").message


def reject(reply, agent):
    return drafts.reject(reply=reply, by=Actor(agent, IP), reason="wrong price")


def approve_with_customer(reply, agent):
    return drafts.approve_with_customer(reply=reply, by=Actor(agent, IP)).message


def reply_by_hand(reply, agent):
    return answers.reply_by_hand(conversation=reply.conversation, by=Actor(agent, IP), body="by hand")


def approve_customer(reply, agent):
    return customers.approve_customer(conversation=reply.conversation, by=Actor(agent, IP))


def block_customer(reply, agent):
    return customers.block_customer(conversation=reply.conversation, by=Actor(agent, IP))


DECISIONS = [approve, approve_edited, reject, approve_with_customer]
VERBS = [*DECISIONS, reply_by_hand, approve_customer, block_customer]
