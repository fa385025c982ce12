"""What may become of a reply stands in Python, in the database and in the docs: all three say the same."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from conversations.models import Reply
from conversations.models.reply_status import FOLLOWING, ReplyStatus
from tests.factories import ConversationFactory
from tests.factories.drafts import reply_in
from tests.ground.servers import ROOT

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ReplyStatus.values)
def test_the_database_lets_a_reply_become_what_follows_and_nothing_else(status):
    """What a customer may have been told stays true, whoever writes."""
    reply = reply_in(ConversationFactory(), status)

    taken = {other for other in ReplyStatus.values if is_taken(reply, other)}

    assert taken == {status} | FOLLOWING.get(status, set())


def test_the_docs_draw_what_the_database_takes():
    text = (ROOT / "docs" / "architecture.md").read_text()
    drawing = re.search(r"### States of a reply\n+```\n(.*?)```", text, re.DOTALL)[1]

    drawn = [line.split("→") for line in drawing.splitlines()]

    assert {before.strip(): set(after.replace("|", " ").split()) for before, after in drawn} == FOLLOWING


def is_taken(reply, status):
    """Whether the database takes it; the write is undone again."""
    fields = {"lease_expires_at": Now() + timedelta(minutes=1), "message": reply.customer_message}
    with transaction.atomic():
        try:
            with transaction.atomic():
                Reply.objects.filter(pk=reply.pk).update(status=status, **fields)
        except IntegrityError as refusal:
            if f"A reply that is {reply.status} never becomes {status}." not in str(refusal):
                raise
            return False
        transaction.set_rollback(True)
    return True
