"""What a stream begins with: `accepted` where it is the first of its message, else `resumed` (docs/api.md, section 4).

By the letter of the standard a block without an id makes a client forget the last one, so each has one.
"""

import httpx2
import pytest

from conversations.models import Message, Reply
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)

QUERY = {"conversationId": "customer-42", "textContent": "Hello?"}
KEY = {"clientMessageId": "key-0000-0001"}
RESUMED = 'data: {"type":"resumed"}'


def test_the_first_stream_of_a_message_begins_with_accepted(server, account, provider):
    provider.script(Answer(deltas=["one ", "two "]))

    retry, data, event_id = first_block(server, account)

    assert retry == "retry: 2000"
    assert data.startswith('data: {"type":"accepted",')
    assert event_id.startswith("id: ")


def test_a_resumed_stream_begins_with_the_id_that_the_client_came_with(server, account, provider):
    provider.script(Answer(deltas=["one ", "two "], hang_after=2))
    with streams.opened(server, account.token, **QUERY) as stream:
        seen = stream.until("partial")

        assert first_block(server, account, seen.id) == ["retry: 2000", RESUMED, f"id: {seen.id}"]


def test_so_does_a_stream_that_waits_for_a_person(server, account, provider):
    provider.script(Answer(deltas=["A draft."]))
    type(account).objects.filter(pk=account.pk).update(response_mode="manual")
    with streams.opened(server, account.token, **QUERY) as stream:
        seen = stream.until("pending")

        first = first_block(server, account, seen.id)

    assert seen.id.endswith(".p")
    assert first == ["retry: 2000", RESUMED, f"id: {seen.id}"]


def test_a_reset_comes_behind_it(server, account, provider):
    provider.script(Answer(deltas=["one ", "two "]))
    final = streams.whole(server, account.token, **QUERY)[-1]
    Reply.objects.update(attempt=2)
    reply, _, _, _ = final.id.split(".")
    seen = f"{reply}.1.4"

    blocks = streams.whole(server, account.token, headers={"Last-Event-ID": seen}, **QUERY)

    assert first_block(server, account, seen) == ["retry: 2000", RESUMED, f"id: {seen}"]
    assert [block.type for block in blocks] == ["reset", "partial", "final"]
    assert streams.text_of(blocks) == "one two "


@pytest.mark.parametrize("key", [KEY, {}], ids=["by key", "by text"])
def test_an_attach_begins_with_resumed_and_shows_accepted(server, account, provider, key):
    provider.script(Answer(deltas=["one ", "two "], delay=0.3))
    with streams.opened(server, account.token, **QUERY, **key) as stream:
        accepted = stream.until("accepted")
    assert stream.resumed is None

    with streams.opened(server, account.token, **QUERY, **key) as again:
        blocks = list(again)

    assert again.resumed is not None
    assert [block.type for block in blocks if block.type != "partial"] == ["accepted", "final"]
    assert blocks[0].data == accepted.data
    assert streams.text_of(blocks) == "one two "
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    "query", [QUERY | KEY, {"textContent": "Hello?"} | KEY, QUERY], ids=["key", "only key", "text"]
)
def test_an_attach_that_is_cut_behind_resumed_still_gets_accepted(server, account, provider, query):
    provider.script(Answer(deltas=["one ", "two "], delay=0.3))
    with streams.opened(server, account.token, **query) as stream:
        accepted = stream.until("accepted")
    with streams.opened(server, account.token, **query) as stream:
        stream.until("accepted")
        seen = stream.resumed

    with streams.opened(server, account.token, headers={"Last-Event-ID": seen.id}, **query) as stream:
        blocks = list(stream)

    assert stream.resumed == seen
    assert blocks[0].data == accepted.data
    assert streams.text_of(blocks) == "one two "
    assert blocks[-1].type == "final"
    assert Message.objects.count() == 2


def test_it_gets_accepted_also_where_nothing_else_is_to_come(server, world, model, provider):
    provider.script(Answer(deltas=["A draft."]))
    account = AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")
    with streams.opened(server, account.token, **QUERY) as stream:
        accepted = stream.until("accepted")
    with streams.opened(server, account.token, **QUERY) as stream:
        stream.until("pending")
        seen = stream.resumed
    Reply.objects.update(status="superseded")

    blocks = streams.whole(server, account.token, headers={"Last-Event-ID": seen.id}, **QUERY)

    assert [block.data for block in blocks] == [accepted.data]
    parameters = {"integrationToken": account.token, **QUERY, "lastEventId": blocks[0].id}
    assert httpx2.get(f"{server}/conversation/sse", params=parameters).status_code == 204


@pytest.mark.parametrize("resumes", [False, True], ids=["first", "resumed"])
def test_silence_is_filled_with_comments_that_end_no_event(granian, account, provider, resumes):
    provider.script(Answer(deltas=["one ", "two "], hang_after=1))
    headers = None
    if resumes:
        with streams.opened(granian, account.token, **QUERY) as stream:
            headers = {"Last-Event-ID": stream.until("partial").id}

    received = up_to(granian, account, ": keep-alive\n", headers=headers)

    *blocks, rest = received.split("\n\n")
    assert [block for block in blocks if "data: " not in block] == []
    assert rest == ": keep-alive\n"


def first_block(server, account, last_event_id=None):
    headers = {"Last-Event-ID": last_event_id} if last_event_id else None
    return up_to(server, account, "\n\n", headers=headers).partition("\n\n")[0].split("\n")


def up_to(server, account, end, *, headers):
    """What a stream sends, until this has come."""
    parameters = {"integrationToken": account.token, **QUERY}
    received = ""
    with (
        httpx2.Client(timeout=20) as client,
        client.stream("GET", f"{server}/conversation/sse", params=parameters, headers=headers) as response,
    ):
        for text in response.iter_text():
            received += text
            if end in received:
                return received
    raise AssertionError(f"the stream ended without {end!r}: {received!r}")
