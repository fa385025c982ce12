"""The search for a reply's articles: beside the taking of the message, bounded, and only where there is something."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from conversations.making import article_search
from conversations.models import Reply
from tests.factories import AccountFactory, ArticleFactory, ResponderFactory
from tests.ground import servers, streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for
from workspaces.tenancy import new_id

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = {"conversationId": "customer-42", "textContent": "How do refunds work?"}
ANSWER = "Refunds take thirty days."


@pytest.fixture
def knowing(world):
    """An account that answers from its workspace's one article."""
    ArticleFactory(workspace=world.workspace, title="Refunds", body=ANSWER)
    return AccountFactory(workspace=world.workspace, responder=ResponderFactory(workspace=world.workspace))


@pytest.fixture
def slow_search(db):
    """Each search takes ten seconds."""
    with renamed_search(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION article_find_2(p_workspace uuid, p_question text, p_most integer) "
            "RETURNS TABLE (id uuid, title text, body text, is_shown boolean, url text, score real) "
            "LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(10); END $$"
        )
        yield
        cursor.execute("DROP FUNCTION article_find_2")


@contextmanager
def renamed_search() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION article_find_2 RENAME TO article_find_away")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER FUNCTION article_find_away RENAME TO article_find_2")


def test_a_reply_has_its_articles(server, knowing):
    end = streams.whole(server, knowing.token, **QUESTION)[-1]

    assert end.data["message"]["body"] == ANSWER
    assert [source["title"] for source in end.data["message"]["data"]["sources"]] == ["Refunds"]


def test_a_reply_that_is_taken_over_has_its_articles(granian, world, model, provider):
    ArticleFactory(workspace=world.workspace, title="Refunds", body=ANSWER)
    account = AccountFactory(workspace=world.workspace, responder=model)
    provider.script(Answer(deltas=["never "], hang_after=1), Answer(deltas=["whole"]))

    with streams.opened(granian, account.token, **QUESTION) as stream:
        stream.until("partial")
        Reply.objects.update(attempt=2, lease_expires_at=timezone.now() - timedelta(seconds=1))
        stream.until("final")

    asked = [request.json["messages"] for request in provider.requests]
    first, second = [messages for messages in asked if messages[-1]["content"] == QUESTION["textContent"]]
    assert ANSWER in first[0]["content"] and ANSWER in second[0]["content"]


def test_a_search_that_takes_too_long_finds_nothing(granian, knowing, slow_search):
    end = streams.whole(granian, knowing.token, **QUESTION)[-1]

    assert end.data["message"]["body"].startswith("I could not find an answer")
    assert "sources" not in end.data["message"]["data"]


def test_a_message_is_accepted_and_its_conversation_free_while_its_articles_are_looked_for(
    knowing, slow_search, tmp_path
):
    with (
        servers.running(log=tmp_path / "log", LUMIKA_SEARCH_MILLISECONDS="4000") as server,
        streams.opened(server, knowing.token, **QUESTION) as stream,
    ):
        stream.until("accepted")
        wait_for(is_searching)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM conversations_conversation FOR UPDATE NOWAIT")
            assert len(cursor.fetchall()) == 1

        assert is_searching()
        stream.until("final")


def is_searching() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database() "
            "AND query LIKE '%FROM article_find_2(%' AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone() == (1,)


@pytest.mark.asyncio
async def test_a_search_that_takes_too_long_is_told_once_a_minute_for_each_workspace(monkeypatch, caplog):
    async def too_long(*_):
        raise psycopg.errors.QueryCanceled

    monkeypatch.setattr(article_search.store, "find_articles", too_long)
    search, one, another = article_search.ArticleSearch(), new_id(), new_id()
    now = [1000.0]
    monkeypatch.setattr(article_search, "monotonic", lambda: now[0])

    with caplog.at_level(logging.WARNING, logger="lumika.search"):
        for workspace_id in (one, one, another, one):
            assert await search.find(workspace_id, "refunds?") == []
        assert [str(one) in caplog.messages[0], str(another) in caplog.messages[1]] == [True, True]
        assert len(caplog.messages) == 2
        now[0] += 61
        await search.find(one, "refunds?")

    assert len(caplog.messages) == 3


@pytest.mark.asyncio
async def test_whoever_waits_too_long_for_a_place_does_without_articles(monkeypatch):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def for_ever(*_):
        begun.set()
        await go_on.wait()
        return ["found"]

    monkeypatch.setattr(article_search.store, "find_articles", for_ever)
    monkeypatch.setattr(article_search, "WAIT_SECONDS", 0.05)
    search, crowd, single = article_search.ArticleSearch(), new_id(), new_id()

    searches = [asyncio.create_task(search.find(crowd, "?")) for _ in range(3)]
    assert await searches[2] == []
    other = asyncio.create_task(search.find(single, "?"))
    await asyncio.sleep(0)
    go_on.set()

    assert await other == ["found"]
    assert [await one for one in searches[:2]] == [["found"], ["found"]]


def test_without_articles_nothing_is_searched(granian, account, provider):
    provider.script(Answer())

    with renamed_search():
        end = streams.whole(granian, account.token, **QUESTION)[-1]

    assert end.type == "final"


def test_servers_of_the_version_before_find_articles_as_well(knowing):
    with connection.cursor() as cursor:
        cursor.execute("SELECT title, body FROM article_find(%s, 'refunds?', 5)", [knowing.workspace_id])
        assert cursor.fetchall() == [("Refunds", ANSWER)]
