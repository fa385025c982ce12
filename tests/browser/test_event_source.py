"""The shortest client, in Chromium, on a page of another origin: whatever breaks, it sends once and sees it all."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import monotonic
from urllib.parse import quote, urlencode

import pytest
from django.db import connections

from conversations.deciding import drafts
from conversations.models import Message, Reply
from integrations.models import Responder
from tests.factories import AccountFactory, ArticleFactory, ResponderFactory
from tests.ground import servers, streams
from tests.ground.processes import granian_worker
from tests.ground.provider import Answer, ScriptedProvider
from tests.ground.proxy import Cut, Proxy
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

# It never closes the source.
SHORTEST_CLIENT = """<!doctype html><meta charset="utf-8"><title>Elsewhere</title>
<script>
  const seen = [], log = data => seen.push(data), url = decodeURIComponent(location.hash.slice(1))
  const source = new EventSource(url)
  source.onmessage = e => log(e.data)
</script>"""

BEFORE = Cut.before_the_answer()
HEADERS = Cut.in_the_headers(reset=True)
BODY = Cut.at(b'"type":"partial"')
CUT_ONCE = {
    "nothing-is-cut": [],
    "refused": [Cut.refused()],
    "before-the-first-byte": [BEFORE],
    "before-the-first-byte-by-reset": [Cut.before_the_answer(reset=True)],
    "in-the-headers": [HEADERS],
    "in-the-first-block": [Cut.at(b"\r\n\r\n", after=30)],
    "in-the-body": [BODY],
    "in-the-body-by-reset": [Cut.at(b'"type":"partial"', after=20, reset=True)],
    "before-the-last-block": [Cut.at(b'"type":"final"')],
    "behind-the-last-block": [Cut.at(b".e\n\n")],
}
CUT_FIVE_TIMES = {
    "before-the-first-byte": [BEFORE] * 5,
    "here-and-there": [BEFORE, HEADERS, BODY, Cut.at(b"data: ", reset=True), BODY],
}
TEXT = "Where is the parcel?"
CLOSED = 2
CLOSE_SECONDS = 40


@pytest.fixture
def quick(account, provider):
    provider.script(Answer())
    return account


@pytest.fixture
def slow(world):
    with ScriptedProvider(Answer(delay=0.2)) as provider:
        kind = Responder.Kind.OPENAI_COMPATIBLE
        responder = ResponderFactory(workspace=world.workspace, kind=kind, base_url=provider.base_url, model="double")
        yield AccountFactory(workspace=world.workspace, responder=responder)


@pytest.fixture
def instant(world):
    """Answers from the articles at once, as the demo does."""
    ArticleFactory(workspace=world.workspace, title="Parcels", body="A parcel is on its way for two days. " * 8)
    responder = ResponderFactory(workspace=world.workspace, kind=Responder.Kind.KNOWLEDGE)
    return AccountFactory(workspace=world.workspace, responder=responder)


@pytest.fixture
def held(world, model, provider):
    """Every reply waits for an agent."""
    provider.script(Answer())
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.mark.parametrize("cuts", [CUT_ONCE, CUT_FIVE_TIMES], ids=["once", "five-times"])
def test_it_sends_once_and_sees_the_whole_reply(cuts, quick, slow, instant, granian, context, elsewhere):
    accounts = {"quick": quick, "slow": slow, "instant": instant}
    cases = {f"{kind}-{where}": (accounts[kind], cuts[where]) for kind in accounts for where in cuts}
    address = elsewhere(SHORTEST_CLIENT)
    with ExitStack() as stack:
        proxies = {case: stack.enter_context(Proxy(granian, *planned)) for case, (_, planned) in cases.items()}
        pages = {
            case: open_page(context, address, proxies[case].url, account, case) for case, (account, _) in cases.items()
        }
        wait_until_closed(pages)

    for case, (account, planned) in cases.items():
        connections = proxies[case].connections
        assert [connection.cut for connection in connections][: len(planned)] == planned, case
        assert b"HTTP/1.1 204" in connections[-1].answered, case
        assert_whole(events_of(pages[case]))
        assert_sent_once(granian, account, case, events_of(pages[case]))


def test_a_reply_that_is_approved_arrives_on_the_source_that_waits_for_it(held, world, granian, context, elsewhere):
    page = open_page(context, elsewhere(SHORTEST_CLIENT), granian, held, "customer-42")
    wait_for(lambda: kinds_of(page) == ["accepted", "pending"])

    message = elsewhere_decided(drafts.approve, reply=Reply.objects.get(), agent=world.agent).message

    wait_until_closed({"page": page})
    assert kinds_of(page) == ["accepted", "pending", "final"]
    assert events_of(page)[-1]["message"]["id"] == str(message.pk)
    assert_sent_once(granian, held, "customer-42", events_of(page))


def test_a_reply_that_is_approved_late_arrives_after_the_browser_came_back(held, world, granian, context, elsewhere):
    with Proxy(granian) as proxy:
        page = open_page(context, elsewhere(SHORTEST_CLIENT), proxy.url, held, "customer-42")
        wait_for(lambda: b"last-event-id" in proxy.asked.lower(), seconds=20)

        elsewhere_decided(
            drafts.approve_edited, reply=Reply.objects.get(), agent=world.agent, body="It comes tomorrow."
        )

        wait_until_closed({"page": page})
    assert kinds_of(page) == ["accepted", "pending", "final"]
    assert events_of(page)[-1]["message"]["body"] == "It comes tomorrow."
    assert_sent_once(granian, held, "customer-42", events_of(page))


def test_a_worker_that_is_killed_is_made_up_for_by_the_next(slow, context, elsewhere, tmp_path):
    with servers.running("granian", log=tmp_path / "log", LUMIKA_LEASE_SECONDS="2") as server:
        page = open_page(context, elsewhere(SHORTEST_CLIENT), server, slow, "customer-42")
        wait_for(lambda: "partial" in kinds_of(page))

        os.kill(granian_worker(server), signal.SIGKILL)

        wait_until_closed({"page": page})
        assert "reset" in kinds_of(page)
        assert_whole(events_of(page))
        assert_sent_once(server, slow, "customer-42", events_of(page))


def open_page(context, address, server, account, conversation):
    query = urlencode({"integrationToken": account.token, "conversationId": conversation, "textContent": TEXT})
    page = context.new_page()
    page.goto(f"{address}#{quote(f'{server}/conversation/sse?{query}', safe='')}")
    return page


def wait_until_closed(pages):
    """Returns once the browser has stopped reconnecting on every page."""
    deadline = monotonic() + CLOSE_SECONDS
    while still_open := [name for name, page in pages.items() if page.evaluate("source.readyState") != CLOSED]:
        assert monotonic() < deadline, f"still not closed: {still_open}"
        pages[still_open[0]].wait_for_timeout(100)


def events_of(page):
    """What the page has seen so far, but for what clients ignore."""
    events = [json.loads(data) for data in page.evaluate("seen")]
    return [event for event in events if event["type"] != "resumed"]


def kinds_of(page):
    return [event["type"] for event in events_of(page)]


def assert_whole(events):
    kinds = [event["type"] for event in events]
    assert (kinds[0], kinds[-1]) == ("accepted", "final")
    assert kinds.count("accepted") == kinds.count("final") == 1
    text = ""
    for event in events:
        text = "" if event["type"] == "reset" else text + event.get("delta", "")
    assert text == events[-1]["message"]["body"]


def assert_sent_once(server, account, conversation, events):
    published = Message.objects.filter(conversation__external_id=conversation)
    assert [message.actor for message in published] == ["customer", "assistant"], conversation
    assert Reply.objects.filter(conversation__external_id=conversation).count() == 1
    messages = streams.history(server, account.token, conversation)["messages"]
    assert [message["body"] for message in messages] == [TEXT, events[-1]["message"]["body"]]


def elsewhere_decided(verb, **values):
    """Playwright keeps an event loop in this thread, in which a verb cannot tell open pages what changed."""

    def decide():
        try:
            return verb(**values)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(decide).result()
