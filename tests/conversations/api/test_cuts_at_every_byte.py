"""A stream that is cut behind any of its bytes, once or twice, as clients of three kinds read it: by the standard; as
WebKit, which glues what was left to the next connection; and as libraries do that take an id when they read its line.
"""

import functools
import json

import httpx2
import pytest

from conversations.models import Message
from tests.ground.event_source import Parser
from tests.ground.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)

DELTAS = ["Grüße", ", 🦊 ", "three"]
QUERY = {"textContent": "Hello?", "clientMessageId": "key-0000-0001"}
SOME_FIRST_CUTS, SOME_SECOND_CUTS = 17, 5
"""Twice: behind every 17th byte of the first connection, and every 5th of the second."""


class Gluing(Parser):
    """WebKit keeps half a line, and the lines of half an event."""

    def begin(self):
        pass


class Hasty(Parser):
    """`@microsoft/fetch-event-source` and `extended-eventsource` resume behind an event that they have in part."""

    def _take(self, line):
        yield from super()._take(line)
        self.last_event_id = self._id or self.last_event_id


@pytest.mark.parametrize("kind", [Parser, Gluing, Hasty])
def test_every_client_gets_the_whole_reply_once(granian, account, provider, kind):
    provider.script(Answer(deltas=DELTAS, delay=0.1))
    connect = connecting(granian, account.token)
    first = read(granian, account.token)
    assert b'"type":"accepted"' in first and b'"type":"final"' in first

    for cut in range(len(first) + 1):
        if not is_hasty_in_vain(kind, first, cut):
            assert_whole(seen(kind, first[:cut], connect), cut)

    assert Message.objects.count() == 2


@pytest.mark.parametrize("kind", [Parser, Gluing, Hasty])
def test_so_it_does_when_the_next_connection_is_cut_too(granian, account, provider, kind):
    provider.script(Answer(deltas=DELTAS, delay=0.1))
    connect = connecting(granian, account.token)
    first = read(granian, account.token)

    for cut in range(0, len(first), SOME_FIRST_CUTS):
        second = connect(last_event_id_of(kind, first[:cut]))
        for next_cut in range(0, len(second), SOME_SECOND_CUTS):
            if not is_hasty_in_vain(kind, first, cut) and not is_hasty_in_vain(kind, second, next_cut):
                assert_whole(seen(kind, first[:cut], connect, then=next_cut), (cut, next_cut))

    assert Message.objects.count() == 2


def connecting(server, token):
    """The answers to what a client may come back with: the reply has ended, so they stay as they are."""
    return functools.cache(lambda last_event_id: read(server, token, last_event_id))


def read(server, token, last_event_id=""):
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    parameters = {"integrationToken": token, **QUERY}
    response = httpx2.get(f"{server}/conversation/sse", params=parameters, headers=headers, timeout=20)
    assert response.status_code in {200, 204}, response.text
    return response.content


def seen(kind, first, connect, *, then=None):
    """The events of a client whose first connection brings so much, and a second one, if any, so many bytes."""
    parser = kind()
    events = list(parser.feed(first))
    if then is not None:
        parser.begin()
        events += parser.feed(connect(parser.last_event_id)[:then])
    parser.begin()
    return events + list(parser.feed(connect(parser.last_event_id)))


def last_event_id_of(kind, received):
    parser = kind()
    list(parser.feed(received))
    return parser.last_event_id


def is_hasty_in_vain(kind, received, cut):
    """Between the line with the id and the empty one behind it nothing helps such a client."""
    return kind is Hasty and received[:cut].rpartition(b"\n\n")[2].partition(b"\nid: ")[2].endswith(b"\n")


def assert_whole(events, cut):
    parsed = [event for event in map(parsed_or_none, events) if event]
    text = ""
    for event in parsed:
        text = "" if event["type"] == "reset" else text + event.get("delta", "")
    kinds = [event["type"] for event in parsed if event["type"] not in {"resumed", "partial"}]
    assert kinds == ["accepted", "final"], cut
    assert text == parsed[-1]["message"]["body"] == "".join(DELTAS), cut


def parsed_or_none(event):
    """Clients survive an event that is broken; the glued ones are."""
    try:
        return json.loads(event.data)
    except ValueError:
        return None
