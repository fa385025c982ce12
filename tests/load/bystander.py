"""Somebody of another workspace, who uses the server while others stop at nothing: what they get, and how fast."""

import asyncio
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg

from tests.load import streaming
from tests.load.conftest import SERVER_NAME

ANSWER_SECONDS = 30.0
PAUSE = 0.05


class Answer(NamedTuple):
    status: int
    seconds: float


class Seen(NamedTuple):
    history: list[Answer]
    pages: list[Answer]

    @property
    def median(self) -> float:
        """Seconds of a history poll."""
        return statistics.median(answer.seconds for answer in self.history)

    @property
    def statuses(self) -> set[int]:
        return {answer.status for answer in self.history + self.pages}

    def __str__(self) -> str:
        slowest = max(answer.seconds for answer in self.history)
        pages = statistics.median(answer.seconds for answer in self.pages) if self.pages else 0
        return (
            f"history {self.median * 1000:.0f} ms (slowest {slowest * 1000:.0f}), pages {pages * 1000:.0f} ms, "
            f"of {len(self.history)} and {len(self.pages)}"
        )


@asynccontextmanager
async def watching(server: str, *, token: str, page: bytes = b"") -> AsyncIterator[Seen]:
    """Polls the history, and asks for the page, while the block runs, each time by a new connection."""
    seen = Seen([], [])
    poll = streaming.request(server, "/conversation/history", integrationToken=token, conversationId="c-1")
    watchers = [asyncio.create_task(_again_and_again(server, poll, seen.history))]
    if page:
        watchers.append(asyncio.create_task(_again_and_again(server, page, seen.pages)))
    try:
        yield seen
    finally:
        for watcher in watchers:
            watcher.cancel()
        failures = await asyncio.gather(*watchers, return_exceptions=True)
    assert all(isinstance(failure, asyncio.CancelledError) for failure in failures), failures


def get(server: str, path: str, session: str) -> bytes:
    host = urlsplit(server).netloc
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: sessionid={session}\r\n\r\n".encode()


async def answered(server: str, sent: bytes) -> Answer:
    """To one request, on a connection of its own, read to the end of its head."""
    asked = monotonic()
    async with asyncio.timeout(ANSWER_SECONDS):
        reader, writer = await asyncio.open_connection(*streaming.address(server))
        try:
            writer.write(sent)
            head = await reader.readuntil(b"\r\n\r\n")
        finally:
            writer.close()
    return Answer(int(head.split(b" ", 2)[1]), monotonic() - asked)


async def connection_states(database: psycopg.AsyncConnection) -> list[str]:
    """What the connections of the server to the database are doing."""
    cursor = await database.execute("SELECT state FROM pg_stat_activity WHERE application_name = %s", [SERVER_NAME])
    return [state for (state,) in await cursor.fetchall()]


async def _again_and_again(server: str, sent: bytes, answers: list[Answer]) -> None:
    while True:
        answers.append(await answered(server, sent))
        await asyncio.sleep(PAUSE)
