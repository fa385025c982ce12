"""What the tests of the approvals page share: drafts, the forms of the verbs, and what came of them."""

from datetime import timedelta
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.utils import timezone

from conversations.models import Message, Reply
from tests.factories import ConversationFactory
from tests.factories.drafts import DRAFT, reply_in

HTMX = {"HX-Request": "true"}
DECISIONS = ["approve", "approve-with-customer", "approve-edited", "reject", "answer-by-hand"]
OTHERS = ["regenerate", "note-on-draft", "undo", "carry-out"]
AT_ONCE = {"approve-edited", "answer-by-hand"}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def draft_of(account, name, *, minutes=5, text=DRAFT):
    """A draft for a customer, who has waited so long."""
    reply = reply_in(ConversationFactory(account=account, external_id=name), "awaiting_approval", text)
    Reply.objects.filter(pk=reply.pk).update(created_at=timezone.now() - timedelta(minutes=minutes))
    reply.refresh_from_db()
    return reply


def fields(name, **values):
    """What the form of this verb sends."""
    own = {
        "approve": {"seen": "1", "body": DRAFT},
        "approve-with-customer": {"seen": "1", "body": DRAFT},
        "approve-edited": {"seen": "1", "body": "Better words."},
        "reject": {"seen": "1", "reason": "wrong price"},
        "regenerate": {"seen": "1", "instruction": "shorter"},
        "answer-by-hand": {"key": "0190a0a0-0000-7000-8000-000000000001", "body": "By hand."},
        "note-on-draft": {"key": "0190a0a0-0000-7000-8000-000000000002", "body": "Ask Olga."},
    }
    return own.get(name, {}) | values


def sent():
    return list(Message.objects.filter(actor="assistant").order_by("sequence").values_list("body", flat=True))


def carry_out_all():
    """What the running server does when the time of a hold is over."""
    Reply.objects.in_hold().update(release_at=timezone.now() - timedelta(seconds=1))
    with connection.cursor() as cursor:
        for reply in Reply.objects.in_hold():
            cursor.execute("SELECT reply_release(%s, %s)", [reply.pk, uuid4()])
