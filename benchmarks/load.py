"""The load: keep-alive HTTP/1.1 clients on raw sockets, light enough not to be what is measured."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, urlencode
from uuid import uuid4

import msgspec

from tests.ground.provider import DELTAS

from .workload import (
    LONG_CONVERSATION,
    ORIGIN,
    POLLED_MESSAGES,
    QUESTION,
    TURNS_PER_CONVERSATION,
)

EXPECTED_TEXT = "".join(DELTAS)
ANSWER_WITHIN = 20.0
FIRST_DELTA = b'"partial"'
HEAD_END = b"\r\n\r\n"
LAST_CHUNK = b"\r\n0\r\n\r\n"
READ_SIZE = 65536


class WrongAnswerError(Exception):
    """A server answered something else than the API promises; its figures would be worth nothing."""


@dataclass
class Answer:
    body: bytes
    first_delta: float
    """Seconds from the request to the first delta; to the end where the answer has none."""


@dataclass
class Sample:
    """What one run saw."""

    seconds: float = 0.0
    first_deltas: list[float] = field(default_factory=list)
    done: int = 0
    partials: int = 0
    cpu_seconds: float = 0.0
    """Of this process: the cost of the load itself."""

    @property
    def rate(self) -> float:
        return self.done / self.seconds


class Client:
    """One connection, and the conversation that it holds at the moment."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._headers = (
            f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nOrigin: {ORIGIN}\r\n\r\n"
        ).encode()
        self._numbers = itertools.count()
        self._conversation = ""

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def turn(self, sample: Sample) -> None:
        """Sends one message and reads the reply to its end; a new conversation after every ten."""
        answer = await self._get(self._next_message())
        sample.partials += check_turn(answer.body)
        sample.first_deltas.append(answer.first_delta)

    async def hold(self) -> None:
        """Sends one message and returns at the first delta of its reply; the stream stays open."""
        async with asyncio.timeout(ANSWER_WITHIN):
            self._writer.write(b"GET " + self._next_message() + self._headers)
            await self._reader.readuntil(FIRST_DELTA)

    async def history(self, **query: object) -> dict:
        """One page of the long conversation."""
        query = {"conversationId": LONG_CONVERSATION, **query}
        answer = await self._get(f"/conversation/history?{urlencode(query)}".encode())
        return msgspec.json.decode(answer.body)

    def _next_message(self) -> bytes:
        number = next(self._numbers)
        if number % TURNS_PER_CONVERSATION == 0:
            self._conversation = f"bench-{uuid4().hex}"
        text = quote(QUESTION.format(number=number))
        key = uuid4().hex
        target = f"conversationId={self._conversation}&clientMessageId={key}&textContent={text}"
        return f"/conversation/sse?{target}".encode()

    async def _get(self, target: bytes) -> Answer:
        started = time.perf_counter()
        first_delta = None
        self._writer.write(b"GET " + target + self._headers)
        async with asyncio.timeout(ANSWER_WITHIN):
            head = await self._reader.readuntil(HEAD_END)
            if not head.startswith(b"HTTP/1.1 200"):
                raise WrongAnswerError((head + await self._reader.read(2000)).decode(errors="replace"))
            length = content_length(head)
            if length is not None:
                body = await self._reader.readexactly(length)
                return Answer(body, time.perf_counter() - started)
            buffer = bytearray()
            while not buffer.endswith(LAST_CHUNK):
                data = await self._reader.read(READ_SIZE)
                if not data:
                    raise WrongAnswerError(f"The stream was cut after {bytes(buffer[-200:])!r}")
                buffer += data
                if first_delta is None and FIRST_DELTA in buffer:
                    first_delta = time.perf_counter() - started
        return Answer(unchunked(bytes(buffer)), first_delta or time.perf_counter() - started)


async def load(clients: list[Client], seconds: float, work: Callable[[Client, Sample], Awaitable[None]]) -> Sample:
    """Lets every client work in a row; no new work starts after so many seconds, what is under way counts."""
    sample = Sample()
    cpu, started = time.process_time(), time.perf_counter()

    async def worker(client: Client) -> None:
        while time.perf_counter() - started < seconds:
            await work(client, sample)
            sample.done += 1

    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(worker(client))
    sample.seconds = time.perf_counter() - started
    sample.cpu_seconds = time.process_time() - cpu
    return sample


async def turn(client: Client, sample: Sample) -> None:
    await client.turn(sample)


async def polling(client: Client) -> Callable[[Client, Sample], Awaitable[None]]:
    """The work of polling the newest messages of the long conversation by a cursor found in its history."""
    page = await client.history(beforeId="latest", limit=POLLED_MESSAGES + 1)
    cursor, *expected = (message["id"] for message in page["messages"])

    async def poll(client: Client, _sample: Sample) -> None:
        page = await client.history(afterId=cursor)
        if [message["id"] for message in page["messages"]] != expected:
            raise WrongAnswerError(f"The history gave {page}")

    return poll


def content_length(head: bytes) -> int | None:
    """The length that the head announces, None if the body comes in chunks."""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return None


def unchunked(body: bytes) -> bytes:
    """The body inside an HTTP/1.1 chunked coding."""
    parts, at = [], 0
    while True:
        line_end = body.index(b"\r\n", at)
        size = int(body[at:line_end], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[line_end + 2 : line_end + 2 + size])
        at = line_end + size + 4


def check_turn(body: bytes) -> int:
    """Checks a whole stream: `accepted` first, `final` last, and one text in both; returns the number of deltas."""
    events = [msgspec.json.decode(line[5:]) for line in body.splitlines() if line.startswith(b"data:")]
    deltas: list[str] = []
    for event in events:
        if event["type"] == "partial":
            deltas.append(event["delta"])
        elif event["type"] == "reset":
            deltas.clear()
    right_order = bool(events) and events[0]["type"] == "accepted" and events[-1]["type"] == "final"
    if not right_order or not "".join(deltas) == events[-1]["message"]["body"] == EXPECTED_TEXT:
        raise WrongAnswerError(f"The stream was {body.decode(errors='replace')}")
    return len(deltas)
