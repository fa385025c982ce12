"""A GET that sends once: resume, stop, key, and the same text again (docs/api.md, section 4)."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from conversations.models import Message, Reply
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
SEND = {"conversationId": "customer-42", "textContent": "Hello?"}
KEY = {"clientMessageId": "key-0000-0001"}


@pytest.fixture(autouse=True)
def plain_provider(provider):
    provider.script(Answer(deltas=["one ", "two ", "three"]))


def status(server, token, **query):
    headers = {"Last-Event-ID": query.pop("resume")} if "resume" in query else {}
    query = {"integrationToken": token, **query}
    with httpx2.stream("GET", f"{server}/conversation/sse", params=query, headers=headers) as response:
        if response.status_code < 300:
            return response.status_code, None
        response.read()
        return response.status_code, response.json()["error"]["code"]


def test_resuming_goes_on_at_the_offset_and_never_sends(server, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three"], delay=0.2))
    with streams.opened(server, account.token, **SEND) as stream:
        seen = stream.until("partial")
    assert seen.data["delta"] == "one "

    blocks = streams.whole(server, account.token, headers={"Last-Event-ID": seen.id}, **SEND)

    assert "accepted" not in [block.type for block in blocks]
    assert seen.data["delta"] + streams.text_of(blocks) == "one two three"
    assert blocks[-1].type == "final"
    assert Message.objects.count() == 2


@pytest.mark.parametrize("where", ["header", "query"])
def test_after_the_terminal_event_a_resume_gets_204(server, account, where):
    final = streams.whole(server, account.token, **SEND)[-1]

    how = {"resume": final.id} if where == "header" else {"lastEventId": final.id}
    assert status(server, account.token, **SEND, **how) == (204, None)

    assert Message.objects.count() == 2


def test_an_event_id_of_another_conversation_or_account_is_unknown(server, account, world):
    final = streams.whole(server, account.token, **SEND)[-1]
    foreign = AccountFactory(workspace=world.elsewhere)
    sibling = AccountFactory(workspace=world.workspace)
    assert status(server, account.token, resume=final.id, **SEND) == (204, None)

    elsewhere = SEND | {"conversationId": "another"}
    assert status(server, account.token, resume=final.id, **elsewhere) == (404, "unknown_event")
    assert status(server, foreign.token, resume=final.id, **SEND) == (404, "unknown_event")
    assert status(server, sibling.token, resume=final.id, **SEND) == (404, "unknown_event")
    assert status(server, account.token, resume="nonsense", **SEND) == (404, "unknown_event")
    assert Message.objects.count() == 2


def test_the_same_key_attaches_whatever_happened_in_between(server, account):
    first = streams.whole(server, account.token, **SEND, **KEY)
    streams.whole(server, account.token, conversationId="customer-42", textContent="Something else")

    again = streams.whole(server, account.token, **SEND, **KEY)

    assert again[0].data == first[0].data
    assert again[-1].data == first[-1].data
    assert streams.text_of(again) == streams.text_of(first)
    assert Message.objects.filter(actor="customer").count() == 2


def test_the_same_key_without_a_conversation_answers_in_the_same_one(server, account):
    first = streams.whole(server, account.token, textContent="Hello?", **KEY)

    again = streams.whole(server, account.token, textContent="Hello?", **KEY)

    assert again[0].data["conversationId"] == first[0].data["conversationId"]
    assert Message.objects.count() == 2


def test_a_key_with_another_text_or_conversation_is_refused(server, account):
    streams.whole(server, account.token, **SEND, **KEY)
    assert status(server, account.token, **SEND, **KEY) == (200, None)

    assert status(server, account.token, **(SEND | {"textContent": "Bye"}), **KEY) == (422, "key_reused")
    assert status(server, account.token, **(SEND | {"conversationId": "other"}), **KEY) == (422, "key_reused")
    assert Message.objects.count() == 2


def test_a_key_of_another_account_is_free(server, account, world, model):
    sibling = AccountFactory(workspace=world.workspace, responder=model)
    streams.whole(server, account.token, **SEND, **KEY)

    streams.whole(server, sibling.token, **SEND, **KEY)

    assert Message.objects.count() == 4


def test_the_same_text_attaches_while_its_reply_is_unfinished(server, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three"], delay=0.3))
    with streams.opened(server, account.token, **SEND) as stream:
        first = stream.until("accepted")
    again = streams.whole(server, account.token, **SEND)

    assert again[0].data == first.data
    assert streams.text_of(again) == "one two three"
    assert Message.objects.count() == 2


def test_the_same_text_attaches_to_a_reply_that_was_never_delivered(server, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three"], delay=0.2))
    with streams.opened(server, account.token, **SEND) as stream:
        stream.until("accepted")
    wait_for(lambda: Reply.objects.get().status == "sent")
    assert Reply.objects.get().delivered_at is None

    again = streams.whole(server, account.token, **SEND)

    assert again[-1].data["message"]["body"] == "one two three"
    assert Message.objects.count() == 2


def test_the_same_text_after_a_delivered_reply_is_a_new_message(server, account):
    for _ in range(3):
        streams.whole(server, account.token, **SEND)

    assert Message.objects.filter(actor="customer").count() == 3


def test_the_same_text_without_a_conversation_is_always_a_new_message(server, account):
    with streams.opened(server, account.token, textContent="Hello?") as stream:
        stream.until("accepted")

    streams.whole(server, account.token, textContent="Hello?")

    assert Message.objects.filter(actor="customer").count() == 2


def test_a_disconnect_never_cancels_a_reply(server, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three"], delay=0.2))
    with streams.opened(server, account.token, **SEND) as stream:
        stream.until("accepted")

    wait_for(lambda: len(streams.history(server, account.token, "customer-42")["messages"]) == 2)

    assert streams.history(server, account.token, "customer-42")["messages"][1]["body"] == "one two three"


@pytest.mark.parametrize("query", [{"textContent": "Hello?", **KEY}, SEND], ids=["one key", "no key"])
def test_many_sends_at_once_make_one_message(server, account, provider, query):
    provider.script(Answer(deltas=["one ", "two ", "three"], delay=0.3))

    with ThreadPoolExecutor(20) as pool:
        sent = list(pool.map(lambda _: streams.whole(server, account.token, **query), range(20)))

    assert {blocks[0].data["userMessageId"] for blocks in sent} == {str(Message.objects.get(actor="customer").pk)}
    assert {streams.text_of(blocks) for blocks in sent} == {"one two three"}
