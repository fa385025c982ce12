"""The inbox over HTTP: the page, its parts, and closing many conversations at once."""

import re
import uuid
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from conversations.deciding import handling
from conversations.desk.inbox import lists
from conversations.models import Conversation, Reading
from tests.factories import AccountFactory, ConversationFactory
from tests.factories import desk_states as states
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db

ROW = re.compile(r'<li class="inbox-row.*?</li>', re.DOTALL)


@pytest.fixture
def account(world):
    return AccountFactory(workspace=world.workspace, name="Shop")


@pytest.fixture
def agent(world):
    return signed_in(world.agent)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def address(world, name="inbox", *args):
    return reverse(f"desk:{name}", args=[world.workspace.slug, *args])


def shown(answer):
    """The conversationIds of the rows."""
    return [re.search(r"<bdi>(.*?)</bdi>", row)[1] for row in ROW.findall(answer.text)]


def close(client, world, *conversations, **extra):
    chosen = [str(getattr(one, "pk", one)) for one in conversations]
    return client.post(address(world, "close-conversations"), {"conversation": chosen} | extra, follow=True)


def test_a_view_shows_its_conversations(agent, world, account):
    closed = states.closed(states.answered(account, world.agent), world.agent)
    waiting = states.with_draft(account)

    assert shown(agent.get(address(world))) == [waiting.external_id, closed.external_id]
    assert shown(agent.get(address(world), {"view": "closed"})) == [closed.external_id]
    assert shown(agent.get(address(world), {"view": "approval"})) == [waiting.external_id]
    assert shown(agent.get(address(world), {"view": "no such view", "after": "x", "before": "y", "open": "z"})) == [
        waiting.external_id,
        closed.external_id,
    ]


@pytest.mark.parametrize("view", lists.View.values)
@pytest.mark.parametrize("who", ["owner", "agent"])
def test_an_empty_view_names_the_next_action(world, view, who):
    answer = signed_in(getattr(world, who)).get(address(world), {"view": view})

    empty = re.search(r'<div class="empty">(.*?)</div>', answer.text, re.DOTALL)[1]
    assert re.search(r'<a class="button[^"]*" href="/w/', empty)
    assert f'aria-current="page">{lists.View(view).label}' in answer.text


def test_a_search_that_finds_nothing_says_what_to_do(agent, world, account):
    states.fresh(account)

    answer = agent.get(address(world), {"q": "<b>lorry"})

    assert shown(answer) == []
    assert "Nothing found" in answer.text
    assert "Clear the search" in answer.text
    assert "<b>" not in answer.text
    assert "&lt;b&gt;lorry" in answer.text


def test_what_is_found_by_key_and_by_words_is_told_apart(agent, world, account):
    by_key = ConversationFactory(account=account, external_id="parcel-17")
    states.say(by_key, "Hello")
    both = ConversationFactory(account=account, external_id="parcel-18")
    states.say(both, "My parcel")
    by_words = ConversationFactory(account=account, external_id="customer-1")
    states.say(by_words, "Your parcels, please")

    answer = agent.get(address(world), {"q": "parcel", "view": "closed"})

    assert shown(answer) == ["parcel-17", "parcel-18", "customer-1"]
    assert "By conversationId" in answer.text
    assert "<mark>parcels</mark>" in answer.text


def test_a_search_shows_nothing_of_another_workspace(agent, world, account):
    theirs = ConversationFactory(account=AccountFactory(workspace=world.elsewhere), external_id="secret-1")
    states.say(theirs, "secret")
    assert shown(signed_in(world.stranger).get(f"/w/{world.elsewhere.slug}/inbox/?q=secret")) == ["secret-1"]

    assert shown(agent.get(address(world), {"q": "secret"})) == []


def test_long_lists_are_paged_by_the_address(agent, world, account, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 3)
    made = [states.fresh(account).external_id for _ in range(8)]

    seen, link = [], address(world)
    while link:
        answer = agent.get(link)
        seen.append(shown(answer))
        older = re.search(r'href="([^"]*)">Older</a>', answer.text)
        link = older and older[1].replace("&amp;", "&")

    newest_first = made[::-1]
    assert seen == [newest_first[:3], newest_first[3:6], newest_first[6:]]
    newer = re.search(r'href="([^"]*)">Newer</a>', answer.text)[1].replace("&amp;", "&")
    assert shown(agent.get(newer)) == newest_first[3:6]


def test_the_list_says_when_nothing_changed(agent, world, account):
    states.fresh(account)
    first = agent.get(address(world, "inbox-rows"))
    version = re.search(r'name="version" value="(\w+)"', first.text)[1]

    assert agent.get(address(world, "inbox-rows"), {"version": version}).status_code == HTTPStatus.NO_CONTENT

    states.fresh(account)
    changed = agent.get(address(world, "inbox-rows"), {"version": version})
    assert changed.status_code == HTTPStatus.OK
    assert len(shown(changed)) == 2
    assert 'id="inbox-views"' in changed.text


def test_opening_a_conversation_reads_it(agent, world, account):
    conversation = states.fresh(account)
    assert "1<span" in agent.get(address(world)).text

    answer = agent.get(address(world, "inbox-conversation", conversation.pk))

    assert answer.headers["HX-Trigger-After-Settle"] == "inbox:opened"
    assert f'value="{conversation.pk}"' in answer.text
    reading = Reading.objects.get()
    assert (reading.user, reading.conversation, reading.sequence) == (world.agent, conversation, 1)
    assert "is-unread" not in agent.get(address(world)).text
    assert "is-unread" in signed_in(world.owner).get(address(world)).text


def test_the_address_of_an_open_conversation_opens_it(agent, world, account):
    conversation = states.fresh(account)

    answer = agent.get(address(world), {"open": str(conversation.pk)})

    assert f'hx-get="{address(world, "inbox-conversation", conversation.pk)}"' in answer.text
    assert f'id="row-{conversation.pk}"' in answer.text
    assert 'aria-current="true"' in answer.text


def test_a_conversation_of_somebody_else_cannot_be_opened(agent, world, account):
    theirs = states.fresh(AccountFactory(workspace=world.elsewhere))
    ours = states.fresh(account)
    assert agent.get(address(world), {"open": str(ours.pk)}).status_code == HTTPStatus.OK

    for unknown in (theirs.pk, uuid.uuid4()):
        assert agent.get(address(world), {"open": str(unknown)}).status_code == HTTPStatus.NOT_FOUND
        assert agent.get(address(world, "inbox-conversation", unknown)).status_code == HTTPStatus.NOT_FOUND
    assert not Reading.objects.exists()


def test_many_conversations_are_closed_at_once(agent, world, account):
    made = [states.fresh(account) for _ in range(3)]
    other = states.fresh(account)

    answer = close(agent, world, *made, view="unanswered", q="")

    assert "Closed 3 conversations." in answer.text
    assert answer.redirect_chain == [(address(world) + "?view=unanswered", HTTPStatus.FOUND)]
    assert shown(answer) == [other.external_id]
    assert Conversation.objects.filter(status="closed").count() == 3
    assert AuditEntry.objects.filter(action="conversation.close", actor=world.agent).count() == 3


def test_closing_twice_changes_nothing(agent, world, account):
    made = [states.fresh(account), states.fresh(account)]
    close(agent, world, *made)

    answer = close(agent, world, *made)

    assert "closed already" in answer.text
    assert AuditEntry.objects.filter(action="conversation.close").count() == 2


def test_of_conversations_that_are_partly_closed_the_rest_is_closed(agent, world, account):
    made = [states.fresh(account), states.fresh(account)]
    handling.close(conversation=made[0], agent=world.owner)

    assert "Closed 1 conversation." in close(agent, world, *made).text


def test_only_conversations_of_the_own_workspace_are_closed(agent, world, account):
    ours, theirs = states.fresh(account), states.fresh(AccountFactory(workspace=world.elsewhere))

    answer = close(agent, world, ours, theirs, uuid.uuid4(), "nonsense")

    assert "Closed 1 conversation." in answer.text
    assert [one.status for one in Conversation.objects.order_by("created_at")] == ["closed", "open"]


def test_closing_nothing_says_how_to_choose(agent, world, account):
    states.fresh(account)

    assert "choose conversations first" in close(agent, world).text
    assert Conversation.objects.get().status == "open"


def test_with_htmx_the_answer_is_the_list_and_what_happened(agent, world, account):
    conversation, other = states.fresh(account), states.fresh(account)

    answer = agent.post(
        address(world, "close-conversations"),
        {"conversation": [str(conversation.pk)], "view": "unanswered"},
        headers={"HX-Request": "true"},
    )

    assert shown(answer) == [other.external_id]
    assert "Closed 1 conversation." in answer.text
    assert "<!doctype" not in answer.text.lower()
    assert "hx-preserve" not in answer.text


def test_outsiders_find_no_inbox(world, account):
    conversation = states.fresh(account)
    stranger = signed_in(world.stranger)

    for name, arguments in [("inbox", []), ("inbox-rows", []), ("inbox-conversation", [conversation.pk])]:
        assert stranger.get(address(world, name, *arguments)).status_code == HTTPStatus.NOT_FOUND
    assert close(stranger, world, conversation).status_code == HTTPStatus.NOT_FOUND
    conversation.refresh_from_db()
    assert conversation.status == "open"


def test_what_customers_write_is_only_text(agent, world, account):
    conversation = ConversationFactory(account=account, external_id='"><b hx-get="/x">')
    states.say(conversation, "<img src=x> \u202eevil")

    answer = agent.get(address(world))

    assert "<b hx-get" not in answer.text
    assert "<img src=x>" not in answer.text
    assert "\u202e" not in answer.text
    assert "&lt;img src=x&gt;" in answer.text


@pytest.mark.parametrize("query", [{}, {"view": "approval"}, {"view": "mine"}, {"q": "hello"}, {"q": "customer"}])
def test_the_page_takes_few_queries(agent, world, account, query, django_assert_max_num_queries):
    for _ in range(10):
        states.with_draft(account)
    agent.get(address(world), query)

    with django_assert_max_num_queries(13):
        assert len(shown(agent.get(address(world), query))) in {0, 10}
