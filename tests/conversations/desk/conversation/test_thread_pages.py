"""Pages of a thread, and when they change: nothing is missed, nothing repeated, and nothing asked for in vain."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.deciding import drafts, handling
from conversations.models import Reply
from tests.conversations.desk.conversation.happenings import bodies, told, write
from tests.factories.drafts import reply_in
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_pages_back_miss_nothing_and_repeat_nothing(world, conversation, thread):
    for number in range(12):
        write(conversation, f"message {number}")
        handling.leave_note(conversation=conversation, agent=world.agent, body=f"note {number}")
        handling.close(conversation=conversation, agent=world.agent)
        handling.reopen(conversation=conversation, agent=world.agent)
        failed = reply_in(conversation, "failed", text=f"failed {number}")
        drafts.retry(reply=failed, agent=world.agent)
        Reply.objects.filter(pk=failed.pk).update(status="canceled")
    whole = [entry.mark for entry in thread().entries]

    found, before = [], None
    for _ in range(20):
        page = thread(before=before, limit=5)
        found = [entry.mark for entry in page.entries] + found
        before = page.cursor
        if not page.has_earlier:
            break

    assert len(whole) == 12 * 7
    assert sorted(found) == sorted(whole)


def test_a_page_in_the_middle_ends_where_the_next_begins(conversation, thread):
    write(conversation, *"abcdefg")

    page = thread(before=6, limit=3)

    assert bodies(page) == ["c", "d", "e"]
    assert (page.cursor, page.has_earlier, page.is_latest) == (3, True, False)
    assert bodies(thread(before=3, limit=3)) == ["a", "b"]
    assert not thread(before=3, limit=3).has_earlier


def test_a_refreshed_page_begins_where_it_began(conversation, thread):
    write(conversation, *"abcdefg")
    first = thread(limit=3)
    assert (bodies(first), first.cursor) == (["e", "f", "g"], 5)

    write(conversation, *"hijk")

    again = thread(since=first.cursor, limit=3)
    assert bodies(again) == list("efghijk")
    assert (again.cursor, again.has_earlier, again.has_left_out) == (5, True, False)


def test_a_page_that_was_open_too_long_says_that_it_leaves_something_out(conversation, thread, monkeypatch):
    monkeypatch.setattr("conversations.desk.conversation.thread.REFRESHED_AT_MOST", 3)
    write(conversation, *"abcdefg")

    assert bodies(thread(since=5)) == list("efg")
    assert not thread(since=5).has_left_out
    assert bodies(thread(since=4)) == list("efg")
    assert thread(since=4).has_left_out


def test_the_version_changes_with_what_is_shown_and_only_then(world, conversation, draft, thread):
    versions = [thread().version]
    assert thread().version == versions[0]

    changes = [
        lambda: write(conversation, "more"),
        lambda: handling.leave_note(conversation=conversation, agent=world.agent, body="note"),
        lambda: handling.close(conversation=conversation, agent=world.agent),
        lambda: Reply.objects.filter(pk=draft.pk).update(status="failed"),
        lambda: Reply.objects.filter(pk=draft.pk).update(status="queued", text=""),
        lambda: Reply.objects.filter(pk=draft.pk).update(text="Once"),
        lambda: Reply.objects.filter(pk=draft.pk).update(stop_requested=True),
    ]
    for change in changes:
        change()
        versions.append(thread().version)

    assert len(set(versions)) == len(versions)


def test_an_empty_conversation_has_an_empty_thread(thread):
    assert (thread().entries, thread().cursor, thread().has_earlier) == ([], 0, False)


def test_decisions_of_another_workspace_are_not_told(world, conversation, thread):
    handling.close(conversation=conversation, agent=world.agent)
    AuditEntry.objects.record(
        workspace=world.elsewhere, actor=world.stranger, action="conversation.reopen", target=conversation
    )

    assert told(thread()) == ["Mina closed the conversation"]


def test_a_thousand_messages_take_as_many_queries_as_one(world, conversation, draft, thread):
    drafts.regenerate(reply=draft, agent=world.agent)
    handling.leave_note(conversation=conversation, agent=world.agent, body="note")
    few = queries_of(thread)

    for number in range(500):
        write(conversation, f"question {number}")
        write(conversation, f"answer {number}", actor="assistant")
    failed = reply_in(conversation, "failed")
    drafts.retry(reply=failed, agent=world.agent)

    assert 0 < queries_of(thread) <= few <= 6
    assert queries_of(lambda: thread(before=500)) <= few


def queries_of(read):
    with CaptureQueriesContext(connection) as captured:
        assert read().entries
    return len(captured)
