"""A message goes in, its reply streams out, and both stand in the history; on Granian and on daphne."""

import pytest

from conversations.models import Conversation, Message, Reply
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def plain_provider(provider):
    provider.script(Answer())


def test_a_message_is_accepted_streamed_and_published(server, account):
    blocks = streams.whole(server, account.token, conversationId="customer-42", textContent="  Hello?  ")

    assert blocks[0].type == "accepted"
    assert {block.type for block in blocks[1:-1]} == {"partial"}
    final = blocks[-1].data
    assert final["type"] == "final"
    assert final["message"]["body"] == streams.text_of(blocks) == "".join(Answer().deltas)
    assert final["message"]["data"] == {"author": "responder"}
    page = streams.history(server, account.token, "customer-42")
    assert [(m["actor"], m["body"]) for m in page["messages"]] == [
        ("customer", "Hello?"),
        ("assistant", final["message"]["body"]),
    ]
    assert page["messages"][1] == final["message"]
    assert page["lastMessageId"] == final["message"]["id"]
    assert not page["hasMore"]


def test_without_a_conversation_id_the_server_issues_one(server, account):
    blocks = streams.whole(server, account.token, textContent="Hello?")

    issued = blocks[0].data["conversationId"]
    assert issued.startswith("c_")
    assert len(issued) == 34
    assert Conversation.objects.get().external_id == issued
    assert len(streams.history(server, account.token, issued)["messages"]) == 2


def test_a_slow_reply_streams_while_it_is_made(server, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three"], delay=0.2))

    blocks = streams.whole(server, account.token, conversationId="c", textContent="Hello?")

    assert [block.data.get("delta") for block in blocks if block.type == "partial"] == ["one ", "two ", "three"]


def test_without_a_responder_a_person_has_to_answer(server, world):
    account = AccountFactory(workspace=world.workspace)

    with streams.opened(server, account.token, conversationId="c", textContent="Hello?") as stream:
        accepted = stream.until("accepted")
        pending = stream.until("pending")

    assert accepted.data["replyId"] is None
    assert pending.data["reason"] == "no_responder"
    assert Reply.objects.get().status == "by_hand"
    assert Message.objects.count() == 1


def test_messages_sent_meanwhile_are_answered_one_at_a_time_in_order(server, account, provider):
    provider.script(Answer(deltas=["first"], delay=0.5), Answer(deltas=["second"]))

    with streams.opened(server, account.token, conversationId="c", textContent="1") as first:
        first.until("accepted")
        second = streams.whole(server, account.token, conversationId="c", textContent="2")
        assert first.until("final").data["message"]["body"] == "first"

    assert second[-1].data["message"]["body"] == "second"
    bodies = list(Message.objects.order_by("sequence").values_list("body", flat=True))
    assert bodies == ["1", "2", "first", "second"]


def test_framing_holds_whatever_the_responder_writes(server, account, provider):
    text = "a\r\nb\n\ndata: x\nid: 1\r: c\u2028d\u2029\x07\x1b[0m\u202e🦊"
    provider.script(Answer(deltas=[text, "\x00", "end"]))

    blocks = streams.whole(server, account.token, conversationId="c", textContent="Hello?")

    assert streams.text_of(blocks) == text + "end"
    assert streams.history(server, account.token, "c")["messages"][1]["body"] == text + "end"
