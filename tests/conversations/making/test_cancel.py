"""Stopping a reply: what there is of it is sent, unless it needs an approval (docs/api.md, section 8)."""

import pytest

from conversations.deciding import drafts
from conversations.deciding.refusals import AlreadyDecided, TooLate
from conversations.models import Conversation, Message, Reply
from tests.conversations.making.stopping import cancel, canceled
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import DRAFT, approve, block_customer, reply_by_hand, reply_in
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)

SEND = {"conversationId": "customer-42", "textContent": "Hello?"}


@pytest.fixture
def manual(world, model, provider):
    """An account whose replies are held."""
    provider.script(Answer(deltas=["a ", "held ", "draft"]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


def newest():
    return Reply.objects.latest("created_at")


def everything():
    """All that stopping a reply may change."""
    return [list(kind.objects.order_by("id").values()) for kind in (Conversation, Message, Reply, AuditEntry)]


def assistant_messages():
    return list(Message.objects.filter(actor="assistant").order_by("sequence").values_list("body", flat=True))


def test_a_stopped_reply_is_what_there_was_of_it(server, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three"], hang_after=2, delay=0.05))
    with streams.opened(server, account.token, **SEND) as stream:
        blocks = [stream.until("accepted"), stream.until("partial")]
        while streams.text_of(blocks) != "one two ":
            blocks.append(stream.until("partial"))
        connections = provider.open_connections

        assert canceled(server, account.token, reply=newest()) == "generating"

        blocks += list(stream)
    final = blocks[-1].data
    assert final["type"] == "final"
    assert final["replyId"] == blocks[0].data["replyId"]
    assert final["message"]["data"] == {"author": "responder", "stopped": True}
    assert streams.text_of(blocks) == final["message"]["body"] == "one two "
    assert streams.history(server, account.token, "customer-42")["messages"][-1] == final["message"]
    assert newest().status == "sent"
    wait_for(lambda: provider.open_connections < connections)


@pytest.mark.parametrize("text", [[], ["\n", " \t", "\xa0"]], ids=["no text", "white space"])
def test_a_reply_without_text_is_canceled(server, account, provider, text):
    provider.script(Answer(deltas=text, hang_after=len(text)))
    asked = len(provider.requests)
    with streams.opened(server, account.token, **SEND) as stream:
        accepted = stream.until("accepted")
        wait_for(lambda: len(provider.requests) > asked)
        if text:
            stream.until("partial")

        assert canceled(server, account.token, reply=newest()) == "generating"

        error = stream.until("error").data
        assert list(stream) == []
    assert (error["code"], error["retryable"], error["replyId"]) == ("canceled", True, accepted.data["replyId"])
    assert newest().status == "canceled"
    assert assistant_messages() == []


def test_stopping_twice_changes_nothing(granian, account, provider):
    provider.script(Answer(deltas=["one ", "two"], hang_after=1))
    with streams.opened(granian, account.token, **SEND) as stream:
        stream.until("partial")
        statuses = [canceled(granian, account.token, reply=newest()) for _ in range(3)]
        assert stream.until("final").data["message"]["body"] == "one "
    before = everything()

    assert set(statuses) <= {"generating", "sent"}
    assert [canceled(granian, account.token, reply=newest()) for _ in range(2)] == ["sent", "sent"]
    assert everything() == before
    assert assistant_messages() == ["one "]


def test_a_queued_reply_is_canceled_and_the_others_go_on(granian, account, provider):
    provider.script(Answer(deltas=["first"], delay=2.0), Answer(deltas=["third"]))
    of = {"conversationId": "customer-42"}
    with (
        streams.opened(granian, account.token, textContent="1", **of) as first,
        streams.opened(granian, account.token, textContent="2", **of) as second,
        streams.opened(granian, account.token, textContent="3", **of) as third,
    ):
        for stream in (first, second, third):
            accepted = stream.until("accepted")
            if stream is second:
                queued = accepted.data["replyId"]

        assert canceled(granian, account.token, reply=queued) == "canceled"

        assert second.until("error").data["code"] == "canceled"
        assert first.until("final").data["message"]["body"] == "first"
        assert third.until("final").data["message"]["body"] == "third"
    assert assistant_messages() == ["first", "third"]


def test_the_next_reply_begins_when_the_one_before_it_is_stopped(granian, account, provider):
    provider.script(Answer(deltas=["first ", "…"], hang_after=1), Answer(deltas=["second"]))
    with streams.opened(granian, account.token, conversationId="customer-42", textContent="1") as first:
        first.until("partial")
        writing = newest()
        with streams.opened(granian, account.token, conversationId="customer-42", textContent="2") as second:
            second.until("accepted")

            canceled(granian, account.token, reply=writing)

            assert second.until("final").data["message"]["body"] == "second"
        assert first.until("final").data["message"]["body"] == "first "


def test_a_held_reply_is_never_sent_by_stopping_it(server, manual, provider, world):
    provider.script(Answer(deltas=["a ", "held ", "draft"], hang_after=2))
    asked = len(provider.requests)
    with streams.opened(server, manual.token, **SEND) as stream:
        stream.until("accepted")
        wait_for(lambda: len(provider.requests) > asked)

        assert canceled(server, manual.token, reply=newest()) == "generating"

        [error] = list(stream)
    assert error.data["code"] == "canceled"
    assert assistant_messages() == []
    with pytest.raises(AlreadyDecided, match="stopped"):
        approve(newest(), world.agent)


def test_a_draft_is_dropped(server, manual, world):
    with streams.opened(server, manual.token, **SEND) as stream:
        stream.until("pending")

        assert canceled(server, manual.token, reply=newest()) == "canceled"

        [error] = list(stream)
    assert error.data["code"] == "canceled"
    assert "draft" not in str(error.data)
    with pytest.raises(AlreadyDecided, match="stopped"):
        approve(newest(), world.agent)
    assert assistant_messages() == []


def test_a_decision_that_can_still_be_undone_is_not_carried_out(granian, manual, world):
    with streams.opened(granian, manual.token, **SEND) as stream:
        stream.until("pending")
        draft = drafts.approve_with_customer(reply=newest(), agent=world.agent, hold_seconds=60)

        assert canceled(granian, manual.token, reply=draft) == "canceled"

        assert stream.until("error").data["code"] == "canceled"
    assert drafts.carry_out(reply=draft, agent=world.agent).status == "canceled"
    with pytest.raises(TooLate, match="The reply was stopped"):
        drafts.undo(reply=draft, agent=world.agent)
    assert assistant_messages() == []
    assert not Conversation.objects.get().customer_is_approved


def test_what_was_sent_before_stays_sent(granian, manual, world):
    with streams.opened(granian, manual.token, **SEND) as stream:
        stream.until("pending")
        draft = drafts.approve(reply=newest(), agent=world.agent, hold_seconds=60)
        drafts.carry_out(reply=draft, agent=world.agent)
        before = everything()

        assert canceled(granian, manual.token, reply=draft) == "sent"

        assert stream.until("final").data["message"]["body"] == DRAFT
    assert everything()[:2] == before[:2]


@pytest.mark.parametrize("status", ["sent", "failed", "rejected", "superseded", "canceled", "by_hand"])
def test_a_reply_that_is_not_being_made_stays_what_it_is(granian, account, status):
    conversation = ConversationFactory(account=account, external_id="customer-42")
    reply = reply_in(conversation, "queued" if status == "sent" else status)
    if status == "sent":
        Reply.objects.update(status="sent", message=reply.customer_message)
    before = everything()

    assert canceled(granian, account.token, reply=reply) == status

    assert everything() == before


def test_an_agents_own_answer_is_not_stopped(granian, account, provider, world):
    provider.script(Answer(deltas=["one "], hang_after=1))
    with streams.opened(granian, account.token, **SEND) as stream:
        blocks = [stream.until("partial")]
        reply_by_hand(newest(), world.agent)

        assert canceled(granian, account.token, reply=newest()) == "superseded"

        blocks += list(stream)
    assert streams.text_of(blocks) == blocks[-1].data["message"]["body"] == "by hand"


def test_a_blocked_customer_stops_nothing_more(granian, account, provider, world):
    provider.script(Answer(deltas=["one "], hang_after=1))
    with streams.opened(granian, account.token, **SEND) as stream:
        stream.until("partial")
        block_customer(newest(), world.agent)

        assert canceled(granian, account.token, reply=newest()) == "canceled"

        assert stream.until("error").data["code"] == "canceled"
    assert assistant_messages() == []


def test_a_reply_of_another_conversation_or_account_is_unknown(granian, account, world):
    sibling, foreign = AccountFactory(workspace=world.workspace), AccountFactory(workspace=world.elsewhere)
    conversations = [
        ConversationFactory(account=owner, external_id="customer-42") for owner in (account, sibling, foreign)
    ]
    reply = reply_in(conversations[0], "awaiting_approval")
    ConversationFactory(account=account, external_id="another")
    before = everything()

    for token, conversation, reply_id in [
        (account.token, "another", str(reply.pk)),
        (account.token, "not-yet", str(reply.pk)),
        (sibling.token, "customer-42", str(reply.pk)),
        (foreign.token, "customer-42", str(reply.pk)),
        (account.token, "customer-42", str(reply.customer_message_id)),
        (account.token, "customer-42", str(reply.pk).upper()),
        (account.token, "customer-42", reply.pk.hex),
        (account.token, "customer-42", "null"),
    ]:
        refused = cancel(granian, token, reply=reply_id, conversation=conversation)
        assert refused.error == (404, "unknown_reply", "replyId"), reply_id

    assert everything() == before
    assert canceled(granian, account.token, reply=reply) == "canceled"
