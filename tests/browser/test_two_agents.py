"""The customer waits on an EventSource, two agents look at the same draft, and one of them decides."""

import time

import pytest
from playwright.sync_api import expect

from conversations.models import Message, Reply
from tests.browser.agents import desks
from tests.browser.test_event_source import SHORTEST_CLIENT, events_of, kinds_of, open_page
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

EDITED = "It comes on Tuesday, at noon."


@pytest.fixture
def held(world, model, provider):
    provider.script(Answer(deltas=["It comes ", "on Monday."]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.fixture
def desk(browser, granian, world):
    with desks(browser, granian, world.workspace) as opened:
        yield opened


@pytest.fixture
def customer(context, elsewhere, granian, held):
    page = open_page(context, elsewhere(SHORTEST_CLIENT), granian, held, "customer-42")
    wait_for(lambda: kinds_of(page) == ["accepted", "pending"])
    return page


def looking(desk, *people):
    """Their pages, each with the draft open."""
    pages = [desk(person) for person in people]
    for page in pages:
        page.get_by_role("link", name="customer-42").first.click()
        expect(page.get_by_role("heading", level=2, name="customer-42")).to_be_focused()
    return pages


def draft_on(page):
    return page.get_by_label("Draft", exact=True)


@pytest.mark.alone
def test_an_edited_draft_reaches_the_customer_and_the_other_agent_within_two_seconds(world, customer, desk):
    mina, olga = looking(desk, world.agent, world.owner)
    olga.get_by_text("Mina is looking at this").wait_for()

    draft_on(mina).fill(EDITED)
    clicked = time.monotonic()
    mina.get_by_role("button", name="Send edited to customer-42").click()

    olga.get_by_text("Already sent by Mina.").wait_for(timeout=2_000)
    wait_for(lambda: kinds_of(customer) == ["accepted", "pending", "final"], seconds=2)
    assert time.monotonic() - clicked < 2
    assert events_of(customer)[-1]["message"]["body"] == EDITED
    assert Message.objects.filter(actor="assistant").count() == 1
    assert Reply.objects.get().edited


@pytest.mark.alone
def test_who_was_second_cannot_press_any_more_and_keeps_what_they_typed(world, customer, desk):
    mina, olga = looking(desk, world.agent, world.owner)
    draft_on(olga).fill("Olga writes something else")
    olga.keyboard.press("ArrowLeft")

    mina.get_by_role("button", name="Send to customer-42", exact=True).click()

    olga.get_by_text("Already approved by Mina.").wait_for(timeout=2_000)
    expect(olga.get_by_role("button", name="Send edited to customer-42")).to_be_disabled()
    expect(draft_on(olga)).to_have_value("Olga writes something else")
    expect(draft_on(olga)).to_be_focused()
    assert draft_on(olga).evaluate("area => area.selectionStart") == len("Olga writes something els")
    mina.get_by_role("button", name="Send now: customer-42").click()
    olga.get_by_text("Already sent by Mina.").wait_for()
    assert Message.objects.filter(actor="assistant").count() == 1


def test_two_who_press_at_the_same_moment_send_one_message(world, customer, desk):
    mina, olga = looking(desk, world.agent, world.owner)
    for page, words in ((mina, "From Mina"), (olga, "From Olga")):
        draft_on(page).fill(words)

    press = "form => { form.querySelector('[data-ctrl-enter]').click(); }"
    mina.locator("#draft-form").evaluate(press)
    olga.locator("#draft-form").evaluate(press)

    wait_for(lambda: kinds_of(customer)[-1:] == ["final"])
    sent = Message.objects.get(actor="assistant").body
    loser = olga if sent == "From Mina" else mina
    loser.get_by_text("Already sent by").wait_for()
    expect(draft_on(loser)).to_have_value("From Olga" if loser is olga else "From Mina")
    assert Message.objects.filter(actor="assistant").count() == 1


def test_a_customer_who_writes_again_takes_the_draft_away_and_the_new_one_is_offered(
    world, customer, granian, held, desk
):
    (mina,) = looking(desk, world.agent)
    draft_on(mina).fill("I am still typing")

    with streams.opened(granian, held.token, conversationId="customer-42", textContent="One thing more") as stream:
        stream.until("pending")

    mina.get_by_text("The draft is gone: the customer wrote something newer.").wait_for()
    expect(draft_on(mina)).to_have_value("I am still typing")
    expect(mina.get_by_role("button", name="Send edited to customer-42")).to_be_disabled()
    mina.get_by_role("link", name="Open the new draft").click()
    expect(draft_on(mina)).to_have_value("It comes on Monday.")
    expect(mina.get_by_role("button", name="Send to customer-42", exact=True)).to_be_enabled()
