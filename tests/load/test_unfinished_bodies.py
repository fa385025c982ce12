"""Ten thousand requests that never end their bodies take no place from anybody else."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.factories import AccountFactory
from tests.ground.waiting import until
from tests.load import bystander, streaming
from tests.load.bystander import Seen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

REQUESTS = 10_200
WAVE = 100
BODY_SECONDS = 10
HISTORY_SECONDS = 0.25
PATHS = ["/accounts/login/", "/conversation/cancel", "/static/css/base.css"]


class Unfinished(asyncio.Protocol):
    """A request whose body stops after two bytes."""

    def __init__(self, sent: bytes) -> None:
        self.received = b""
        self.is_closed = False
        self._sent = sent

    def connection_made(self, transport) -> None:
        self.transport = transport
        transport.write(self._sent)

    def data_received(self, data: bytes) -> None:
        self.received += data

    def connection_lost(self, error: Exception | None) -> None:
        self.is_closed = True


@pytest.mark.parametrize("path", PATHS)
def test_unfinished_bodies_end_and_others_do_not_feel_them(own_server, world, path):
    neighbour = AccountFactory(workspace=world.elsewhere)

    seen, requests = asyncio.run(flooded(own_server, path, neighbour.token))

    print(seen)  # pytest -s shows it
    assert seen.statuses == {200}
    assert seen.median < HISTORY_SECONDS
    assert len(requests) == REQUESTS
    assert all(request.is_closed for request in requests)
    assert {request.received[9:12] for request in requests if request.received} <= {b"408", b"503"}


async def flooded(server: str, path: str, token: str) -> tuple[Seen, list[Unfinished]]:
    host = urlsplit(server).netloc
    sent = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\nab".encode()
    loop, requests = asyncio.get_running_loop(), []

    async def open_one() -> None:
        with suppress(OSError):
            _, request = await loop.create_connection(lambda: Unfinished(sent), *streaming.address(server))
            requests.append(request)

    try:
        async with bystander.watching(server, token=token) as seen:
            for _ in range(REQUESTS // WAVE):
                await asyncio.gather(*(open_one() for _ in range(WAVE)))
            await until(
                lambda: all(request.is_closed for request in requests),
                seconds=BODY_SECONDS + 5,
                what="all unfinished requests have ended",
            )
    finally:
        for request in requests:
            request.transport.abort()
    return seen, requests
