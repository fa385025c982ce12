"""A thousand streams open at once on one worker: what they cost, and what everybody else feels of them."""

import asyncio
import json
import statistics
from time import monotonic
from typing import NamedTuple

import psycopg
import pytest
from django.conf import settings

from conversations.models import Message
from tests.ground import servers
from tests.ground.processes import granian_worker, resident_kilobytes
from tests.ground.provider import Answer
from tests.ground.streams import text_of
from tests.ground.waiting import until
from tests.load import streaming
from tests.load.bystander import connection_states
from tests.load.streaming import OpenStream

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

STREAMS = 1_000
KILOBYTES_A_STREAM = 60
POLL_SECONDS = 0.05
WARM_UP_STREAMS = 50


class Observed(NamedTuple):
    streams: list[OpenStream]
    kilobytes: int
    """By which the worker grew while the streams were open."""
    connections: list[list[str]]
    """What the server's connections to the database were doing, again and again."""
    polls: list[float]
    """Seconds that each history poll took."""


def test_a_thousand_open_streams(own_server, account, slow_account, provider):
    provider.script(Answer(delay=0.02))

    seen = asyncio.run(observe(own_server, quick=account.token, slow=slow_account.token))

    poll_seconds = statistics.median(seen.polls)
    print(f"{seen.kilobytes / STREAMS:.1f} KB a stream, {poll_seconds * 1000:.1f} ms a poll")  # pytest -s shows it
    assert seen.kilobytes <= KILOBYTES_A_STREAM * STREAMS
    assert poll_seconds <= POLL_SECONDS
    assert max(map(len, seen.connections)) <= settings.LUMIKA_POOL_SIZE
    assert any(set(states) == {"idle"} for states in seen.connections)
    assert not any("transaction" in state for states in seen.connections for state in states)
    for stream in seen.streams:
        blocks = stream.blocks()
        assert [blocks[0].type, blocks[-1].type] == ["accepted", "final"]
        assert text_of(blocks) == blocks[-1].data["message"]["body"]
    assert Message.objects.count() == 2 * (WARM_UP_STREAMS + STREAMS)


async def observe(server: str, *, quick: str, slow: str) -> Observed:
    """Whole streams of a quick provider to warm up, then the thousand of a slow one."""
    worker = granian_worker(server)
    async with streaming.opened(server, quick, WARM_UP_STREAMS) as streams:
        await until(lambda: all(stream.is_whole for stream in streams), seconds=20, what="the warm-up is over")
    before = during = resident_kilobytes(worker)
    connections: list[list[str]] = []
    polls: list[float] = []

    async with (
        await psycopg.AsyncConnection.connect(servers.database_url(), autocommit=True) as database,
        streaming.opened(server, slow, STREAMS) as streams,
    ):
        await until(lambda: all(stream.has_text for stream in streams), seconds=30, what="all streams have begun")
        while not any(stream.is_whole for stream in streams):
            connections.append(await connection_states(database))
            polls += await poll(server, slow, times=20)
            during = max(during, resident_kilobytes(worker))
            await asyncio.sleep(0.1)
        await until(lambda: all(stream.is_whole for stream in streams), seconds=30, what="all streams have ended")
    return Observed(streams, during - before, connections, polls)


async def poll(server: str, token: str, *, times: int) -> list[float]:
    """Seconds that each of so many history polls took, one after the other on one connection."""
    sent = streaming.request(server, "/conversation/history", integrationToken=token, conversationId="customer-0")
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
