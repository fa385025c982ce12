"""What a customer's stream shows of a draft that people decide on (docs/api.md, section 6)."""

import time
from datetime import timedelta

import httpx2
import pytest

from conversations.deciding import customers
from conversations.deciding.refusals import AlreadyDecided
from conversations.models import Message, Reply
from tests.factories import AccountFactory
from tests.factories.drafts import (
    DRAFT,
    approve,
    approve_customer,
    approve_edited,
    approve_with_customer,
    reject,
    reply_by_hand,
)
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

over_http = pytest.mark.django_db(transaction=True)

SEND = {"conversationId": "customer-42", "textContent": "Hello?"}


@pytest.fixture
def manual(world, model, provider):
    """An account whose replies are held."""
    provider.script(Answer(deltas=["a ", "held ", "draft"]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


def resume(server, token, event_id, **query):
    """The status of a resume; a stream is cut at once."""
    parameters = {"integrationToken": token, **SEND, **query}
    headers = {"Last-Event-ID": event_id}
    url = f"{server}/conversation/sse"
    with httpx2.stream("GET", url, params=parameters, headers=headers) as response:
        return response.status_code


def newest():
    return Reply.objects.latest("created_at")


@over_http
@pytest.mark.parametrize(
    ("decide", "body", "author"),
    [
        (approve, DRAFT, "responder_approved"),
        (approve_edited, "better\nwords", "responder_approved"),
        (approve_with_customer, DRAFT, "responder_approved"),
        (reply_by_hand, "by hand", "agent"),
    ],
)
def test_a_decision_arrives_on_the_same_stream(server, manual, world, decide, body, author):
    with streams.opened(server, manual.token, **SEND) as stream:
        opening = [next(iter(stream)), next(iter(stream))]
        assert newest().text == DRAFT
        assert len(streams.history(server, manual.token, "customer-42")["messages"]) == 1

        decide(newest(), world.agent)
        decided = time.monotonic()
        ending = list(stream)

    assert [block.type for block in opening] == ["accepted", "pending"]
    accepted, pending = (block.data for block in opening)
    ids = {name: accepted[name] for name in ("conversationId", "userMessageId", "replyId")}
    assert accepted["replyId"] == str(newest().pk)
    assert pending == {"type": "pending", "reason": "awaiting_approval", **ids}
    assert time.monotonic() - decided < 3
    [final] = ending
    assert final.data == {"type": "final", "message": final.data["message"], **ids}
    assert final.data["message"]["body"] == body
    assert final.data["message"]["data"]["author"] == author
    page = streams.history(server, manual.token, "customer-42")
    assert page["messages"][-1] == final.data["message"]
    assert resume(server, manual.token, final.id) == 204


@over_http
def test_a_draft_never_leaks_while_it_is_made(granian, manual, provider):
    provider.script(Answer(deltas=["a ", "held ", "draft"], delay=0.3))

    with streams.opened(granian, manual.token, **SEND) as stream:
        accepted, pending = next(iter(stream)), next(iter(stream))

    assert (accepted.type, pending.type) == ("accepted", "pending")
    assert "draft" not in str(accepted.data) + str(pending.data)
    assert newest().text == DRAFT


@over_http
def test_a_rejected_draft_ends_the_stream_in_silence(granian, manual, world):
    with streams.opened(granian, manual.token, **SEND) as stream:
        pending = stream.until("pending")
        assert resume(granian, manual.token, pending.id) == 200

        reject(newest(), world.agent)

        assert list(stream) == []
    assert resume(granian, manual.token, pending.id) == 204
    assert Message.objects.count() == 1


@over_http
def test_an_agent_answers_where_there_is_no_responder(server, world):
    account = AccountFactory(workspace=world.workspace)
    with streams.opened(server, account.token, **SEND) as stream:
        pending = stream.until("pending")

        reply_by_hand(newest(), world.agent)

        [final] = list(stream)
    [resumed] = streams.whole(server, account.token, headers={"Last-Event-ID": pending.id}, **SEND)
    assert (pending.data["reason"], pending.data["replyId"]) == ("no_responder", None)
    assert final.data["message"]["body"] == "by hand"
    assert final.data["replyId"] is None
    assert resumed.data == final.data


@over_http
def test_an_own_reply_takes_the_place_of_one_that_is_streaming(granian, account, world, provider):
    provider.script(Answer(deltas=["one ", "two ", "three "], hang_after=2))
    with streams.opened(granian, account.token, **SEND) as stream:
        shown = [stream.until("partial")]

        reply_by_hand(newest(), world.agent)

        shown += list(stream)
    assert shown[-1].data["message"]["body"] == "by hand"
    assert streams.text_of(shown) == "by hand"
    assert Reply.objects.get().status == "superseded"


@over_http
def test_an_approved_customer_gets_the_next_replies_at_once(granian, manual, world, provider):
    with streams.opened(granian, manual.token, **SEND) as stream:
        stream.until("pending")
        approve_with_customer(newest(), world.agent)
        assert stream.until("final").data["message"]["body"] == DRAFT

    blocks = streams.whole(granian, manual.token, conversationId="customer-42", textContent="And now?")

    assert blocks[0].type == "accepted"
    assert {block.type for block in blocks[1:-1]} == {"partial"}
    assert streams.text_of(blocks) == blocks[-1].data["message"]["body"] == DRAFT
    assert blocks[-1].data["message"]["data"] == {"author": "responder"}
    with streams.opened(granian, manual.token, conversationId="another", textContent="Hello?") as stream:
        assert stream.until("pending")


@over_http
def test_a_second_message_supersedes_the_first_draft(granian, manual, world, provider):
    with streams.opened(granian, manual.token, **SEND) as first:
        first_pending = first.until("pending")
        first_draft = newest()
        with streams.opened(granian, manual.token, conversationId="customer-42", textContent="And?") as second:
            second.until("pending")
            assert list(first) == []
            with pytest.raises(AlreadyDecided):
                approve(first_draft, world.agent)
            approve(newest(), world.agent)
            assert second.until("final").data["message"]["body"] == DRAFT

    assert resume(granian, manual.token, first_pending.id) == 204
    assert Reply.objects.get(pk=first_draft.pk).status == "superseded"
    asked = [turn["content"] for turn in provider.requests[-1].json["messages"] if turn["role"] == "user"]
    assert "Hello?" in str(asked)
    assert "And?" in str(asked)
    bodies = list(Message.objects.values_list("body", flat=True))
    assert bodies == ["Hello?", "And?", DRAFT]


@over_http
def test_messages_that_arrive_while_a_draft_is_made_get_one_draft(granian, manual, world, provider):
    provider.script(Answer(deltas=["a ", "held ", "draft"], delay=0.3))
    with streams.opened(granian, manual.token, **SEND) as first:
        accepted = first.until("accepted")
        with streams.opened(granian, manual.token, conversationId="customer-42", textContent="And?") as second:
            second.until("accepted")
            third = streams.whole(granian, manual.token, conversationId="customer-42", textContent="Well?")
            assert [block.type for block in third] == ["accepted", "pending"]
            assert list(first) == list(second) == []

    statuses = list(Reply.objects.order_by("created_at").values_list("status", flat=True))
    assert statuses == ["superseded", "superseded", "awaiting_approval"]
    assert resume(granian, manual.token, accepted.id) == 204
    with pytest.raises(AlreadyDecided):
        approve(Reply.objects.earliest("created_at"), world.agent)
    assert approve(newest(), world.agent).sequence == 4


@over_http
def test_a_customer_approved_while_a_draft_is_made_gets_it(granian, manual, world, provider):
    provider.script(Answer(deltas=["a ", "held ", "draft"], delay=0.3))
    with streams.opened(granian, manual.token, **SEND) as stream:
        stream.until("accepted")
        approve_customer(newest(), world.agent)
        blocks = list(stream)

    assert "pending" not in {block.type for block in blocks}
    assert blocks[-1].data["message"]["body"] == DRAFT
    assert blocks[-1].data["message"]["data"] == {"author": "responder"}


@over_http
def test_a_held_stream_ends_after_a_while_and_its_resume_goes_on_holding(granian, manual, world):
    held = streams.whole(granian, manual.token, **SEND)
    assert [block.type for block in held] == ["accepted", "pending"]

    with streams.opened(granian, manual.token, headers={"Last-Event-ID": held[-1].id}, **SEND) as stream:
        assert stream.response.status_code == 200
        approve(newest(), world.agent)
        blocks = list(stream)

    assert [block.type for block in blocks] == ["final"]
    assert Message.objects.filter(actor="customer").count() == 1


@over_http
@pytest.mark.parametrize("mode", ["manual", "no_responder"])
def test_nobody_waits_longer_than_fifteen_minutes(granian, manual, world, mode):
    account = manual if mode == "manual" else AccountFactory(workspace=world.workspace)
    with streams.opened(granian, account.token, **SEND) as stream:
        pending = stream.until("pending")
    Reply.objects.update(created_at=newest().created_at - timedelta(minutes=14, seconds=30))
    assert resume(granian, account.token, pending.id) == 200

    Reply.objects.update(created_at=newest().created_at - timedelta(seconds=31))

    assert resume(granian, account.token, pending.id) == 204
    reply_by_hand(newest(), world.agent)
    assert resume(granian, account.token, pending.id) == 200


@over_http
def test_a_blocked_customer_is_heard_but_gets_no_draft(granian, manual, world, provider):
    with streams.opened(granian, manual.token, **SEND) as stream:
        pending = stream.until("pending")
        customers.block_customer(conversation=newest().conversation, agent=world.agent)
        assert list(stream) == []
    assert resume(granian, manual.token, pending.id) == 204
    asked = len(provider.requests)

    with streams.opened(granian, manual.token, conversationId="customer-42", textContent="Why?") as stream:
        accepted, pending = next(iter(stream)), next(iter(stream))

    assert (accepted.data["replyId"], pending.data["replyId"]) == (None, None)
    assert pending.type == "pending"
    assert (newest().status, newest().text) == ("by_hand", "")
    assert len(provider.requests) == asked
    page = streams.history(granian, manual.token, "customer-42")
    assert [message["body"] for message in page["messages"]] == ["Hello?", "Why?"]


@over_http
def test_blocking_stops_a_reply_that_is_being_made(granian, manual, world, provider):
    provider.script(Answer(hang_after=1))
    asked = len(provider.requests)
    with streams.opened(granian, manual.token, **SEND) as stream:
        stream.until("accepted")
        wait_for(lambda: len(provider.requests) > asked)
        connections = provider.open_connections

        customers.block_customer(conversation=newest().conversation, agent=world.agent)

        assert stream.until("error").data["code"] == "canceled"
    wait_for(lambda: provider.open_connections < connections)
    assert Message.objects.count() == 1
