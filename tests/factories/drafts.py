"""What the tests of decisions share: replies in every state, and the verbs of agents as one-argument-pair calls."""

from datetime import timedelta

from conversations.deciding import answers, customers, drafts
from conversations.models import Message, Reply

SOURCES = [{"title": "Shipping", "url": "https://help.example/shipping"}]
DRAFT = "a held draft"
IP = "192.0.2.1"


def reply_in(conversation, status, text=DRAFT):
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
        **parents,
    )


def approve(reply, agent):
    return drafts.approve(reply=reply, agent=agent, ip=IP).message


def approve_edited(reply, agent):
    return drafts.approve_edited(reply=reply, agent=agent, body=" better\r\nwords ", ip=IP).message


def reject(reply, agent):
    return drafts.reject(reply=reply, agent=agent, reason="wrong price", ip=IP)


def approve_with_customer(reply, agent):
    return drafts.approve_with_customer(reply=reply, agent=agent, ip=IP).message


def reply_by_hand(reply, agent):
    return answers.reply_by_hand(conversation=reply.conversation, agent=agent, body="by hand", ip=IP)


def approve_customer(reply, agent):
    return customers.approve_customer(conversation=reply.conversation, agent=agent, ip=IP)


def block_customer(reply, agent):
    return customers.block_customer(conversation=reply.conversation, agent=agent, ip=IP)


DECISIONS = [approve, approve_edited, reject, approve_with_customer]
VERBS = [*DECISIONS, reply_by_hand, approve_customer, block_customer]
