"""Clients that go away in the middle leave nothing behind in the server, and their replies are finished."""

import asyncio

import pytest
from django.conf import settings

from conversations.models import Reply
from tests.ground.processes import granian_worker, open_sockets, resident_kilobytes
from tests.ground.provider import Answer
from tests.ground.waiting import until, wait_for
from tests.load import streaming

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

STREAMS = 200
WARM_UP_ROUNDS = 2
KILOBYTES_A_STREAM = 10
"""Far below what a stream costs that is still open, in part or as a whole."""


def test_cut_streams_leave_nothing_behind(own_server, account, provider):
    provider.script(Answer(delay=0.4))
    worker = granian_worker(own_server)
    for number in range(WARM_UP_ROUNDS):
        cut_in_the_middle(own_server, account, f"Warm-up {number}")
    sockets, kilobytes = open_sockets(worker), resident_kilobytes(worker)

    cut_in_the_middle(own_server, account, "Hello?")

    wait_for(lambda: open_sockets(worker) <= sockets + settings.LUMIKA_POOL_SIZE)
    assert resident_kilobytes(worker) - kilobytes <= KILOBYTES_A_STREAM * STREAMS
    assert Reply.objects.count() == STREAMS * (WARM_UP_ROUNDS + 1)
    assert {reply.text for reply in Reply.objects.all()} == {"".join(Answer().deltas)}


def cut_in_the_middle(server, account, text):
    """Streams that are cut when they have shown some text; returns once all their replies are sent."""
    asyncio.run(_cut_in_the_middle(server, account.token, text))
    wait_for(lambda: not Reply.objects.exclude(status=Reply.Status.SENT).exists(), seconds=30)


async def _cut_in_the_middle(server: str, token: str, text: str) -> None:
    async with streaming.opened(server, token, STREAMS, text=text) as streams:
        await until(lambda: all(stream.has_text for stream in streams), seconds=30, what="all streams have begun")
        assert not any(stream.is_whole for stream in streams)
