"""Replies by hand and notes: sent once however often the form arrives, and never lost."""

from http import HTTPStatus

import pytest

from conversations.deciding import handling
from conversations.models import Message, Note
from tests.conversations.desk.conversation.happenings import HTMX, actions, fields, is_fragment, signed_in
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_reply_is_sent(client, at, world, conversation, headers):
    answer = client.post(at("reply-by-hand"), fields(body=" By\r\nhand. "), headers=headers)

    if headers:
        assert is_fragment(answer)
        assert "lumika:conversation" in answer.headers["HX-Trigger"]
        assert "By\nhand" not in answer.text
        assert 'data-sent="reply"' in answer.text
    else:
        assert answer.status_code == HTTPStatus.FOUND
        assert answer.url.startswith(at("conversation"))
    message = Message.objects.get()
    assert (message.body, message.author, message.actor) == ("By\nhand.", world.agent, "assistant")
    assert actions() == ["message.send"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_note_is_left(client, at, world, conversation, headers):
    answer = client.post(at("leave-note"), fields(body=" Be\r\nkind. "), headers=headers)

    assert is_fragment(answer) if headers else answer.url.startswith(at("conversation"))
    note = Note.objects.get()
    assert (note.body, note.author) == ("Be\nkind.", world.agent)
    assert not Message.objects.exists()
    assert actions() == ["note.leave"]


@pytest.mark.parametrize(("route", "model"), [("reply-by-hand", Message), ("leave-note", Note)])
def test_the_same_form_again_changes_nothing(client, at, route, model):
    form = fields(body="Once.")

    for headers in ({}, HTMX, {}):
        answer = client.post(at(route), form, headers=headers)
        assert answer.status_code in {HTTPStatus.OK, HTTPStatus.FOUND}

    assert [one.body for one in model.objects.all()] == ["Once."]
    assert len(actions()) == 1


@pytest.mark.parametrize(("route", "model"), [("reply-by-hand", Message), ("leave-note", Note)])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_the_same_words_in_another_form_are_asked_about(client, at, world, conversation, route, model, headers):
    """As after going back in the browser: the text is there again, the key is a new one."""
    client.post(at(route), fields(body="Once."))
    form = fields(body="Once.\r\n")

    answer = client.post(at(route), form, headers=headers)

    assert "exactly this just now" in answer.text
    assert 'name="again"' in answer.text
    assert "Once.</textarea>" in answer.text or "Once.\r\n</textarea>" in answer.text
    assert model.objects.count() == 1
    client.post(at(route), form | {"again": "yes"})
    assert model.objects.count() == 2


@pytest.mark.parametrize(("route", "model"), [("reply-by-hand", Message), ("leave-note", Note)])
def test_other_words_and_other_people_are_not_asked_about(client, at, world, route, model):
    olga = signed_in(world.owner)
    for who, words in ((client, "Once."), (client, "Twice."), (client, "Once."), (olga, "Once.")):
        who.post(at(route), fields(body=words))

    assert model.objects.count() == 4


@pytest.mark.parametrize(("route", "model"), [("reply-by-hand", Message), ("leave-note", Note)])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_other_words_in_a_form_that_was_sent_come_back_with_a_new_key(client, at, route, model, headers):
    form = fields(body="First.")
    client.post(at(route), form)

    answer = client.post(at(route), form | {"body": "Second thoughts."}, headers=headers)

    assert "already, as you first wrote it" in answer.text
    assert ">Second thoughts.</textarea>" in answer.text
    assert f'value="{form["key"]}"' not in answer.text
    assert [one.body for one in model.objects.all()] == ["First."]


@pytest.mark.parametrize("key", ["", "x", None])
@pytest.mark.parametrize("route", ["reply-by-hand", "leave-note"])
def test_a_form_without_a_key_is_taken_as_a_new_one(client, at, route, key):
    form = {"body": "Words."} | ({} if key is None else {"key": key})

    assert client.post(at(route), form).status_code == HTTPStatus.FOUND
    assert len(actions()) == 1


@pytest.mark.parametrize("route", ["reply-by-hand", "leave-note"])
@pytest.mark.parametrize(("body", "why"), [(" \r\n ", "is empty"), ("a" * 20_001, "at most 20000")])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_was_typed_survives_a_refusal(client, at, route, body, why, headers):
    form = fields(body=body)

    answer = client.post(at(route), form, headers=headers)

    assert answer.status_code == HTTPStatus.OK
    assert why in answer.text
    assert body.strip() in answer.text
    assert f'value="{form["key"]}"' in answer.text
    assert bool(headers) == is_fragment(answer)
    assert not Message.objects.exists()
    assert not Note.objects.exists()

    client.post(at(route), form | {"body": "Short."})
    assert len(actions()) == 1


def test_a_key_of_another_conversations_note_is_refused(client, at, world, conversation):
    elsewhere = ConversationFactory(account=conversation.account)
    note = handling.leave_note(conversation=elsewhere, agent=world.agent, body="there")

    answer = client.post(at("leave-note"), {"key": str(note.pk), "body": "here"})

    assert "Reload the page" in answer.text
    assert ">here</textarea>" in answer.text
    assert [one.body for one in Note.objects.all()] == ["there"]


def test_a_key_of_another_agents_message_is_refused(client, at, world, conversation):
    form = fields(body="Olga's.")
    signed_in(world.owner).post(at("reply-by-hand"), form)

    answer = client.post(at("reply-by-hand"), form | {"body": "Mina's."})

    assert "Reload the page" in answer.text
    assert ">Mina&#x27;s.</textarea>" in answer.text
    assert Message.objects.get().body == "Olga's."
