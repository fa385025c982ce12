"""The pages on which a team writes what it sends often, and what an agent may insert into a conversation."""

import re
from html import unescape
from http import HTTPStatus

import pytest
from django.urls import reverse

from conversations.desk.saved_replies import verbs
from conversations.models import SavedReply
from tests.factories import AccountFactory, ConversationFactory, UserFactory
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db

TEXT = "Hello {{ conversation_id }},\nyour parcel comes on Monday.\n{{ agent_name }} of {{ workspace_name }}"
FILLED = "Hello customer-42,\nyour parcel comes on Monday.\nMina of Home"
FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def saved(world):
    return SavedReply.objects.create(workspace=world.workspace, name="Parcel", body=TEXT)


@pytest.fixture
def conversation(world):
    return ConversationFactory(
        account=AccountFactory(workspace=world.workspace, name="Shop"), external_id="customer-42"
    )


@pytest.fixture
def agent(client, world):
    client.force_login(world.agent)
    return client


def url(name, world, *args):
    return reverse(f"desk:{name}", args=[world.workspace.slug, *args])


def offered(client, world, conversation, question=""):
    """Names and texts of the options, as a browser reads them."""
    answer = client.get(url("saved-replies-for", world, conversation.pk), {"q": question}, **FRAGMENT)
    assert answer.status_code == HTTPStatus.OK
    assert "<!doctype" not in answer.text
    names = re.findall(r'class="option-name"[^>]*>(.*?)</span>', answer.text)
    texts = re.findall(r'data-text="(.*?)"', answer.text, re.DOTALL)
    return list(zip(map(unescape, names), map(unescape, texts), strict=True))


def audit():
    return [
        (entry.action, entry.actor, entry.target_label, entry.detail) for entry in AuditEntry.objects.order_by("id")
    ]


def test_every_member_writes_saved_replies(agent, world):
    response = agent.post(url("create-saved-reply", world), {"name": "  Parcel   late ", "body": "One\r\ntwo"})

    assert response.url == url("saved-replies", world)
    saved = SavedReply.objects.get()
    assert (saved.workspace, saved.name, saved.body) == (world.workspace, "Parcel late", "One\ntwo")
    assert audit() == [("saved_reply.create", world.agent, "Parcel late", {})]


def test_the_same_form_sent_twice_saves_once(agent, world):
    for _ in range(2):
        response = agent.post(url("create-saved-reply", world), {"name": "Parcel", "body": "One\r\ntwo"})
        assert response.status_code == HTTPStatus.FOUND

    assert SavedReply.objects.count() == AuditEntry.objects.count() == 1


def test_a_saved_reply_is_changed(agent, world, saved):
    seen = verbs.fingerprint(saved)

    response = agent.post(url("saved-reply", world, saved.pk), {"name": "Parcel", "body": "Shorter.", "seen": seen})

    assert response.url == url("saved-replies", world)
    saved.refresh_from_db()
    assert (saved.name, saved.body) == ("Parcel", "Shorter.")
    assert audit() == [("saved_reply.change", world.agent, "Parcel", {"changed": ["body"]})]


def test_saving_without_a_change_changes_nothing(agent, world, saved):
    seen = verbs.fingerprint(saved)

    response = agent.post(url("saved-reply", world, saved.pk), {"name": "Parcel", "body": TEXT, "seen": seen})

    assert response.status_code == HTTPStatus.FOUND
    assert audit() == []


def test_of_two_who_edit_the_second_sees_what_the_first_saved(agent, world, saved):
    seen = verbs.fingerprint(saved)
    SavedReply.objects.update(body="What Olga wrote.")

    response = agent.post(url("saved-reply", world, saved.pk), {"name": "Parcel", "body": "Mine.", "seen": seen})

    assert "Somebody else saved this while you were editing" in response.text
    assert "What Olga wrote." in response.text
    assert "Mine." in response.text
    assert SavedReply.objects.get().body == "What Olga wrote."
    again = re.search(r'name="seen" value="(\w+)"', response.text)[1]
    agent.post(url("saved-reply", world, saved.pk), {"name": "Parcel", "body": "Mine.", "seen": again})
    assert SavedReply.objects.get().body == "Mine."


def test_deleting_asks_first(agent, world, saved):
    assert "Delete “<bdi>Parcel</bdi>”?" in agent.get(url("delete-saved-reply", world, saved.pk)).text
    assert SavedReply.objects.exists()

    response = agent.post(url("delete-saved-reply", world, saved.pk))

    assert response.url == url("saved-replies", world)
    assert not SavedReply.objects.exists()
    assert audit() == [("saved_reply.delete", world.agent, "Parcel", {})]


@pytest.mark.parametrize("name", ["Parcel", "parcel", " PARCEL "])
def test_a_name_is_given_once_in_a_workspace(agent, world, saved, name):
    SavedReply.objects.create(workspace=world.elsewhere, name="Refund", body="x")
    other = SavedReply.objects.create(workspace=world.workspace, name="Refund", body="x")

    created = agent.post(url("create-saved-reply", world), {"name": name, "body": "y"})
    seen = verbs.fingerprint(other)
    renamed = agent.post(url("saved-reply", world, other.pk), {"name": name, "body": "x", "seen": seen})

    for answer in (created, renamed):
        assert f"There is a saved reply called “{name.strip()}” already." in answer.text
    other.refresh_from_db()
    assert other.name == "Refund"
    assert SavedReply.objects.filter(workspace=world.workspace).count() == 2


def test_a_name_that_two_give_at_the_same_moment_is_refused_by_the_database(world, saved, monkeypatch):
    monkeypatch.setattr(type(SavedReply.objects.all()), "exists", lambda _: False)

    with pytest.raises(verbs.NameTaken):
        verbs.create(workspace=world.workspace, agent=world.agent, name="Parcel", body="y")

    assert audit() == []


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("", "x", "This field is required."),
        ("x", " \r\n ", "This field is required."),
        ("x" * 61, "x", "at most 60 characters"),
        ("x", "y" * 4_001, "at most 4000 characters"),
        ("x", "a\0b", "Null characters are not allowed."),
        ("x", "Hello {{ customer_name }}", "“{{ customer_name }}” is not a variable. There are: {{ conversation_id }}"),
        ("x", "Hello {{ agent_name }", "never closed"),
    ],
)
def test_what_cannot_be_saved_says_why_and_keeps_what_was_typed(agent, world, name, body, told):
    response = agent.post(url("create-saved-reply", world), {"name": name, "body": body})

    assert told in unescape(response.text)
    assert 'aria-invalid="true"' in response.text
    assert not SavedReply.objects.exists()
    assert audit() == []


def test_the_limits_count_a_line_end_once(agent, world):
    body = "\r\n".join(["y" * 99] * 40)

    agent.post(url("create-saved-reply", world), {"name": "x" * 60, "body": body})

    assert len(SavedReply.objects.get().body) == 3_999


def test_an_empty_list_names_the_next_action(agent, world):
    page = agent.get(url("saved-replies", world)).text

    assert "No saved reply yet" in page
    assert url("create-saved-reply", world) in page


def test_the_list_shows_the_workspaces_own(agent, world, saved, django_assert_max_num_queries):
    for number in range(60):
        SavedReply.objects.create(workspace=world.workspace, name=f"Text {number:02}", body="<b>bold</b>")
    SavedReply.objects.create(workspace=world.elsewhere, name="Theirs", body="x")

    with django_assert_max_num_queries(12):
        page = agent.get(url("saved-replies", world)).text

    assert "1 to 50 of 61" in page
    assert '<code class="variable">{{ agent_name }}</code>' in page
    assert "<b>bold" not in page and "&lt;b&gt;bold" in page
    assert "Theirs" not in page
    assert "Text 59" in agent.get(url("saved-replies", world), {"page": 2}).text
    assert "1 to 50" not in agent.get(url("saved-replies", world), {"q": "monday"}).text


def test_variables_are_filled_for_the_conversation_and_the_agent(agent, world, saved, conversation):
    assert offered(agent, world, conversation) == [("Parcel", FILLED)]

    agent.force_login(world.owner)
    assert offered(agent, world, conversation) == [("Parcel", FILLED.replace("Mina", "Olga"))]


def test_what_stands_in_an_option_changes_nothing_around_it(agent, world):
    hostile = '"><img src=x onerror=alert(1)> <b hx-get="/x">'
    account = AccountFactory(workspace=world.workspace)
    conversation = ConversationFactory(account=account, external_id=hostile)
    SavedReply.objects.create(workspace=world.workspace, name=hostile[:60], body="{{ conversation_id }}")

    assert offered(agent, world, conversation) == [(hostile[:60], hostile)]
    answer = agent.get(url("saved-replies-for", world, conversation.pk), **FRAGMENT)
    assert "<img" not in answer.text and "<b " not in answer.text


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("", ["Apology", "Late parcel", "Parcel", "refund"]),
        ("parcel", ["Parcel", "Late parcel", "Apology"]),
        ("REF", ["refund"]),
        ("100%", []),
        ("_", []),
        ("a\0b", []),
        ("nothing like it", []),
        ("x" * 5_000, []),
    ],
)
def test_a_question_filters_names_before_texts(agent, world, conversation, question, names):
    texts = {"refund": "Within 30 days.", "Parcel": "Comes.", "Late parcel": "Sorry.", "Apology": "Sorry, no parcel."}
    for name, body in texts.items():
        SavedReply.objects.create(workspace=world.workspace, name=name, body=body)

    assert [name for name, _ in offered(agent, world, conversation, question)] == names


def test_no_saved_reply_of_another_workspace_is_ever_offered(agent, world, saved, conversation):
    SavedReply.objects.create(workspace=world.elsewhere, name="Parcel of theirs", body="x")

    for question in ("", "Parcel", "theirs"):
        assert "of theirs" not in str(offered(agent, world, conversation, question))


def test_outsiders_and_foreign_objects_are_not_found(client, world, saved, conversation):
    theirs = SavedReply.objects.create(workspace=world.elsewhere, name="Theirs", body="x")
    foreign = ConversationFactory(account=AccountFactory(workspace=world.elsewhere))
    routes = [
        ("saved-replies", ()),
        ("create-saved-reply", ()),
        ("saved-reply", (saved.pk,)),
        ("delete-saved-reply", (saved.pk,)),
        ("saved-replies-for", (conversation.pk,)),
    ]
    addresses = [url(name, world, *args) for name, args in routes]
    for address in addresses:
        assert client.get(address).url.startswith(reverse("account_login"))
    client.force_login(world.agent)
    assert {client.get(address).status_code for address in addresses} == {HTTPStatus.OK}
    for name, pk in [("saved-reply", theirs.pk), ("delete-saved-reply", theirs.pk), ("saved-replies-for", foreign.pk)]:
        assert client.get(url(name, world, pk)).status_code == HTTPStatus.NOT_FOUND
        assert client.post(url(name, world, pk)).status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}

    client.force_login(world.stranger)

    assert {client.get(address).status_code for address in addresses} == {HTTPStatus.NOT_FOUND}
    assert {client.post(address).status_code for address in addresses[1:4]} == {HTTPStatus.NOT_FOUND}
    assert SavedReply.objects.count() == 2


def test_without_scripts_there_is_a_page_to_copy_from(agent, world, saved, conversation):
    answer = agent.get(url("saved-replies-for", world, conversation.pk))

    assert "<!doctype html>" in answer.text
    assert FILLED in unescape(answer.text)
    assert "HX-Request" in answer.headers["Vary"]


def test_a_person_without_a_name_signs_with_their_address(world, saved, conversation):
    nameless = UserFactory(name="", email="kim@example.com")

    assert verbs.offers(conversation, agent=nameless)[0].text.endswith("kim of Home")
