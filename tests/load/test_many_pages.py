"""A thousand pages asked for at once: most are told to come again, nothing breaks, and the history goes on."""

import asyncio
from collections import Counter

import psycopg
import pytest
from django.conf import settings
from django.urls import reverse

from tests.factories import AccountFactory
from tests.ground import servers
from tests.load import bystander
from tests.load.bystander import Seen, connection_states
from tests.load.test_many_trials import SOCKETS_THREAD, session_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

PAGES = 1_000
HISTORY_SECONDS = 0.25


def test_a_flood_of_pages_is_told_to_come_again_and_the_history_goes_on(own_server, world):
    neighbour = AccountFactory(workspace=world.elsewhere)
    page = bystander.get(own_server, reverse("home", args=[world.workspace.slug]), session_of(world.owner))

    seen, statuses, most = asyncio.run(flooded(own_server, page, neighbour.token))

    print(seen, statuses, most)  # pytest -s shows it
    assert set(statuses) == {200, 503}
    assert statuses[200] > settings.LUMIKA_PAGES_AT_ONCE
    assert seen.statuses == {200}
    assert seen.median < HISTORY_SECONDS
    assert most <= settings.LUMIKA_POOL_SIZE + settings.LUMIKA_PAGES_AT_ONCE + SOCKETS_THREAD


async def flooded(server: str, page: bytes, token: str) -> tuple[Seen, Counter, int]:
    async with (
        await psycopg.AsyncConnection.connect(servers.database_url(), autocommit=True) as database,
        bystander.watching(server, token=token) as seen,
    ):
        asked = [asyncio.create_task(bystander.answered(server, page)) for _ in range(PAGES)]
        most = 0
        while not all(one.done() for one in asked):
            most = max(most, len(await connection_states(database)))
            await asyncio.sleep(0.1)
    return seen, Counter(one.result().status for one in asked), most
