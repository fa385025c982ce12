"""How a person works at the desk, and the list of waiting drafts that open pages compare."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from conversations.models import DeskPreferences, Reply
from tests.factories import AccountFactory, ConversationFactory, MembershipFactory
from tests.factories.drafts import reply_in

pytestmark = pytest.mark.django_db


def url(name, workspace, *args):
    return reverse(f"desk:{name}", args=[workspace.slug, *args])


def chosen(user):
    return DeskPreferences.objects.filter(user=user).values_list("single_keys", "sound", "browser_notifications").get()


@pytest.fixture
def draft(world):
    account = AccountFactory(workspace=world.workspace, response_mode="manual")
    return reply_in(ConversationFactory(account=account, external_id="customer-42"), "awaiting_approval")


def test_a_person_chooses_for_all_of_their_workspaces(client, world):
    MembershipFactory(workspace=world.elsewhere, user=world.agent)
    client.force_login(world.agent)

    response = client.post(url("preferences", world.workspace), {"sound": "on", "browser_notifications": "on"})

    assert response.url == url("preferences", world.workspace)
    assert chosen(world.agent) == (False, True, True)
    assert not DeskPreferences.objects.exclude(user=world.agent).exists()
    assert client.get(url("preferences", world.elsewhere)).context["form"].initial["sound"] is True


def test_choosing_again_changes_the_choice(client, world):
    client.force_login(world.agent)
    client.post(url("preferences", world.workspace), {"sound": "on"})

    client.post(url("preferences", world.workspace), {"single_keys": "on"})

    assert chosen(world.agent) == (True, False, False)


def test_every_page_of_a_workspace_says_what_its_reader_prefers(client, world):
    client.force_login(world.agent)
    before = client.get(reverse("home", args=[world.workspace.slug])).text

    DeskPreferences.objects.create(user=world.agent, single_keys=False, sound=True)
    DeskPreferences.objects.create(user=world.owner, browser_notifications=True)

    assert 'data-single-keys="on" data-sound="off" data-notifications="off"></div>' in before
    after = client.get(reverse("home", args=[world.workspace.slug])).text
    waiting = url("waiting-drafts", world.workspace)
    assert f'data-single-keys="off" data-sound="on" data-notifications="off" data-drafts="{waiting}"></div>' in after


def test_outsiders_choose_nothing(client, world):
    address = url("preferences", world.workspace)
    assert client.get(address).url.startswith(reverse("account_login"))
    client.force_login(world.stranger)

    assert client.get(address).status_code == client.post(address).status_code == HTTPStatus.NOT_FOUND
    assert not DeskPreferences.objects.exists()


def test_the_drafts_that_wait_are_listed_without_what_the_customer_wrote(client, world, draft):
    for status in ("queued", "generating", "failed", "by_hand"):
        reply_in(ConversationFactory(account=draft.conversation.account), status)
    client.force_login(world.agent)

    answer = client.get(url("waiting-drafts", world.workspace))

    address = url("draft", world.workspace, draft.pk)
    assert answer.json() == {
        "drafts": [{"id": f"{draft.pk}.1", "conversation": "customer-42", "url": address}],
    }
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_draft_asked_for_again_is_another_draft(client, world, draft):
    client.force_login(world.agent)
    before = client.get(url("waiting-drafts", world.workspace)).json()["drafts"][0]["id"]

    Reply.objects.filter(pk=draft.pk).update(attempt=2)

    assert client.get(url("waiting-drafts", world.workspace)).json()["drafts"][0]["id"] != before


def test_a_decided_draft_waits_no_more(client, world, draft):
    client.force_login(world.agent)
    assert client.get(url("waiting-drafts", world.workspace)).json()["drafts"]

    client.post(url("reject", world.workspace, draft.pk))

    assert client.get(url("waiting-drafts", world.workspace)).json() == {"drafts": []}


def test_the_drafts_of_another_workspace_are_never_listed(client, world, draft):
    client.force_login(world.stranger)

    assert client.get(url("waiting-drafts", world.workspace)).status_code == HTTPStatus.NOT_FOUND
    assert client.get(url("waiting-drafts", world.elsewhere)).json() == {"drafts": []}
