"""The page of a conversation and its parts."""

from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.deciding import answers, handling
from conversations.desk.live import presence
from conversations.models import Reading, Reply
from tests.conversations.desk.conversation.happenings import HTMX, is_fragment, signed_in, write
from tests.factories.drafts import reply_in
from workspaces.models import Membership

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15


def test_the_page_shows_the_thread_and_the_composer(client, at, world, conversation):
    reply_in(conversation, "awaiting_approval", text="It is *late*.")
    handling.leave_note(conversation=conversation, agent=world.owner, body="Be kind.")

    text = client.get(at("conversation")).text

    for words in ("Hello?", "It is <em>late</em>.", "Be kind.", "Internal note, never sent", "Decide", "Unreviewed"):
        assert words in text
    assert "Send to" in text
    assert "Leave internal note" in text


def test_the_sources_of_a_reply_are_links_where_they_are_safe(client, at, conversation):
    reply = reply_in(conversation, "awaiting_approval")
    safe, unsafe = {"title": "Safe", "url": "https://help.example/a"}, {"title": "Unsafe", "url": "javascript:alert(1)"}
    Reply.objects.filter(pk=reply.pk).update(data={"sources": [safe, unsafe, {"title": "None", "url": None}]})

    text = client.get(at("conversation")).text

    assert '<a href="https://help.example/a" target="_blank" rel="noopener noreferrer nofollow">' in text
    assert "<bdi>Unsafe</bdi>" in text
    assert "<bdi>None</bdi>" in text
    assert "javascript:" not in text


def test_opening_it_marks_it_as_read_and_only_for_who_opened_it(client, at, world, conversation):
    reply_in(conversation, "by_hand")

    client.get(at("conversation"))

    assert [(read.user, read.sequence) for read in Reading.objects.all()] == [(world.agent, 1)]


def test_the_refreshed_thread_counts_as_read_where_somebody_sees_it(client, at, conversation):
    client.get(at("conversation"))
    reply_in(conversation, "by_hand")

    client.get(at("thread"))
    assert Reading.objects.get().sequence == 0

    client.get(at("thread"), {"seen": "1"})
    assert Reading.objects.get().sequence == 1


def test_a_thread_that_has_not_changed_is_not_sent_again(client, at, conversation):
    reply_in(conversation, "by_hand")
    version = client.get(at("thread")).context["thread"].version

    assert client.get(at("thread"), {"version": version}).status_code == HTTPStatus.NO_CONTENT

    reply_in(conversation, "by_hand")
    answer = client.get(at("thread"), {"version": version, "since": "1"})
    assert answer.status_code == HTTPStatus.OK
    assert is_fragment(answer)


def test_a_refreshed_thread_goes_on_leaving_out_the_draft_beside_it(client, at, conversation):
    draft = reply_in(conversation, "awaiting_approval", text="the draft itself")
    assert "the draft itself" in client.get(at("thread")).text

    answer = client.get(at("thread"), {"since": "1", "beside": str(draft.pk)})

    assert "the draft itself" not in answer.text
    assert f"beside={draft.pk}" in answer.text
    assert "since=1&amp;" in answer.text


def test_earlier_messages_have_a_page_of_their_own_without_scripts(client, at, conversation):
    for number in range(60):
        write(conversation, f"message-{number}.")

    newest = client.get(at("conversation"))
    assert "message-59." in newest.text
    assert "message-9." not in newest.text
    assert f"{at('conversation')}?before=11" in newest.text

    earlier = client.get(at("conversation"), {"before": "11"})
    assert "message-9." in earlier.text
    assert "message-10." not in earlier.text
    assert "Newest messages" in earlier.text
    assert "?before=" not in earlier.text

    fragment = client.get(at("thread"), {"before": "11"}, headers=HTMX)
    assert is_fragment(fragment)
    assert "message-9." in fragment.text


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "1.5", "9" * 18, "9" * 400, "²", "٣", "1 OR 1", "\x00"])
@pytest.mark.parametrize("name", ["before", "since", "version", "beside"])
def test_addresses_that_make_no_sense_do_no_harm(client, at, conversation, name, number):
    reply_in(conversation, "awaiting_approval")

    for route in ("conversation", "thread"):
        assert client.get(at(route), {name: number}).status_code == HTTPStatus.OK


@pytest.mark.parametrize("route", ["conversation", "thread", "conversation-state", "onlookers"])
def test_outsiders_and_other_workspaces_find_nothing(at, world, conversation, route):
    stranger = signed_in(world.stranger)

    assert stranger.get(at(route)).status_code == HTTPStatus.NOT_FOUND
    theirs = reverse(f"desk:{route}", args=[world.elsewhere.slug, conversation.pk])
    assert stranger.get(theirs).status_code == HTTPStatus.NOT_FOUND
    assert signed_in(world.owner).get(at(route)).status_code == HTTPStatus.OK


def test_who_else_looks_is_named(client, at, world, conversation):
    handling.leave_note(conversation=conversation, agent=world.owner, body="x")
    assert "looking" not in client.get(at("onlookers")).text

    look(world, conversation, world.owner)
    look(world, conversation, world.agent)

    text = client.get(at("onlookers")).text
    assert "Olga is looking at this" in " ".join(text.split())
    assert "Mina" not in text


def test_a_long_thread_needs_few_queries(client, at, world, conversation):
    for number in range(500):
        write(conversation, f"question {number}")
        answers.reply_by_hand(conversation=conversation, agent=world.agent, body=f"answer {number}")
    reply_in(conversation, "awaiting_approval")
    client.get(at("conversation"))

    counts = {}
    for name, query in (("conversation", {}), ("conversation", {"before": "400"}), ("thread", {"since": "900"})):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(at(name), query).status_code == HTTPStatus.OK
        counts[name, *query] = len(captured)

    assert {where: count for where, count in counts.items() if not 3 < count <= MOST_QUERIES} == {}


def look(world, conversation, user):
    member = Membership.objects.get(workspace=world.workspace, user=user)
    presence.look(member=member, conversation_id=conversation.pk)
