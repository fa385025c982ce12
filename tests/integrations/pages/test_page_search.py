"""The search over articles by people: bounded as that for replies is, and what they are told then."""

import threading

import pytest
from django.db import connection, transaction
from django.urls import reverse

from integrations import page_search
from integrations.models import Article
from integrations.page_search import SearchTooSlow
from tests.factories import ArticleFactory
from tests.ground.waiting import wait_for
from workspaces.tenancy import new_id

pytestmark = pytest.mark.django_db

SLOW = """
CREATE FUNCTION article_find_2(p_workspace uuid, p_question text, p_most integer)
RETURNS TABLE (id uuid, title text, body text, is_shown boolean, url text, score real)
LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(10); END $$
"""


@pytest.fixture
def slow_search(db):
    """Undone with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION article_find_2 RENAME TO article_find_away")
        cursor.execute(SLOW)


def test_the_page_says_that_the_search_took_too_long(client, world, slow_search) -> None:
    ArticleFactory(workspace=world.workspace)
    client.force_login(world.owner)

    response = client.get(reverse("integrations:knowledge", args=[world.workspace.slug]), {"q": "refunds?"})

    assert response.status_code == 200
    assert "The search took too long" in response.content.decode()
    assert "No article shares" not in response.content.decode()


def test_a_test_of_a_responder_goes_without_articles_as_a_reply_does(world, slow_search) -> None:
    assert Article.objects.find(world.workspace, "refunds?") == []


def test_the_rest_of_a_transaction_has_the_time_that_it_had(world) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '7s'")

        Article.objects.find(world.workspace, "refunds?")

        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("7s",)


def test_a_workspace_searches_once_at_a_time_and_leaves_a_place_to_others(monkeypatch) -> None:
    monkeypatch.setattr(page_search, "WAIT_SECONDS", 0.05)
    heavy, go_on = new_id(), threading.Event()

    def hold() -> None:
        with page_search._place(heavy):
            go_on.wait(10)

    holding = threading.Thread(target=hold)
    holding.start()
    try:
        wait_for(lambda: heavy in page_search._searching)
        with pytest.raises(SearchTooSlow), page_search._place(heavy):
            pass
        with page_search._place(new_id()):
            pass
    finally:
        go_on.set()
        holding.join()

    with page_search._place(heavy):
        pass
