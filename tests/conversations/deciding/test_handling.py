"""How agents share the work: assigning, closing, notes, what was read, what a customer may expect; each once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from conversations.deciding import answers, customers, handling
from conversations.models import Conversation, Message, Note, Reading, Reply
from tests.conversations.deciding.meeting import outside
from tests.factories import AccountFactory, ConversationFactory, MembershipFactory
from tests.factories.drafts import reply_in
from workspaces.models import AuditEntry, Membership
from workspaces.refusals import Refused
from workspaces.verbs import Actor

pytestmark = pytest.mark.django_db
over_connections = pytest.mark.django_db(transaction=True)


def member(user):
    return Membership.objects.get(user=user)


def recorded():
    return list(AuditEntry.objects.order_by("created_at", "id").values_list("action", "actor__name"))


def stored():
    return Conversation.objects.get()


def everything():
    kinds = (Conversation, Message, Reply, Note, Reading, AuditEntry)
    return [list(kind.objects.order_by("id").values()) for kind in kinds]


def at_once(*calls):
    """What the calls came to, begun together, each on a connection of its own."""
    start = Barrier(len(calls))

    def called(call):
        try:
            start.wait(10)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(called, calls))


VERBS = {
    "assign": lambda conversation, agent: handling.assign(conversation=conversation, by=Actor(agent), to=member(agent)),
    "close": lambda conversation, agent: handling.close(conversation=conversation, by=Actor(agent)),
    "note": lambda conversation, agent: handling.leave_note(conversation=conversation, by=Actor(agent), body="A note"),
    "reply by hand": lambda conversation, agent: answers.reply_by_hand(
        conversation=conversation, by=Actor(agent), body="by hand"
    ),
    "approve the customer": lambda conversation, agent: customers.approve_customer(
        conversation=conversation, by=Actor(agent)
    ),
    "block the customer": lambda conversation, agent: customers.block_customer(
        conversation=conversation, by=Actor(agent)
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_never_reaches_into_another_workspace(world, conversation, verb):
    before = everything()
    conversation.workspace_id = world.elsewhere.pk

    with pytest.raises(Conversation.DoesNotExist):
        VERBS[verb](conversation, world.stranger)

    assert everything() == before
    VERBS[verb](stored(), world.agent)
    assert everything() != before


@pytest.mark.parametrize("verb", VERBS)
def test_without_its_audit_entry_nothing_happens(world, conversation, verb, monkeypatch):
    before = everything()

    def fail(*args, **kwargs):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(type(AuditEntry.objects), "record", fail)
        with pytest.raises(ZeroDivisionError):
            VERBS[verb](conversation, world.agent)
    assert everything() == before

    VERBS[verb](conversation, world.agent)
    assert AuditEntry.objects.get().actor == world.agent


def test_a_conversation_is_given_to_a_member_and_to_nobody(world, conversation):
    for _ in range(2):
        handling.assign(conversation=conversation, by=Actor(world.owner, "192.0.2.1"), to=member(world.agent))
    assert stored().assignee == world.agent
    for _ in range(2):
        handling.assign(conversation=conversation, by=Actor(world.agent), to=None)

    assert stored().assignee is None
    assert recorded() == [("conversation.assign", "Olga"), ("conversation.assign", "Mina")]
    entries = AuditEntry.objects.order_by("created_at", "id")
    assert [(entry.detail, entry.ip, entry.target_id) for entry in entries] == [
        ({"assignee": "Mina"}, "192.0.2.1", conversation.pk),
        ({"assignee": ""}, None, conversation.pk),
    ]


def test_a_conversation_is_not_given_to_somebody_of_another_workspace(world, conversation):
    handling.assign(conversation=conversation, by=Actor(world.owner), to=member(world.agent))
    both = MembershipFactory(workspace=world.elsewhere, user=world.owner)

    for foreign in (member(world.stranger), both):
        with pytest.raises(Refused, match="not a member"):
            handling.assign(conversation=conversation, by=Actor(world.owner), to=foreign)

    assert stored().assignee == world.agent


def test_a_closed_conversation_is_opened_again(world, conversation):
    for _ in range(2):
        handling.close(conversation=conversation, by=Actor(world.agent))
    assert stored().is_closed
    for _ in range(2):
        handling.reopen(conversation=conversation, by=Actor(world.owner))

    assert not stored().is_closed
    assert recorded() == [("conversation.close", "Mina"), ("conversation.reopen", "Olga")]


@over_connections
def test_the_customers_next_message_opens_a_closed_conversation(world, conversation):
    reply = reply_in(conversation, "rejected")
    handling.close(conversation=conversation, by=Actor(world.agent))

    with outside(conversation.account) as everybody_else:
        everybody_else.writes(reply)

    assert not stored().is_closed


def test_many_conversations_are_closed_at_once(world, conversation):
    others = [ConversationFactory(account=conversation.account) for _ in range(2)]
    foreign = ConversationFactory(account=AccountFactory(workspace=world.elsewhere))
    handling.close(conversation=others[0], by=Actor(world.owner))
    ours = Conversation.objects.filter(workspace=world.workspace)

    assert handling.close_all(conversations=ours, by=Actor(world.agent)) == 2
    assert handling.close_all(conversations=ours, by=Actor(world.agent)) == 0

    assert {one.status for one in ours.all()} == {"closed"}
    assert not Conversation.objects.get(pk=foreign.pk).is_closed
    assert recorded() == [
        ("conversation.close", "Olga"),
        ("conversation.close", "Mina"),
        ("conversation.close", "Mina"),
    ]


def test_a_note_is_left_once_for_each_form(world, conversation):
    key = uuid4()

    first = handling.leave_note(conversation=conversation, by=Actor(world.agent), body=" A\r\nnote\x00 ", key=key)
    again = handling.leave_note(conversation=conversation, by=Actor(world.agent), body="Another text", key=key)
    other = handling.leave_note(conversation=conversation, by=Actor(world.agent), body="A\nnote")

    assert (first.pk, first.body, first.author) == (key, "A\nnote", world.agent)
    assert again == first != other
    assert Note.objects.count() == 2
    assert recorded() == [("note.leave", "Mina")] * 2


@pytest.mark.parametrize(("body", "why"), [("", "empty"), (" \x00\r\n", "empty"), ("a" * 20_001, "at most 20000")])
def test_a_note_that_cannot_be_kept_is_refused(world, conversation, body, why):
    with pytest.raises(Refused, match=why):
        handling.leave_note(conversation=conversation, by=Actor(world.agent), body=body)
    assert everything()[3:] == [[], [], []]

    handling.leave_note(conversation=conversation, by=Actor(world.agent), body="a" * 20_000)


def test_the_form_of_one_note_leaves_no_other(world, conversation):
    note = handling.leave_note(conversation=conversation, by=Actor(world.agent), body="A note", key=uuid4())
    sibling = ConversationFactory(account=conversation.account)

    with pytest.raises(Refused, match="another note"):
        handling.leave_note(conversation=sibling, by=Actor(world.agent), body="A note", key=note.pk)

    assert Note.objects.get().conversation == conversation


@over_connections
def test_a_note_that_is_sent_twice_in_one_moment_is_left_once(world, conversation):
    key = uuid4()

    notes = at_once(
        *(
            lambda: handling.leave_note(conversation=conversation, by=Actor(world.agent), body="A note", key=key)
            for _ in range(4)
        )
    )

    assert {note.pk for note in notes} == {key}
    assert len(recorded()) == 1


def test_what_was_read_is_known_of_each_agent_and_never_forgotten(world, conversation):
    reply_in(conversation, "rejected")
    older = stored()
    reply_in(conversation, "rejected")

    handling.mark_read(conversation=stored(), reader=world.agent)
    handling.mark_read(conversation=older, reader=world.agent)
    handling.mark_read(conversation=older, reader=world.owner)

    read = set(Reading.objects.values_list("user", "sequence", "workspace"))
    assert read == {(world.agent.pk, 2, world.workspace.pk), (world.owner.pk, 1, world.workspace.pk)}
    assert recorded() == []


@over_connections
def test_what_was_read_in_two_tabs_is_read_once(world, conversation):
    at_once(*(lambda: handling.mark_read(conversation=conversation, reader=world.agent) for _ in range(4)))

    assert Reading.objects.count() == 1


@pytest.mark.parametrize("was", ["approved", "blocked"])
def test_an_approval_or_a_block_is_taken_back(world, conversation, was):
    verb = customers.approve_customer if was == "approved" else customers.block_customer
    verb(conversation=conversation, by=Actor(world.agent))
    assert stored().customer == was

    for _ in range(2):
        customers.unreview_customer(conversation=conversation, by=Actor(world.owner))

    assert stored().customer == "unreviewed"
    assert recorded()[1:] == [("customer.unreview", "Olga")]


def test_taking_a_block_back_brings_no_draft_back(world, conversation):
    draft = reply_in(conversation, "awaiting_approval")
    customers.block_customer(conversation=conversation, by=Actor(world.agent))

    customers.unreview_customer(conversation=conversation, by=Actor(world.agent))

    draft.refresh_from_db()
    assert (draft.status, draft.decided_by) == ("rejected", world.agent)


def by_hand(conversation, agent, body="by hand", key="a-form-of-mine"):
    return answers.reply_by_hand(conversation=conversation, by=Actor(agent), body=body, key=key)


def test_the_same_form_sends_one_message(world, conversation):
    reply_in(conversation, "awaiting_approval")

    first = by_hand(conversation, world.agent)
    again = by_hand(conversation, world.agent, "other words")

    assert (again.pk, again.body, again.sequence) == (first.pk, "by hand", 2)
    assert Message.objects.filter(actor="assistant").count() == 1
    assert recorded() == [("message.send", "Mina")]
    assert by_hand(conversation, world.agent, key="another-form").pk != first.pk


def test_a_form_is_its_agents_and_its_conversations_own(world, conversation):
    sibling = ConversationFactory(account=conversation.account)
    by_hand(conversation, world.agent)
    before = everything()

    for agent, other in [(world.owner, conversation), (world.agent, sibling)]:
        with pytest.raises(Refused, match="another message"):
            by_hand(other, agent)

    assert everything() == before


def test_the_forms_of_agents_and_the_keys_of_customers_do_not_meet(world, conversation):
    reply = reply_in(conversation, "by_hand")
    Message.objects.create(
        conversation=conversation,
        workspace_id=conversation.workspace_id,
        account_id=conversation.account_id,
        actor="customer",
        body="Hello",
        client_message_id="a-form-of-mine",
    )

    message = by_hand(conversation, world.agent)

    assert (message.actor, message.client_message_id) == ("assistant", "desk.a-form-of-mine")
    reply.refresh_from_db()
    assert reply.message == message


@over_connections
def test_a_form_that_is_sent_twice_in_one_moment_sends_one_message(world, conversation):
    messages = at_once(*(lambda: by_hand(conversation, world.agent) for _ in range(4)))

    assert len({message.pk for message in messages}) == 1
    assert Message.objects.count() == 1
    assert recorded() == [("message.send", "Mina")]
