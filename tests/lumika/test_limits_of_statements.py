"""What waits too long for a lock, or runs too long, ends: as 503 for its caller, and nothing is half done."""

import asyncio

import httpx2
import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory

from conversations.models import Message
from conversations.store import database
from tests.factories import ConversationFactory
from tests.ground import servers, streams
from tests.ground.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)

SEND = {"conversationId": "customer-42", "textContent": "Hello?"}


@pytest.fixture
def holder(db):
    with psycopg.connect(servers.database_url()) as other:
        yield other


def test_a_send_that_waits_too_long_for_its_conversation_is_answered_503_and_can_be_repeated(
    granian, account, provider, holder
):
    provider.script(Answer())
    ConversationFactory(account=account, external_id="customer-42")
    query = {"integrationToken": account.token, "clientMessageId": "message-1", **SEND}
    holder.execute("SELECT 1 FROM conversations_conversation FOR UPDATE")

    response = httpx2.get(f"{granian}/conversation/sse", params=query, timeout=20)

    assert (response.status_code, response.json()["error"]["code"]) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0
    assert not Message.objects.exists()
    holder.rollback()
    assert streams.whole(granian, account.token, clientMessageId="message-1", **SEND)[-1].type == "final"
    assert Message.objects.count() == 2


def test_a_page_that_waits_too_long_for_a_lock_is_answered_503(granian, world, client, holder):
    client.force_login(world.owner)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    holder.execute("LOCK TABLE integrations_article IN ACCESS EXCLUSIVE MODE")
    url = f"{granian}/w/{world.workspace.slug}/knowledge/"

    response = httpx2.get(url, cookies=cookies, timeout=20)

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "busy" in response.text and "Traceback" not in response.text
    holder.rollback()
    assert httpx2.get(url, cookies=cookies, timeout=20).status_code == 200


def test_what_goes_wrong_outside_of_a_view_is_503_too(rf: RequestFactory):
    from lumika.unavailable import server_error

    try:
        raise OperationalError("canceling statement due to statement timeout")
    except OperationalError:
        response = server_error(rf.get("/"))
    try:
        raise ValueError("a mistake")
    except ValueError:
        other = server_error(rf.get("/"))

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert other.status_code == 500


LIMITS = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"


def test_every_pool_has_limits_of_its_own(settings):
    settings.LUMIKA_SEARCH_MILLISECONDS = 300

    async def limits() -> list:
        try:
            return [*await database.fetch(LIMITS), *await database.searching.fetch(LIMITS)]
        finally:
            await database.close()

    assert asyncio.run(limits()) == [("3s", "10s"), ("300ms", "300ms")]


def test_upkeep_may_take_its_time_and_leaves_the_limits_as_they_were(monkeypatch):
    monkeypatch.setattr(database, "API_LIMITS", "-c statement_timeout=100")

    async def limits() -> list:
        try:
            await database.api.execute_without_hurry("SELECT pg_sleep(0.3)")
            with pytest.raises(psycopg.OperationalError):
                await database.fetch("SELECT 1 FROM pg_sleep(0.3)")
            return await database.fetch("SELECT current_setting('statement_timeout')")
        finally:
            await database.close()

    assert asyncio.run(limits()) == [("100ms",)]


def test_pages_of_a_server_are_bounded_and_commands_are_not():
    options = connection.settings_dict["OPTIONS"]
    before = dict(options)
    try:
        options.pop("options", None)  # a test that imported the application has set them
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(LIMITS)
            assert cursor.fetchone() == ("0", "1min"), "as the tests themselves ask for"
        options["options"] = "-c application_name=mine"
        database.bound_pages()
        database.bound_pages()
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(LIMITS)
            assert cursor.fetchone() == ("5s", "30s")
            cursor.execute("SHOW application_name")
            assert cursor.fetchone() == ("mine",)
    finally:
        options.clear()
        options.update(before)
        connection.close()
