"""Hundreds of tests of a responder at once, whose provider says nothing: others have their pages and their history."""

import asyncio
from collections import Counter
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from integrations.trial_limits import MOST_OF_A_WORKSPACE
from tests.factories import AccountFactory
from tests.ground import servers
from tests.ground.provider import Answer
from tests.ground.waiting import until, wait_for
from tests.load import bystander
from tests.load.bystander import Seen, connection_states

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

TRIALS = 220
HISTORY_SECONDS = 0.25
PAGES = 20
SOCKETS_THREAD = 1
CSRF = "c" * 32


def test_trials_take_nothing_from_others_and_end_with_their_clients(own_server, world, model, provider):
    provider.script(Answer(hang_before_headers=True))
    idle = provider.open_connections
    neighbour = AccountFactory(workspace=world.elsewhere)

    home = bystander.get(own_server, reverse("home", args=[world.elsewhere.slug]), session_of(world.stranger))
    sent = trial(own_server, world, model)

    seen, statuses, most = asyncio.run(crowd(own_server, sent, token=neighbour.token, page=home, provider=provider))

    print(seen, statuses, most)  # pytest -s shows it
    assert seen.statuses == {200}
    assert seen.median < HISTORY_SECONDS
    assert statuses == {429: TRIALS - MOST_OF_A_WORKSPACE}
    assert most <= settings.LUMIKA_POOL_SIZE + settings.LUMIKA_PAGES_AT_ONCE + SOCKETS_THREAD
    wait_for(lambda: provider.open_connections == idle)


async def crowd(server: str, sent: bytes, *, token: str, page: bytes, provider) -> tuple[Seen, Counter, int]:
    """What the stranger saw, the answers to the trials, and the most connections to the database at a time."""
    connections: list[int] = []
    async with (
        await psycopg.AsyncConnection.connect(servers.database_url(), autocommit=True) as database,
        bystander.watching(server, token=token, page=page) as seen,
    ):
        counting = asyncio.create_task(count_connections(database, connections))
        trials = [asyncio.create_task(bystander.answered(server, sent)) for _ in range(TRIALS)]
        await until(
            lambda: sum(not one.done() for one in trials) == MOST_OF_A_WORKSPACE and len(seen.pages) > PAGES,
            seconds=60,
            what="the others are refused, and the stranger went on meanwhile",
        )
        statuses = Counter(one.result().status for one in trials if one.done())
        for task in [counting, *trials]:
            task.cancel()
        await asyncio.gather(counting, *trials, return_exceptions=True)
    return seen, statuses, max(connections)


async def count_connections(database: psycopg.AsyncConnection, found: list[int]) -> None:
    while True:
        found.append(len(await connection_states(database)))
        await asyncio.sleep(0.1)


def trial(server: str, world, model) -> bytes:
    path = reverse("integrations:test-responder", args=[world.workspace.slug, model.pk])
    body = urlencode({"question": "Hello?", "csrfmiddlewaretoken": CSRF})
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {urlsplit(server).netloc}",
        f"Cookie: sessionid={session_of(world.owner)}; csrftoken={CSRF}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", body]).encode()


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
