"""A thousand streams open at once on one worker: what they cost, and what everybody else feels of them."""

import asyncio
import json
import statistics
from time import monotonic

import pytest
from django.conf import settings
from django.db import connection

from conversations.models import Message
from tests.load import streaming
from tests.load.conftest import SERVER_NAME
from tests.load.streaming import until
from tests.processes import granian_worker, resident_kilobytes
from tests.provider import Answer
from tests.streams import text_of

pytestmark = pytest.mark.django_db(transaction=True)

STREAMS = 1_000
KILOBYTES_A_STREAM = 60
POLL_SECONDS = 0.05
WARM_UP_STREAMS = 50
WARM_UP = Answer(delay=0.02)


async def test_a_thousand_open_streams(own_server, account, slow_account, provider):
    provider.script(WARM_UP)
    worker = granian_worker(own_server)
    async with streaming.opened(own_server, account.token, WARM_UP_STREAMS) as streams:
        await until(lambda: all(stream.is_whole for stream in streams), seconds=20, what="all streams have ended")
    before = resident_kilobytes(worker)

    async with streaming.opened(own_server, slow_account.token, STREAMS) as streams:
        await until(lambda: all(stream.has_text for stream in streams), seconds=20, what="all streams have begun")
        connections, polls = [], []
        while not any(stream.is_whole for stream in streams):
            connections.append(connection_states())
            polls += await poll(own_server, slow_account.token, times=20)
            during = resident_kilobytes(worker)
        await until(lambda: all(stream.is_whole for stream in streams), seconds=30, what="all streams have ended")

    print((during - before) / STREAMS, before, during, statistics.median(polls), max(polls), len(polls), connections)
    assert during - before <= KILOBYTES_A_STREAM * STREAMS
    assert max(map(len, connections)) <= settings.LUMIKA_POOL_SIZE
    assert any(set(states) == {"idle"} for states in connections)
    assert not any("transaction" in state for states in connections for state in states)
    assert statistics.median(polls) <= POLL_SECONDS
    for stream in streams:
        blocks = stream.blocks()
        assert blocks[-1].type == "final"
        assert blocks[-1].data["message"]["body"] == text_of(blocks)
    assert Message.objects.count() == 2 * (WARM_UP_STREAMS + STREAMS)


async def poll(server: str, token: str, *, times: int) -> list[float]:
    """Seconds that each of so many history polls took, one after the other on one connection."""
    query = {"integrationToken": token, "conversationId": "customer-0"}
    sent = streaming.request(server, "/conversation/history", **query)
    reader, writer = await asyncio.open_connection(*streaming.address(server))
    taken = []
    for _ in range(times):
        asked = monotonic()
        writer.write(sent)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split()[0])
        page = json.loads(await reader.readexactly(length))
        taken.append(monotonic() - asked)
        assert page["messages"][0]["body"] == "Hello?"
    writer.close()
    return taken


def connection_states() -> list[str]:
    """What each of the server's connections to the database is doing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM pg_stat_activity WHERE application_name = %s", [SERVER_NAME])
        return [state for (state,) in cursor.fetchall()]
