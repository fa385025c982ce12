"""Walking through a long list of the inbox while it changes."""

from datetime import UTC, datetime, timedelta

import pytest

from conversations.desk.inbox import lists
from conversations.desk.inbox.lists import View
from conversations.desk.keyset import Cursor
from conversations.models import Conversation
from tests.factories import AccountFactory, ConversationFactory
from tests.factories import desk_states as states
from workspaces.models import Membership

pytestmark = pytest.mark.django_db

KEY = "0" * 32
START = datetime(2026, 2, 9, 20, 5, tzinfo=UTC)


@pytest.fixture
def member(world):
    return Membership.objects.get(workspace=world.workspace, user=world.agent)


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 4)


def conversations(account, count, *, at_the_same_moment=False):
    """Newest last."""
    made = [
        ConversationFactory.build(
            account=account,
            workspace=account.workspace,
            last_message_at=START + timedelta(microseconds=0 if at_the_same_moment else number),
        )
        for number in range(count)
    ]
    return Conversation.objects.bulk_create(made)


def walk(view, member, *, meanwhile=lambda: None):
    """All keys, page by page."""
    seen, after = [], None
    while True:
        page = lists.page(view, member, after=after)
        seen += [key.conversation_id for key in page.keys]
        if page.older is None:
            return seen
        after = Cursor.parse(str(page.older))
        meanwhile()


@pytest.mark.parametrize("at_the_same_moment", [False, True])
@pytest.mark.parametrize("count", [0, 3, 4, 5, 8, 13])
def test_every_conversation_is_seen_once(account, member, count, at_the_same_moment):
    made = conversations(account, count, at_the_same_moment=at_the_same_moment)
    expected = sorted(made, key=lambda one: (one.last_message_at, one.pk), reverse=True)

    assert walk(View.ALL, member) == [one.pk for one in expected]


def test_every_conversation_is_seen_once_while_new_ones_arrive(account, member):
    made = conversations(account, 13)
    arrived = []

    seen = walk(View.ALL, member, meanwhile=lambda: arrived.append(states.fresh(account).pk))

    assert len(arrived) == 3
    assert seen == [one.pk for one in reversed(made)]


def test_a_conversation_that_moves_to_the_top_is_not_seen_twice(account, member):
    made = conversations(account, 9)

    seen = walk(View.ALL, member, meanwhile=lambda: states.say(made[-1], "Me again."))

    assert sorted(seen) == sorted(one.pk for one in made)


def test_drafts_are_paged_too(account, member):
    made = [states.with_draft(account).pk for _ in range(9)]

    assert walk(View.APPROVAL, member) == made[::-1]


def test_the_way_back_leads_over_the_same_pages(account, member):
    conversations(account, 12)
    first = lists.page(View.ALL, member)
    second = lists.page(View.ALL, member, after=first.older)
    third = lists.page(View.ALL, member, after=second.older)
    assert third.older is None

    back = lists.page(View.ALL, member, before=third.newer)
    assert back.keys == second.keys
    assert (back.older, back.newer) == (second.older, second.newer)
    start = lists.page(View.ALL, member, before=back.newer)
    assert start.keys == first.keys
    assert start.newer is None


def test_a_way_back_that_is_short_of_rows_leads_to_the_start(account, member):
    made = conversations(account, 6)
    first = lists.page(View.ALL, member)
    cursor = first.keys[2].cursor

    page = lists.page(View.ALL, member, before=cursor)

    assert page == first
    assert [key.conversation_id for key in page.keys] == [one.pk for one in made[:1:-1]]


@pytest.mark.parametrize("text", ["", "-", "1", "x-y", "1-2", f"-1-{KEY}", f"{'9' * 17}-{KEY}", f"{'9' * 400}-{KEY}"])
def test_a_cursor_that_makes_no_sense_is_none(text):
    assert Cursor.parse(f"1-{KEY}") is not None

    assert Cursor.parse(text) is None


def test_a_cursor_survives_the_address():
    cursor = Cursor(START + timedelta(microseconds=7), AccountFactory.build().pk)

    assert Cursor.parse(str(cursor)) == cursor
    assert Cursor.parse(str(cursor).upper()) == cursor
