"""The shortest client in Firefox and in WebKit, cut at 40 places: it sends once, and sees the whole reply once.

Chromium is in `tests/browser/test_event_source.py`.
"""

import json
from contextlib import ExitStack
from urllib.parse import urlencode

import httpx2
import pytest

from conversations.models import Message, Reply
from tests.clients import firefox, webkit
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.proxy import Cut, Proxy
from tests.ground.waiting import wait_for
from tests.machine import needs

pytestmark = pytest.mark.django_db(transaction=True)

# It never closes a source, and survives an event that is broken, as the documentation asks for.
PAGE = """<!doctype html><meta charset="utf-8"><title>Elsewhere</title>
<script>
  window.sources = []
  window.start = url => {
    const source = new EventSource(url), seen = []
    source.onmessage = ({ data }) => {
      try { JSON.parse(data) } catch { return }
      seen.push(data)
    }
    sources.push({ source, seen })
  }
</script>"""
TEXT = "Where is the parcel?"
DELTAS = ["Grüße. ", "The 🦊 has it, ", "and it ", "comes ", "tomorrow."]
SECONDS = 60
EVENLY = 32
"""So many cuts, spread over all bytes of the answer's body, by turns with and without a reset."""
FIRST = len(b"d5\r\nr")
"""Behind the first byte of the first event: Firefox gives up for good where a connection ends with its headers."""
HEAD_END, PARTIAL, RESUMED, FINAL = b"\r\n\r\n", b'"type":"partial"', b'"type":"resumed"', b'"type":"final"'
ALSO = {
    "refused": [Cut.refused()],
    "before the first byte": [Cut.before_the_answer()],
    "before the first byte by reset": [Cut.before_the_answer(reset=True)],
    "in the id of accepted": [Cut.at(b"\nid: ", after=20)],
    "behind the last event": [Cut.at(b".e\n\n")],
    "in resumed": [Cut.at(PARTIAL), Cut.at(RESUMED)],
    "in the id of resumed": [Cut.at(PARTIAL, after=30), Cut.at(RESUMED, after=25)],
    "in final, then in resumed, then in final": [Cut.at(FINAL), Cut.at(RESUMED, reset=True), Cut.at(FINAL, after=99)],
    "in accepted, then in resumed, then in accepted": [Cut.at(b'"type":'), Cut.at(b'"type":'), Cut.at(b'"accepted"')],
}
# Chromium, too, survives some of these; Firefox none.
IN_THE_HEADERS = {
    "in the headers": [Cut.in_the_headers()],
    "in the headers by reset": [Cut.in_the_headers(reset=True)],
    "behind the headers": [Cut.at(HEAD_END)],
}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(firefox, id="firefox", marks=needs("firefox")),
        pytest.param(webkit, id="webkit", marks=needs("webkit", "xvfb")),
    ],
)
def test_it_sends_once_and_sees_the_whole_reply(kind, granian, account, provider, elsewhere):
    provider.script(Answer(deltas=DELTAS, delay=0.15))
    places = evenly(length_of_an_answer(granian, account)) | ALSO
    if kind is webkit:
        places |= IN_THE_HEADERS
    assert len(places) > 40

    with ExitStack() as stack:
        proxies = {place: stack.enter_context(Proxy(granian, *cuts)) for place, cuts in places.items()}
        browser = stack.enter_context(kind.opened())
        browser.go(elsewhere(PAGE))
        for place, proxy in proxies.items():
            browser.run("start(arguments[0])", address(proxy.url, account, place))
        wait_for(lambda: browser.run("return sources.every(({ source }) => source.readyState === 2)"), seconds=SECONDS)
        seen = dict(zip(places, browser.run("return sources.map(({ seen }) => seen)"), strict=True))

    for place, cuts in places.items():
        assert [connection.cut for connection in proxies[place].connections][: len(cuts)] == cuts, place
        assert all(connection.was_cut for connection in proxies[place].connections[: len(cuts)]), place
        assert_whole([json.loads(data) for data in seen[place]], place)
        assert_sent_once(granian, account, place)


def address(server, account, conversation):
    query = {"integrationToken": account.token, "conversationId": conversation, "textContent": TEXT}
    return f"{server}/conversation/sse?{urlencode(query)}"


def length_of_an_answer(server, account):
    """Bytes of the body on the wire."""
    with Proxy(server) as proxy:
        httpx2.get(address(proxy.url, account, "sample"), timeout=20)
        _, _, body = bytes(proxy.connections[0].answered).partition(HEAD_END)
    return len(body)


def evenly(length):
    """The last one is far enough from the end for all answers, which differ by some bytes."""
    step = (length - 100) // EVENLY
    cuts = (Cut.at(HEAD_END, after=FIRST + number * step, reset=number % 2 == 1) for number in range(EVENLY))
    return {f"at {cut.after}{' by reset' if cut.reset else ''}": [cut] for cut in cuts}


def assert_whole(events, place):
    kinds = [event["type"] for event in events]
    assert [kind for kind in kinds if kind not in {"partial", "resumed"}] == ["accepted", "final"], place
    text = "".join(event.get("delta", "") for event in events)
    assert text == events[-1]["message"]["body"] == "".join(DELTAS), place


def assert_sent_once(server, account, place):
    published = Message.objects.filter(conversation__external_id=place)
    assert [message.actor for message in published] == ["customer", "assistant"], place
    assert Reply.objects.filter(conversation__external_id=place).count() == 1, place
    messages = streams.history(server, account.token, place)["messages"]
    assert [message["body"] for message in messages] == [TEXT, "".join(DELTAS)], place
