"""Each verb about a conversation: its effect once, with and without htmx, and for members only."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from conversations.models import Reply
from tests.conversations.desk.conversation.happenings import HTMX, actions, fields, is_fragment, signed_in
from tests.factories.drafts import reply_in
from workspaces.models import Membership

pytestmark = pytest.mark.django_db

OF_THE_CONVERSATION = ["assign", "close", "reopen", "approve-customer", "block-customer", "unreview-customer"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_the_conversation_is_given_to_a_member_and_back(client, at, world, conversation, headers):
    olga = Membership.objects.get(workspace=world.workspace, user=world.owner)

    for to, assignee in ((str(olga.pk), world.owner), (str(olga.pk), world.owner), ("", None)):
        answer = client.post(at("assign"), {"to": to}, headers=headers)
        assert is_fragment(answer) if headers else answer.url.startswith(at("conversation"))
        conversation.refresh_from_db()
        assert conversation.assignee == assignee

    assert actions() == ["conversation.assign"] * 2


def test_nobody_of_another_workspace_can_be_assigned(client, at, world, conversation):
    sam = Membership.objects.get(workspace=world.elsewhere, user=world.stranger)

    assert client.post(at("assign"), {"to": str(sam.pk)}).status_code == HTTPStatus.NOT_FOUND
    assert client.post(at("assign"), {"to": str(world.stranger.pk)}).status_code == HTTPStatus.NOT_FOUND
    assert client.post(at("assign"), {"to": "nonsense"}).status_code == HTTPStatus.NOT_FOUND

    conversation.refresh_from_db()
    assert conversation.assignee is None
    assert actions() == []


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("route", "field", "value", "action"),
    [
        ("close", "status", "closed", "conversation.close"),
        ("approve-customer", "customer", "approved", "customer.approve"),
        ("block-customer", "customer", "blocked", "customer.block"),
    ],
)
def test_a_verb_changes_the_conversation_once_and_can_be_taken_back(
    client, at, conversation, route, field, value, action, headers
):
    before = getattr(conversation, field)

    for _ in range(2):
        answer = client.post(at(route), headers=headers)
        conversation.refresh_from_db()
        assert getattr(conversation, field) == value
        assert is_fragment(answer) if headers else answer.url.startswith(at("conversation"))
    assert actions() == [action]

    back = "reopen" if route == "close" else "unreview-customer"
    answer = client.post(at(back), headers=headers)
    conversation.refresh_from_db()
    assert getattr(conversation, field) == before
    if headers:
        assert 'id="conversation-state"' in answer.text


def test_the_buttons_say_what_will_happen(client, at, conversation):
    for decide, offered in (
        (None, ["approve-customer", "block-customer"]),
        ("approve-customer", ["unreview-customer", "block-customer"]),
        ("block-customer", ["unreview-customer", "approve-customer"]),
    ):
        if decide:
            client.post(at(decide))
        verbs = client.get(at("conversation-state")).context["customer_verbs"]
        assert [verb.address for verb in verbs] == [at(one) for one in offered]
        assert all(verb.meaning for verb in verbs)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_failed_reply_is_tried_again_once(client, at, world, conversation, headers):
    reply = reply_in(conversation, "failed")
    Reply.objects.filter(pk=reply.pk).update(error_message="The provider did not answer in time.")
    assert "The provider did not answer in time." in client.get(at("conversation")).text
    retry = reverse("desk:retry", args=[world.workspace.slug, reply.pk])

    first = client.post(retry, headers=headers)
    second = client.post(retry, headers=headers)

    reply.refresh_from_db()
    assert reply.status == "queued"
    assert actions() == ["reply.retry"]
    if headers:
        assert is_fragment(first)
        assert first.headers["HX-Trigger"]
        assert "Another draft" in second.text
    else:
        assert second.url.startswith(at("conversation"))


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_reply_is_stopped_once(client, at, world, conversation, headers):
    reply = reply_in(conversation, "generating")
    stop = reverse("desk:stop", args=[world.workspace.slug, reply.pk])
    assert stop in client.get(at("conversation")).text

    for _ in range(2):
        client.post(stop, headers=headers)

    reply.refresh_from_db()
    assert reply.stop_requested
    assert actions() == ["reply.stop"]
    assert stop not in client.get(at("conversation")).text


def test_strangers_can_do_nothing(world, at, conversation):
    reply = reply_in(conversation, "failed")
    stranger = signed_in(world.stranger)
    addresses = [at(route) for route in [*OF_THE_CONVERSATION, "reply-by-hand", "leave-note"]]
    addresses += [reverse(f"desk:{verb}", args=[world.workspace.slug, reply.pk]) for verb in ("retry", "stop")]
    addresses += [address.replace(world.workspace.slug, world.elsewhere.slug) for address in addresses]

    statuses = {stranger.post(address, fields(body="Words.")).status_code for address in addresses}

    assert statuses == {HTTPStatus.NOT_FOUND}
    assert actions() == []


@pytest.mark.parametrize("route", [*OF_THE_CONVERSATION, "reply-by-hand", "leave-note"])
def test_verbs_take_nothing_but_post(client, at, route):
    assert client.get(at(route)).status_code == HTTPStatus.METHOD_NOT_ALLOWED
