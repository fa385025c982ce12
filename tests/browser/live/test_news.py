"""What open pages hear of: drafts, decisions, growing replies, and each other."""

import json
import time

import httpx2
import pytest
from django.db import connection
from django.urls import reverse

from conversations.models import Reply, Viewing
from tests.browser.live.steps import bars, identity, post, send, shows_waiting
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import reply_in
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

QUIET_SECONDS = 4.0
SLOW_ANSWERS = """
window.asked = 0;
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (...body) {
  setTimeout(() => send.apply(this, body), ++window.asked % 2 ? 1300 : 800);
};
"""
OPEN_MANY = """([address, conversation, count]) => Promise.all([...Array(count)].map(() => new Promise((done) => {
  const socket = new WebSocket(address);
  socket.onmessage = ({ data }) => {
    if (data.includes("changed")) socket.send(JSON.stringify({ watch: conversation }));
    if (data.includes("viewed")) done(socket);
  };
}))).then((opened) => opened.length)"""


def database_connections():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.mark.alone
def test_drafts_and_decisions_appear_without_a_reload(server, world, held, home):
    page = home(server, world.agent)
    opened = identity(page)

    send(server, held)
    shows_waiting(page, 1, seconds=2)

    assert post(page, "desk:reject", world.workspace.slug, Reply.objects.get().pk).status == 302
    page.locator("#desk-counts[data-waiting='0']").wait_for(state="attached", timeout=8_000)
    assert page.locator("#count-waiting").inner_text() == ""
    assert identity(page) == opened
    assert bars(page) == []


def test_a_reply_grows_while_it_is_written(granian, world, model, provider, windows):
    provider.script(Answer(deltas=["one ", "two ", "three"], delay=1.0))
    held = AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")
    conversation = ConversationFactory(account=held, external_id="customer-42")
    page = windows(granian, world.agent)
    address = reverse("desk:conversation", args=[world.workspace.slug, conversation.pk])
    with page.expect_response(lambda response: response.url.endswith("/counts/")):
        page.goto(address)

    parameters = {"integrationToken": held.token, "conversationId": "customer-42", "textContent": "Hello?"}
    with httpx2.stream("GET", f"{granian}/conversation/sse", params=parameters, timeout=10):
        for text in ("one", "one two"):
            page.wait_for_function(
                "(text) => document.querySelector('[id^=growing-]')?.innerText.trim() === text", arg=text, timeout=5_000
            )
        page.wait_for_function("() => !document.querySelector('[id^=growing-]')", timeout=5_000)
    assert page.get_by_text("one two three").first.is_visible()


def test_agents_see_who_else_looks_at_a_conversation(granian, world, windows):
    conversation = ConversationFactory(account=AccountFactory(workspace=world.workspace))
    address = reverse("desk:conversation", args=[world.workspace.slug, conversation.pk])
    olga, mina = windows(granian, world.owner), windows(granian, world.agent)
    olga.goto(address)
    mina.goto(address)

    olga.get_by_text("Mina is looking at this").wait_for()
    mina.get_by_text("Olga is looking at this").wait_for()
    mina.goto(reverse("home", args=[world.workspace.slug]))

    olga.get_by_text("Mina is looking at this").wait_for(state="detached")


def test_on_a_phone_the_list_of_drafts_alone_is_no_look_at_the_first(granian, world, windows):
    conversation = ConversationFactory(account=AccountFactory(workspace=world.workspace))
    reply = reply_in(conversation, Reply.Status.AWAITING_APPROVAL)
    phone = windows(granian, world.agent)
    phone.set_viewport_size({"width": 390, "height": 800})
    with phone.expect_websocket() as opened:
        phone.goto(reverse("desk:approvals", args=[world.workspace.slug]))
    assert json.loads(opened.value.wait_for_event("framesent")) == {"watch": None}

    with opened.value.expect_event("framesent", lambda said: json.loads(said)["watch"] is not None):
        phone.locator(f"[href*='{reply.pk}']").first.click()
    wait_for(lambda: Viewing.objects.filter(conversation=conversation).exists())


def test_open_sockets_hold_no_database_connections(granian, world, home):
    conversation = ConversationFactory(account=AccountFactory(workspace=world.workspace))
    reply_in(conversation, Reply.Status.GENERATING)
    page = home(granian, world.agent)
    before = database_connections()

    assert page.evaluate(OPEN_MANY, [f"/w/{world.workspace.slug}/live/", str(conversation.pk), 50]) == 50

    wait_for(lambda: database_connections() <= before + 3)


def test_slow_answers_do_not_make_each_other_ask_for_ever(granian, world, windows):
    conversation = ConversationFactory(account=AccountFactory(workspace=world.workspace))
    page = windows(granian, world.agent)
    page.add_init_script(SLOW_ANSWERS)
    with page.expect_response(lambda response: response.url.endswith("/counts/")):
        page.goto(reverse("desk:conversation", args=[world.workspace.slug, conversation.pk]))

    assert post(page, "desk:close", world.workspace.slug, conversation.pk).status == 302
    page.get_by_role("button", name="Reopen").wait_for()

    asked, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        now = page.evaluate("window.asked")
        if now != asked:
            asked, since = now, time.monotonic()
        assert asked < 40
        page.wait_for_timeout(100)
