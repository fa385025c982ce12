"""What agents do with drafts, and what the customer's stream shows of it (docs/api.md, section 6)."""

import threading
import time
from datetime import timedelta

import httpx2
import pytest
from django.db import connection

from conversations import replies
from conversations.models import Conversation, Message, Reply
from conversations.replies import AlreadyDecided, CannotDecide, NotSendable
from tests import streams
from tests.factories import AccountFactory, ConversationFactory
from tests.provider import Answer
from tests.waiting import wait_for
from workspaces.models import AuditEntry

over_http = pytest.mark.django_db(transaction=True)

SOURCES = [{"title": "Shipping", "url": "https://help.example/shipping"}]
SEND = {"conversationId": "customer-42", "textContent": "Hello?"}
DRAFT = "a held draft"


# The verbs


@pytest.fixture
def conversation(world):
    return ConversationFactory(account=AccountFactory(workspace=world.workspace, response_mode="manual"))


@pytest.fixture
def draft(conversation):
    return reply_in(conversation, "awaiting_approval")


def reply_in(conversation, status, text=DRAFT):
    parents = {"conversation": conversation, "workspace_id": conversation.workspace_id}
    message = Message.objects.create(account_id=conversation.account_id, actor="customer", body="Hello?", **parents)
    lease = message.created_at + timedelta(minutes=1) if status == "generating" else None
    return Reply.objects.create(
        customer_message=message,
        status=status,
        attempt=1,
        held=True,
        text=text,
        data={"author": "responder", "sources": SOURCES},
        lease_expires_at=lease,
        **parents,
    )


def approve(reply, agent):
    return replies.approve(reply=reply, agent=agent, ip="192.0.2.1")


def approve_edited(reply, agent):
    return replies.approve_edited(reply=reply, agent=agent, body=" better\r\nwords ", ip="192.0.2.1")


def reject(reply, agent):
    return replies.reject(reply=reply, agent=agent, reason="wrong price", ip="192.0.2.1")


def approve_with_customer(reply, agent):
    return replies.approve_customer(conversation=reply.conversation, agent=agent, with_draft=reply, ip="192.0.2.1")


def reply_by_hand(reply, agent):
    return replies.reply_by_hand(conversation=reply.conversation, agent=agent, body="by hand", ip="192.0.2.1")


def approve_customer(reply, agent):
    return replies.approve_customer(conversation=reply.conversation, agent=agent, ip="192.0.2.1")


def block_customer(reply, agent):
    return replies.block_customer(conversation=reply.conversation, agent=agent, ip="192.0.2.1")


DECISIONS = [approve, approve_edited, reject, approve_with_customer]
VERBS = [*DECISIONS, reply_by_hand, approve_customer, block_customer]


def everything():
    """All that a verb may change."""
    return [list(model.objects.order_by("id").values()) for model in (Conversation, Message, Reply, AuditEntry)]


def audit():
    entries = AuditEntry.objects.order_by("id")
    return [(entry.action, entry.actor, entry.workspace, entry.target_id, entry.ip) for entry in entries]


@pytest.mark.parametrize(("verb", "body", "edited"), [(approve, DRAFT, False), (approve_edited, "better\nwords", True)])
def test_an_approved_draft_is_published(world, draft, verb, body, edited):
    message = verb(draft, world.agent)

    draft.refresh_from_db()
    assert (draft.status, draft.message, draft.edited, draft.text) == ("sent", message, edited, DRAFT)
    assert draft.decided_by == world.agent
    assert draft.decided_at == draft.finished_at is not None
    message.refresh_from_db()
    assert (message.actor, message.body, message.author, message.sequence) == ("assistant", body, world.agent, 2)
    assert message.data == {"author": "responder_approved", "sources": SOURCES}
    assert Conversation.objects.get().last_sequence == 2
    assert audit() == [("reply.approve", world.agent, world.workspace, draft.pk, "192.0.2.1")]
    assert AuditEntry.objects.get().detail == {"edited": edited}


def test_an_edit_that_changes_nothing_is_no_edit(world, draft):
    replies.approve_edited(reply=draft, agent=world.agent, body=f" {DRAFT}\n")

    draft.refresh_from_db()
    assert not draft.edited
    assert draft.message.body == DRAFT


def test_a_rejected_draft_is_dropped(world, draft):
    reject(draft, world.agent)

    draft.refresh_from_db()
    assert (draft.status, draft.reason, draft.message, draft.decided_by) == (
        "rejected",
        "wrong price",
        None,
        world.agent,
    )
    assert Message.objects.count() == 1
    assert audit() == [("reply.reject", world.agent, world.workspace, draft.pk, "192.0.2.1")]
    assert AuditEntry.objects.get().detail == {"reason": "wrong price"}


@pytest.mark.parametrize("second", DECISIONS)
@pytest.mark.parametrize("first", DECISIONS)
def test_of_two_agents_one_decides_and_the_other_is_told(world, draft, first, second):
    first(draft, world.agent)
    before = everything()

    for agent in (world.owner, world.agent):
        with pytest.raises(AlreadyDecided) as told:
            second(draft, agent)
        assert str(told.value) == f"Already {'rejected' if first is reject else 'sent'} by {world.agent.display_name}."

    assert everything() == before


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_draft_is_stale_once_the_customer_wrote_something_newer(world, draft, decide):
    reply_in(draft.conversation, "queued")
    before = everything()

    with pytest.raises(AlreadyDecided, match="the customer wrote something newer"):
        decide(draft, world.agent)

    assert everything() == before


@pytest.mark.parametrize("status", ["queued", "generating", "by_hand", "failed", "canceled", "superseded"])
@pytest.mark.parametrize("decide", DECISIONS)
def test_what_is_no_draft_cannot_be_decided_on(world, conversation, decide, status):
    reply = reply_in(conversation, status)
    before = everything()

    with pytest.raises(CannotDecide):
        decide(reply, world.agent)
    assert everything() == before

    Reply.objects.update(status="awaiting_approval")
    decide(reply, world.agent)


@pytest.mark.parametrize("verb", VERBS)
def test_without_its_audit_entry_nothing_happens(world, draft, verb, monkeypatch):
    before = everything()

    def fail(*args, **kwargs):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(type(AuditEntry.objects), "record", fail)
        with pytest.raises(ZeroDivisionError):
            verb(draft, world.agent)
    assert everything() == before

    verb(draft, world.agent)
    assert everything() != before
    assert AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("body", "why"), [("", "empty"), (" \r\n\t", "empty"), ("a\x00b", "NUL"), ("a" * 20_001, "at most 20000")]
)
def test_a_text_that_cannot_be_sent_is_refused(world, draft, body, why):
    before = everything()

    with pytest.raises(NotSendable, match=why):
        replies.approve_edited(reply=draft, agent=world.agent, body=body)
    with pytest.raises(NotSendable, match=why):
        replies.reply_by_hand(conversation=draft.conversation, agent=world.agent, body=body)
    assert everything() == before

    replies.approve_edited(reply=draft, agent=world.agent, body="a" * 20_000)


def test_an_own_reply_answers_all_that_was_open(world, conversation):
    statuses = ["failed", "rejected", "by_hand", "by_hand", "queued", "generating", "awaiting_approval"]
    before = {reply_in(conversation, status): status for status in statuses}

    message = replies.reply_by_hand(conversation=conversation, agent=world.agent, body=" Hello.\r\nMina ")

    message.refresh_from_db()
    assert (message.body, message.actor, message.author) == ("Hello.\nMina", "assistant", world.agent)
    assert message.data == {"author": "agent"}
    assert message.sequence == len(statuses) + 1
    for reply, status in before.items():
        reply.refresh_from_db()
        if status in {"failed", "rejected"}:
            assert (reply.status, reply.message, reply.decided_by) == (status, None, None)
        else:
            assert reply.status == ("sent" if status == "by_hand" else "superseded")
            assert (reply.message, reply.decided_by, reply.lease_expires_at) == (message, world.agent, None)
            assert reply.finished_at
    assert [entry[0] for entry in audit()] == ["message.send"]


def test_an_approved_draft_also_answers_what_waited_for_a_person(world, conversation):
    waiting, draft = reply_in(conversation, "by_hand"), reply_in(conversation, "awaiting_approval")

    approve(draft, world.agent)

    waiting.refresh_from_db()
    assert waiting.status == "superseded"


def test_an_approved_customer_stays_approved(world, draft):
    for _ in range(2):
        assert approve_customer(draft, world.agent) is None

    assert Conversation.objects.get().customer_is_approved
    draft.refresh_from_db()
    assert draft.status == "awaiting_approval"
    assert audit() == [("customer.approve", world.agent, world.workspace, draft.conversation.pk, "192.0.2.1")]


def test_a_customer_is_approved_together_with_the_draft_or_not_at_all(world, draft):
    newer = reply_in(draft.conversation, "awaiting_approval")
    with pytest.raises(AlreadyDecided):
        approve_with_customer(draft, world.agent)
    assert not Conversation.objects.get().customer_is_approved
    assert not AuditEntry.objects.exists()

    message = approve_with_customer(newer, world.agent)

    assert Conversation.objects.get().customer_is_approved
    assert message.body == DRAFT
    assert [entry[0] for entry in audit()] == ["customer.approve", "reply.approve"]


def test_a_draft_of_another_conversation_is_not_approved_with_a_customer(world, draft):
    neighbour = reply_in(ConversationFactory(account=draft.conversation.account), "awaiting_approval")
    foreign = reply_in(ConversationFactory(account=AccountFactory(workspace=world.elsewhere)), "awaiting_approval")
    before = everything()

    for other in (neighbour, foreign):
        with pytest.raises(Reply.DoesNotExist):
            replies.approve_customer(conversation=draft.conversation, agent=world.agent, with_draft=other)

    assert everything() == before
    assert replies.approve_customer(conversation=draft.conversation, agent=world.agent, with_draft=draft)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_never_reaches_into_another_workspace(world, draft, verb):
    before = everything()
    draft.conversation.workspace_id = world.elsewhere.pk

    with pytest.raises(Conversation.DoesNotExist):
        verb(draft, world.stranger)

    assert everything() == before
    verb(Reply.objects.get(), world.agent)
    assert {entry.workspace for entry in AuditEntry.objects.all()} == {world.workspace}


def test_blocking_a_customer_drops_drafts_and_stops_what_runs(world, conversation):
    statuses = ["sent", "failed", "by_hand", "queued", "generating", "awaiting_approval"]
    before = {}
    for status in statuses:
        reply = reply_in(conversation, "queued" if status == "sent" else status)
        if status == "sent":
            Reply.objects.filter(pk=reply.pk).update(status="sent", message=reply.customer_message)
        before[reply] = status
    after = {"queued": "canceled", "generating": "canceled", "awaiting_approval": "rejected"}

    for _ in range(2):
        replies.block_customer(conversation=conversation, agent=world.agent)

    assert Conversation.objects.get().customer_is_blocked
    for reply, status in before.items():
        reply.refresh_from_db()
        assert reply.status == after.get(status, status)
        assert reply.decided_by == (world.agent if status in after else None)
        assert reply.lease_expires_at is None
    assert Message.objects.filter(actor="assistant").count() == 0
    assert [entry[0] for entry in audit()] == ["customer.block"]


@over_http
@pytest.mark.parametrize("verb", [approve, reply_by_hand], ids=["approve", "by hand"])
def test_decisions_at_the_same_moment_are_one_decision(world, draft, verb):
    """Two agents press at once: with drafts one of them wins, whoever it is."""
    start, outcomes = threading.Barrier(2), []

    def press(agent):
        reply = Reply.objects.get(pk=draft.pk)
        start.wait(5)
        try:
            outcomes.append(verb(reply, agent).sequence)
        except AlreadyDecided:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(agent,)) for agent in (world.owner, world.agent)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert sorted(map(str, outcomes)) == (["2", "told"] if verb is approve else ["2", "3"])
    assert AuditEntry.objects.count() == Message.objects.filter(actor="assistant").count()


# The customer's stream


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
        replies.block_customer(conversation=newest().conversation, agent=world.agent)
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

        replies.block_customer(conversation=newest().conversation, agent=world.agent)

        assert stream.until("error").data["code"] == "canceled"
    wait_for(lambda: provider.open_connections < connections)
    assert Message.objects.count() == 1
