"""Which conversations a view of the inbox holds, how many, and what a row says to whom."""

import pytest
from django.db import IntegrityError, transaction

from conversations.deciding import answers, drafts, handling
from conversations.desk.inbox import lists
from conversations.desk.inbox.lists import View
from conversations.models import Conversation
from tests.factories import AccountFactory, ConversationFactory, MembershipFactory
from tests.factories import desk_states as states
from tests.factories.drafts import reply_in
from workspaces.models import Membership

pytestmark = pytest.mark.django_db

APPROVAL, UNANSWERED, MINE, FAILED, ALL, CLOSED = View


@pytest.fixture
def account(world):
    return AccountFactory(workspace=world.workspace, name="Shop", response_mode="manual")


@pytest.fixture
def member(world):
    return Membership.objects.select_related("workspace", "user").get(workspace=world.workspace, user=world.agent)


@pytest.fixture
def colleague(world):
    return Membership.objects.get(workspace=world.workspace, user=world.owner)


STATES = {
    "the customer wrote": (lambda a, me, other: states.fresh(a), {UNANSWERED, ALL}),
    "answered": (lambda a, me, other: states.answered(a, me.user), {ALL}),
    "a draft waits": (lambda a, me, other: states.with_draft(a), {APPROVAL, UNANSWERED, ALL}),
    "a draft is decided on": (lambda a, me, other: states.with_draft_in_hold(a, me.user), {UNANSWERED, ALL}),
    "a reply is being written": (lambda a, me, other: states.being_written(a), {UNANSWERED, ALL}),
    "failed": (lambda a, me, other: states.failed(a), {UNANSWERED, FAILED, ALL}),
    "failed, the customer wrote again": (lambda a, me, other: states.failed_then_written_again(a), {UNANSWERED, ALL}),
    "failed, then answered": (lambda a, me, other: states.failed_then_answered(a, me.user), {ALL}),
    "failed, then tried again": (lambda a, me, other: states.failed_then_tried_again(a, me.user), {UNANSWERED, ALL}),
    "mine": (lambda a, me, other: states.assigned(a, me.user, me), {MINE, ALL}),
    "somebody else's": (lambda a, me, other: states.assigned(a, me.user, other), {ALL}),
    "mine, closed": (lambda a, me, other: states.closed(states.assigned(a, me.user, me), me.user), {ALL, CLOSED}),
    "answered, closed": (lambda a, me, other: states.closed(states.answered(a, me.user), me.user), {ALL, CLOSED}),
    "failed, closed": (lambda a, me, other: states.closed(states.failed(a), me.user), {ALL, CLOSED}),
    "a draft waits, closed": (
        lambda a, me, other: states.closed(states.with_draft(a), me.user),
        {APPROVAL, ALL, CLOSED},
    ),
}


def test_a_view_holds_exactly_what_it_says(account, member, colleague, world):
    made = {name: make(account, member, colleague).pk for name, (make, _) in STATES.items()}
    states.failed(AccountFactory(workspace=world.elsewhere))
    states.with_draft(AccountFactory(workspace=world.elsewhere))

    for view in View:
        held = {key.conversation_id for key in lists.page(view, member).keys}
        assert {name for name, pk in made.items() if pk in held} == {
            name for name, (_, views) in STATES.items() if view in views
        }, view
        assert len(held) == len([views for _, views in STATES.values() if view in views]), view


def test_the_counts_are_those_of_the_views(account, member, colleague, django_assert_num_queries):
    for make, _ in STATES.values():
        make(account, member, colleague)

    with django_assert_num_queries(1):
        counted = lists.counted(member)

    assert {view: count.number for view, count in counted.items()} == {
        view: len(lists.page(view, member).keys) for view in View
    }


def test_a_count_ends_at_99_plus(account, member):
    Conversation.objects.bulk_create(
        ConversationFactory.build(account=account, workspace=account.workspace, last_message_at="2026-01-01T00:00Z")
        for _ in range(100)
    )

    assert str(lists.counted(member)[ALL]) == "99+"
    assert str(lists.counted(member)[CLOSED]) == "0"


def test_a_list_begins_with_the_newest_message(account, member, world):
    first, second = states.fresh(account), states.fresh(account)
    answers.reply_by_hand(conversation=first, agent=world.agent, body="Hello.")

    assert [key.conversation_id for key in lists.page(ALL, member).keys] == [first.pk, second.pk]


def test_only_a_failure_of_the_newest_reply_marks_a_conversation(account):
    conversation = ConversationFactory(account=account)
    older = reply_in(conversation, "generating")
    reply_in(conversation, "queued")

    states.fail(conversation)

    older.refresh_from_db()
    assert older.has_failed
    assert not Conversation.objects.get(pk=conversation.pk).reply_failed


def test_a_failure_is_over_once_another_try_succeeds(account, world):
    conversation = states.failed(account)
    assert Conversation.objects.get(pk=conversation.pk).reply_failed

    reply = drafts.retry(reply=conversation.replies.get(), agent=world.agent)

    assert not Conversation.objects.get(pk=conversation.pk).reply_failed
    assert reply.status == "queued"


def test_unread_is_each_agents_own(account, member, colleague, world):
    conversation = states.fresh(account)
    states.say(conversation, "Anybody there?")
    conversation.refresh_from_db()

    handling.mark_read(conversation=conversation, agent=world.agent)
    assert unread(member, conversation) == 0
    assert unread(colleague, conversation) == 2

    states.say(conversation, "Hello??")
    assert unread(member, conversation) == 1
    assert unread(colleague, conversation) == 3


def test_what_is_open_before_somebody_is_not_unread(account, member):
    conversation = states.fresh(account)

    row = lists.rows(member, [conversation.pk], opened=conversation.pk)[conversation.pk]

    assert row.is_open
    assert not row.unread
    assert unread(member, conversation) == 1


def test_a_row_says_who_wrote_last_and_what(account, member, world):
    waiting, done = states.with_draft(account), states.answered(account, world.agent)

    rows = lists.rows(member, [waiting.pk, done.pk])

    assert (rows[waiting.pk].preview, rows[waiting.pk].is_answered) == ("Hello?", False)
    assert rows[waiting.pk].reply.awaits_approval
    assert (rows[done.pk].preview, rows[done.pk].is_answered) == ("On Monday.", True)
    assert not rows[done.pk].reply.awaits_approval


def test_a_row_knows_the_reply_to_the_newest_question_only(account, member, world):
    conversation = states.failed(account)
    reply_in(conversation, "generating")

    row = lists.rows(member, [conversation.pk])[conversation.pk]

    assert row.reply.is_being_written
    assert not row.conversation.reply_failed


def test_rows_of_another_workspace_are_not_shown(account, member, world):
    theirs = states.fresh(AccountFactory(workspace=world.elsewhere))
    ours = states.fresh(account)

    assert set(lists.rows(member, [theirs.pk, ours.pk])) == {ours.pk}


def test_mine_is_of_one_workspace_only(account, member, world):
    elsewhere = AccountFactory(workspace=world.elsewhere)
    also_member = MembershipFactory(workspace=world.elsewhere, user=world.agent)
    theirs = states.assigned(elsewhere, world.stranger, also_member)
    ours = states.assigned(account, world.agent, member)

    assert [key.conversation_id for key in lists.page(MINE, member).keys] == [ours.pk]
    assert [key.conversation_id for key in lists.page(MINE, also_member).keys] == [theirs.pk]


def test_a_page_takes_three_queries_however_many_rows_it_has(account, member, django_assert_num_queries):
    for _ in range(8):
        states.with_draft(account)

    with django_assert_num_queries(3):
        page = lists.page(ALL, member)
        rows = lists.rows(member, [key.conversation_id for key in page.keys])
        assert [rows[key.conversation_id].conversation.account.name for key in page.keys] == ["Shop"] * 8


def test_a_key_is_still_unique_in_its_account(account):
    ConversationFactory(account=account, external_id="customer-1")
    ConversationFactory(account=AccountFactory(workspace=account.workspace), external_id="customer-1")

    with pytest.raises(IntegrityError, match="conversation_once_per_account"), transaction.atomic():
        ConversationFactory(account=account, external_id="customer-1")


def unread(member, conversation):
    return lists.rows(member, [conversation.pk])[conversation.pk].unread.number
