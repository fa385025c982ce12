"""What agents do with drafts."""

import threading

import pytest
from django.db import connection

from conversations.deciding import answers, customers, drafts
from conversations.deciding.refusals import AlreadyDecided, CannotDecide, NotSendable
from conversations.models import Conversation, Message, Reply
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import (
    DECISIONS,
    DRAFT,
    SOURCES,
    VERBS,
    approve,
    approve_customer,
    approve_edited,
    approve_with_customer,
    reject,
    reply_by_hand,
    reply_in,
)
from workspaces.models import AuditEntry

over_http = pytest.mark.django_db(transaction=True)


@pytest.fixture
def conversation(world):
    return ConversationFactory(account=AccountFactory(workspace=world.workspace, response_mode="manual"))


@pytest.fixture
def draft(conversation):
    return reply_in(conversation, "awaiting_approval")


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
    assert draft.decided_at and draft.finished_at
    message.refresh_from_db()
    assert (message.actor, message.body, message.author, message.sequence) == ("assistant", body, world.agent, 2)
    assert message.data == {"author": "responder_approved", "sources": SOURCES}
    assert Conversation.objects.get().last_sequence == 2
    assert audit() == [("reply.approve", world.agent, world.workspace, draft.pk, "192.0.2.1")]
    assert AuditEntry.objects.get().detail == {"edited": edited}


def test_an_edit_that_changes_nothing_is_no_edit(world, draft):
    drafts.approve_edited(reply=draft, agent=world.agent, body=f" {DRAFT}\n")

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

    decide(reply_in(conversation, "awaiting_approval"), world.agent)


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
        drafts.approve_edited(reply=draft, agent=world.agent, body=body)
    with pytest.raises(NotSendable, match=why):
        answers.reply_by_hand(conversation=draft.conversation, agent=world.agent, body=body)
    assert everything() == before

    drafts.approve_edited(reply=draft, agent=world.agent, body="a" * 20_000)


def test_an_own_reply_answers_all_that_was_open(world, conversation):
    statuses = ["failed", "rejected", "by_hand", "by_hand", "queued", "generating", "awaiting_approval"]
    before = {reply_in(conversation, status): status for status in statuses}

    message = answers.reply_by_hand(conversation=conversation, agent=world.agent, body=" Hello.\r\nMina ")

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
    assert [entry[0] for entry in audit()] == ["reply.approve"]
    assert AuditEntry.objects.get().detail == {"edited": False, "customer": "approved"}


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
        customers.block_customer(conversation=conversation, agent=world.agent)

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
