"""How much work waits: the numbers of the navigation."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.deciding import drafts, handling
from conversations.desk.counts import waiting
from conversations.models import Message, Reply
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import reply_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(world):
    return AccountFactory(workspace=world.elsewhere)


def draft(account):
    return reply_in(ConversationFactory(account=account), Reply.Status.AWAITING_APPROVAL)


def numbers(workspace):
    found = waiting.of(workspace)
    return found.waiting.number, found.unanswered.number


def test_drafts_and_unanswered_customers_are_counted(world, account, elsewhere):
    assert numbers(world.workspace) == (0, 0)
    draft(account)
    decided, answered, closed = draft(account), ConversationFactory(account=account), draft(account)
    draft(elsewhere)
    assert numbers(world.workspace) == (3, 3)

    drafts.approve(reply=decided, agent=world.agent, hold_seconds=5)
    handling.close(conversation=closed.conversation, agent=world.agent)
    for actor in (Message.Actor.CUSTOMER, Message.Actor.ASSISTANT):
        Message.objects.create(conversation=answered, workspace=world.workspace, account=account, actor=actor, body="!")

    assert numbers(world.workspace) == (2, 2)
    assert numbers(world.elsewhere) == (1, 1)


def test_more_than_99_are_not_counted(world, account, monkeypatch):
    monkeypatch.setattr(waiting, "MOST", 2)
    for _ in range(4):
        draft(account)

    found = waiting.of(world.workspace)

    assert (found.waiting.number, str(found.waiting), str(found.unanswered)) == (3, "2+", "2+")


def test_one_query_counts_everything(world, account):
    draft(account)

    with CaptureQueriesContext(connection) as captured:
        waiting.of(world.workspace)

    assert len(captured) == 1
    assert captured[0]["sql"].count("LIMIT 100") == 2


def test_the_numbers_stand_on_every_page_without_scripts(world, account):
    draft(account)
    client = Client()
    client.force_login(world.agent)

    html = client.get(reverse("workspaces:members", args=[world.workspace.slug])).content.decode()

    assert '<span class="count" id="count-waiting">1<span class="visually-hidden"> waiting</span></span>' in html
    assert '<span class="count" id="count-unanswered">1<span class="visually-hidden"> unanswered</span></span>' in html
    assert 'data-waiting="1" data-unanswered="1"' in html
    assert "hx-swap-oob" not in html


def test_the_fragment_brings_the_numbers_to_an_open_page(world, account):
    client = Client()
    client.force_login(world.agent)
    address = reverse("desk:counts", args=[world.workspace.slug])
    assert '<span class="count" id="count-waiting" hx-swap-oob="true"></span>' in client.get(address).content.decode()

    draft(account)

    html = client.get(address).content.decode()
    assert 'data-waiting="1"' in html
    assert 'id="count-waiting" hx-swap-oob="true">1<' in html
    assert "<!doctype" not in html.lower()
