"""The customer waits on an EventSource, two agents look at the same draft, and one of them decides."""

import time

import pytest
from django.test import Client

from conversations.models import Message, Reply
from tests.browser.test_event_source import SHORTEST_CLIENT, events_of, kinds_of, open_page
from tests.factories import AccountFactory
from tests.provider import Answer
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

DRAFT = "It comes on Monday."
EDITED = "It comes on Tuesday, at noon."


@pytest.fixture
def held(world, model, provider):
    provider.script(Answer(deltas=["It comes ", "on Monday."]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.fixture
def desk(browser, granian, world):
    """Opens the approvals page as somebody who is signed in."""
    contexts = []

    def opened(user):
        client = Client()
        client.force_login(user)
        context = browser.new_context(base_url=granian)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": granian}])
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/w/{world.workspace.slug}/approvals/")
        return page

    yield opened
    for context in contexts:
        context.close()


def test_an_edited_draft_reaches_the_customer_and_the_other_agent_within_two_seconds(
    held, world, granian, context, elsewhere, desk
):
    mina, olga = desk(world.agent), desk(world.owner)
    customer = open_page(context, elsewhere(SHORTEST_CLIENT), granian, held, "customer-42")
    wait_for(lambda: kinds_of(customer) == ["accepted", "pending"])
    for agent in (mina, olga):
        agent.get_by_role("link", name="customer-42").click()
        agent.get_by_label("Draft").wait_for()

    mina.get_by_label("Draft").fill(EDITED)
    clicked = time.monotonic()
    mina.get_by_role("button", name="Send edited").click()

    olga.get_by_text("Already sent by Mina.").wait_for(timeout=2_000)
    wait_for(lambda: kinds_of(customer) == ["accepted", "pending", "final"], seconds=2)
    assert time.monotonic() - clicked < 2
    assert events_of(customer)[-1]["message"]["body"] == EDITED
    assert Message.objects.filter(actor="assistant").count() == 1
    assert Reply.objects.get().edited
