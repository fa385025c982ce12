"""The demo workspace: whole after the first call, and left as people made it by every further one."""

import pytest
from django.urls import reverse

from conversations.desk.saved_replies import variables
from conversations.models import SavedReply
from integrations.models import Article, IntegrationAccount
from lumika import demo
from workspaces.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_directory(settings, tmp_path):
    settings.LUMIKA_DATA_DIR = tmp_path


def counts() -> list[int]:
    """Of what belongs to the demo."""
    kinds = (Membership, IntegrationAccount, Article, SavedReply)
    return [kind.objects.filter(workspace__slug=demo.SLUG).count() for kind in kinds]


def test_a_second_call_makes_nothing_and_describes_the_same():
    first, made = demo.refresh(), counts()

    assert demo.refresh() == first
    assert counts() == made
    assert made == [1, len(demo.ACCOUNTS), len(list(demo.ARTICLES.glob("*.md"))), len(demo.SAVED_REPLIES)]


def test_what_is_missing_is_made_and_what_people_changed_is_left():
    demo.refresh()
    SavedReply.objects.filter(name="Greeting").update(body="Hi!")
    SavedReply.objects.filter(name="Solved?").delete()

    demo.refresh()

    assert SavedReply.objects.get(name="Greeting").body == "Hi!"
    assert SavedReply.objects.get(name="Solved?").body == demo.SAVED_REPLIES["Solved?"]


def test_its_saved_replies_use_variables_that_exist():
    assert [variables.mistakes(body) for body in demo.SAVED_REPLIES.values()] == [[], [], []]


def test_its_login_asks_for_no_code(client):
    described = demo.refresh()

    response = client.post(
        reverse("account_login"), {"login": described["email"], "password": described["password"]}, follow=True
    )

    assert response.request["PATH_INFO"] == reverse("home", args=[demo.SLUG])
