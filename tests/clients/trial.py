"""What a library has to go through: it sends one message, is cut twice, and goes over a silence that only heartbeats
fill. Its user takes every message for JSON.
"""

from urllib.parse import urlencode

from conversations.models import Message
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.proxy import Cut, Proxy

SECONDS = 40.0
SILENCE_SECONDS = 14
"""Longer than the wait before a reconnect and the longest time between two heartbeats."""
ANSWER = Answer(deltas=["one ", "two ", "three ", "four"], delay=0.3, silence=(2, SILENCE_SECONDS))
IN_A_PARTIAL = Cut.at(b'"delta":"two')
IN_FINAL = Cut.at(b'"type":"final"', after=30)
TEXT, REPLY = "Where is the parcel?", "one two three four"


def proxy_before(server):
    return Proxy(server, IN_A_PARTIAL, IN_FINAL)


def address(proxy, account, conversation):
    query = {"integrationToken": account.token, "conversationId": conversation, "textContent": TEXT}
    return f"{proxy.url}/conversation/sse?{urlencode(query)}"


def assert_passed(proxy, account, conversation, events):
    """It was put to the test, and has seen the reply whole and once."""
    assert [connection.cut for connection in proxy.connections if connection.was_cut] == [IN_A_PARTIAL, IN_FINAL]
    assert any(b": keep-alive\n" in connection.answered for connection in proxy.connections), conversation
    kinds = [event["type"] for event in events]
    assert [kind for kind in kinds if kind not in {"partial", "resumed"}] == ["accepted", "final"], conversation
    assert kinds.count("resumed") == 2, conversation
    assert "".join(event.get("delta", "") for event in events) == REPLY, conversation
    assert events[-1]["message"]["body"] == REPLY, conversation


def assert_sent_once(server, account, conversation):
    published = Message.objects.filter(conversation__external_id=conversation)
    assert [message.actor for message in published] == ["customer", "assistant"], conversation
    messages = streams.history(server, account.token, conversation)["messages"]
    assert [message["body"] for message in messages] == [TEXT, REPLY], conversation
