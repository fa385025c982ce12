"""A conversation as agents read it: what stands in the thread, in which order and in which words."""

import pytest

from conversations.deciding import answers, customers, drafts, handling
from conversations.models import Reply
from tests.conversations.desk.conversation.happenings import bodies, kinds, told, write
from tests.factories.drafts import DRAFT, reply_in
from workspaces.models import Membership

pytestmark = pytest.mark.django_db


def test_messages_notes_and_decisions_stand_in_the_order_of_time(world, conversation, thread):
    write(conversation, "one")
    handling.leave_note(conversation=conversation, agent=world.agent, body="two")
    answers.reply_by_hand(conversation=conversation, agent=world.agent, body="three")
    handling.close(conversation=conversation, agent=world.agent)
    write(conversation, "four")

    shown = thread()

    assert kinds(shown) == ["message", "note", "message", "event", "message"]
    assert bodies(shown) == ["one", "two", "three", "four"]
    assert [entry.voice for entry in shown.entries] == ["customer", None, "agent", None, "customer"]
    assert [entry.who for entry in shown.entries] == ["", "Mina", "Mina", "Mina", ""]


def test_what_waits_stands_below_what_was_said_since(world, conversation, draft, thread):
    handling.leave_note(conversation=conversation, agent=world.agent, body="later than the draft")

    assert kinds(thread()) == ["message", "note", "draft"]


@pytest.mark.parametrize(
    ("body", "words"), [(None, "Mina approved"), (DRAFT, "Mina approved"), ("Better.", "Mina edited and sent")]
)
def test_a_message_says_who_let_it_go_out(world, draft, thread, body, words):
    if body is None:
        drafts.approve(reply=draft, agent=world.agent)
    else:
        drafts.approve_edited(reply=draft, agent=world.agent, body=body)

    shown = thread()

    assert kinds(shown) == ["message", "message"]
    assert told(shown) == [words]
    assert shown.entries[-1].voice == "assistant"
    assert shown.entries[-1].reply == draft


def test_a_message_nobody_had_to_approve_names_nobody(conversation, thread):
    write(conversation, "An answer.", actor="assistant")

    assert (thread().entries[0].voice, thread().entries[0].who, thread().entries[0].words) == ("assistant", "", "")


def test_the_viewer_is_called_you(world, conversation, thread):
    handling.close(conversation=conversation, agent=world.agent)

    assert told(thread()) == ["Mina closed the conversation"]
    assert told(thread(viewer=world.agent)) == ["You closed the conversation"]


def test_somebody_who_is_gone_is_a_former_member(world, conversation, thread):
    handling.leave_note(conversation=conversation, agent=world.agent, body="mine")
    handling.close(conversation=conversation, agent=world.agent)
    world.agent.delete()

    assert [entry.who for entry in thread().entries] == ["A former member", "A former member"]


def test_decisions_about_the_conversation_are_told(world, conversation, thread):
    mina = Membership.objects.get(workspace=world.workspace, user=world.agent)
    for to in (mina, None):
        handling.assign(conversation=conversation, agent=world.owner, to=to)
    handling.assign(conversation=conversation, agent=world.agent, to=mina)
    handling.close(conversation=conversation, agent=world.agent)
    handling.reopen(conversation=conversation, agent=world.agent)
    customers.approve_customer(conversation=conversation, agent=world.agent)
    customers.block_customer(conversation=conversation, agent=world.agent)
    customers.unreview_customer(conversation=conversation, agent=world.agent)

    assert told(thread()) == [
        "You gave the conversation to Mina",
        "You gave the conversation to nobody in particular",
        "Mina took the conversation",
        "Mina closed the conversation",
        "Mina opened the conversation again",
        "Mina approved the customer: replies go out by themselves from now on",
        "Mina blocked the customer: no drafts are written any more",
        "Mina took back what was decided about the customer",
    ]


def test_a_decision_that_was_undone_is_told_and_the_final_one_only_once(world, draft, thread):
    drafts.approve(reply=draft, agent=world.agent, hold_seconds=60)
    drafts.undo(reply=draft, agent=world.agent)
    drafts.approve_edited(reply=draft, agent=world.owner, body="Better.")

    assert told(thread()) == [
        "Mina approved the draft",
        "Mina took the decision back: the draft waits again",
        "You edited and sent",
    ]


def test_a_draft_in_its_hold_is_shown_as_decided(world, draft, thread):
    drafts.approve(reply=draft, agent=world.agent, hold_seconds=60)

    shown = thread()

    assert kinds(shown) == ["message", "draft"]
    assert shown.entries[-1].subject.what_happened == "Already approved by Mina."


def test_approving_the_customer_with_a_draft_is_told_beside_the_message(world, draft, thread):
    drafts.approve_with_customer(reply=draft, agent=world.agent)

    assert sorted(told(thread())) == [
        "Mina approved",
        "Mina approved the customer: replies go out by themselves from now on",
    ]


def test_a_rejected_draft_says_why_and_what_it_was(world, draft, thread):
    drafts.reject(reply=draft, agent=world.agent, reason="wrong price")

    shown = thread()

    assert kinds(shown) == ["message", "rejected"]
    assert (shown.entries[-1].who, shown.entries[-1].subject.reason) == ("Mina", "wrong price")
    assert shown.entries[-1].subject.text == DRAFT


def test_a_draft_before_another_keeps_its_text_and_what_was_asked_for(world, draft, thread):
    drafts.regenerate(reply=draft, agent=world.agent, instruction="shorter")

    shown = thread()

    assert kinds(shown) == ["message", "earlier_draft", "growing"]
    earlier = shown.entries[1]
    assert (earlier.who, earlier.subject.instruction, earlier.subject.text) == ("Mina", "shorter", DRAFT)


@pytest.mark.parametrize(
    ("status", "stopped", "words"),
    [
        ("queued", False, "waiting its turn…"),
        ("generating", False, "writing…"),
        ("generating", True, "stopping…"),
    ],
)
def test_a_reply_that_is_being_written_says_so(conversation, thread, status, stopped, words):
    reply = reply_in(conversation, status, text="Once upon")
    Reply.objects.filter(pk=reply.pk).update(stop_requested=stopped)

    assert kinds(thread()) == ["message", "growing"]
    assert told(thread()) == [words]


def test_a_failed_reply_can_be_tried_again_until_the_customer_writes_again(conversation, thread):
    reply_in(conversation, "failed")
    assert [(entry.kind, entry.is_next) for entry in thread().entries[1:]] == [("failure", True)]

    write(conversation, "Hello?")

    assert [entry.is_next for entry in thread().entries if entry.kind == "failure"] == [False]


def test_a_draft_that_was_overtaken_says_by_what(world, conversation, draft, thread):
    answers.reply_by_hand(conversation=conversation, agent=world.agent, body="by hand")
    assert [entry.words for entry in thread().entries if entry.kind == "set_aside"] == [
        "A draft was set aside: Mina answered."
    ]


@pytest.mark.parametrize("is_approved", [False, True])
def test_a_draft_that_the_customer_overtook_says_so(world, draft, thread, is_approved):
    """Also one that an agent had just let go out."""
    if is_approved:
        drafts.approve(reply=draft, agent=world.agent, hold_seconds=60)
    Reply.objects.filter(pk=draft.pk).update(status="superseded")

    assert [entry.words for entry in thread().entries if entry.kind == "set_aside"] == [
        "A draft was set aside: the customer wrote again."
    ]
    assert [entry.words for entry in thread().entries if entry.kind == "event"] == ["approved the draft"] * is_approved


def test_only_the_newest_message_says_that_nobody_replies_by_machine(conversation, thread):
    reply_in(conversation, "by_hand")
    reply_in(conversation, "by_hand")

    assert kinds(thread()) == ["message", "message", "unanswered"]


def test_the_draft_beside_the_thread_is_not_repeated_in_it(draft, thread):
    assert kinds(thread(beside=draft.pk)) == ["message"]
    assert kinds(thread()) == ["message", "draft"]
