"""A scripted model provider: real HTTP/1.1 on a real loopback port, for tests and benchmarks.

    with ScriptedProvider() as provider:
        provider.script(Answer.failure(500), Answer(deltas=["Hello", " there"]))
        ...  # requests to provider.base_url: a 500 first, then that stream, for ever
        assert provider.requests[0].json["stream"] is True

As a process: ``python -m tests.ground.provider --port 0 --deltas 20 --delay 0.0`` prints its port, and serves until it
is killed.
"""

import argparse
import asyncio
import contextlib
import functools
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from tests.ground.listener import Listener

DELTAS = tuple(f"word{number} " for number in range(20))
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """How one request is answered. As it stands: 20 deltas at once, ``finish_reason`` stop, ``[DONE]``."""

    deltas: Sequence[str] = DELTAS
    delay: float = 0.0
    """Seconds before each delta."""
    silence: tuple[int, float] | None = None
    """After so many deltas, so many seconds more."""
    finish: str | None = "stop"
    done: bool = True
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/event-stream; charset=utf-8"
    body: bytes | None = None
    """These bytes in place of the stream."""
    pieces: Sequence[int] = ()
    """Lengths of the pieces in which the body goes out, each on its own; the last one repeats."""
    hang_before_headers: bool = False
    hang_after: int | None = None
    """Say nothing more after so many deltas (0: right after the headers), until the client goes away."""
    cut_after: int | None = None
    """Close the connection after so many bytes of the body."""

    @classmethod
    def failure(cls, status: int, message: str = "scripted failure", **headers: str) -> Self:
        body = json.dumps({"error": {"message": message, "type": "scripted", "code": None}}).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status=status, content_type="application/json", body=body, headers=named)

    @classmethod
    def html(cls, status: int = 200) -> Self:
        return cls(status=status, content_type="text/html", body=b"<!doctype html><title>Sign in</title>")

    @classmethod
    def raw(cls, body: bytes, **how: Any) -> Self:
        """Any bytes as an event stream."""
        return cls(body=body, **how)

    @classmethod
    def events(cls, *data: str, **how: Any) -> Self:
        """Each string as the data of one event."""
        return cls(body=b"".join(event(text) for text in data), **how)

    @classmethod
    def redirect(cls, location: str) -> Self:
        return cls(status=307, content_type="text/plain", body=b"", headers={"Location": location})


@dataclass(frozen=True)
class Request:
    """A request as it came. Header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @functools.cached_property
    def json(self) -> Any:
        return json.loads(self.body)


def event(data: str) -> bytes:
    return f"data: {data}\n\n".encode()


def delta_json(text: str) -> str:
    """A chunk of a Chat Completions stream with this text."""
    return _chunk_json({"content": text}, None)


def finish_json(reason: str | None = "stop") -> str:
    return _chunk_json({}, reason)


def _chunk_json(delta: dict[str, str], finish_reason: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return json.dumps(chunk, ensure_ascii=False)


class ScriptedProvider(Listener):
    """A context manager; attributes may be read from any thread."""

    def __init__(self, *answers: Answer, port: int = 0, record: bool = True) -> None:
        super().__init__(port=port)
        self.requests: list[Request] = []
        self.connections_made = 0
        self._record = record
        self.script(*(answers or (Answer(),)))

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def script(self, *answers: Answer) -> None:
        """Answer the next requests with these, in turn, and every later one with the last."""
        self._script = list(answers)

    def next_answer(self) -> Answer:
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def wait_until(self, condition: Callable[["ScriptedProvider"], bool], seconds: float = 5.0) -> None:
        """Return once the condition holds; ``AssertionError`` when it does not within so many seconds."""
        deadline = time.monotonic() + seconds
        while not condition(self):
            assert time.monotonic() < deadline, "the condition did not come about"
            time.sleep(0.002)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections_made += 1
        while await self._exchange(reader, writer):
            pass

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; false when the connection is to be closed."""
        request = await _read_request(reader)
        if self._record:
            self.requests.append(request)
        answer = self.next_answer()
        if answer.hang_before_headers:
            return await _hang(reader)
        if answer.status == 204:
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            return True
        if answer.hang_after is None and not (
            answer.delay or answer.silence or answer.pieces or answer.cut_after is not None
        ):
            writer.write(_head(answer) + b"".join(map(_http_chunk, _parts(answer))) + LAST_CHUNK)
            return True
        writer.write(_head(answer))
        return await _slowly(answer, reader, writer)


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, path, _ = first.split(" ")
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def _slowly(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Send the parts one by one, or cut the body anew where the answer says so."""
    left = answer.cut_after
    silent_before, silent_seconds = answer.silence or (None, 0.0)
    parts = _repieced(answer) if answer.pieces or left is not None else _parts(answer, answer.hang_after)
    for number, part in enumerate(parts):
        if seconds := answer.delay + (silent_seconds if number == silent_before else 0.0):
            await asyncio.sleep(seconds)
        if left is not None and len(part) >= left:
            writer.write(_http_chunk(part[:left]))
            return False
        left = left and left - len(part)
        writer.write(_http_chunk(part))
        await writer.drain()
        if answer.pieces:
            await asyncio.sleep(0)
    if answer.hang_after is not None:
        return await _hang(reader)
    writer.write(LAST_CHUNK)
    return True


async def _hang(reader: asyncio.StreamReader) -> bool:
    """Until the client has gone away."""
    await reader.read()
    return False


@functools.lru_cache(maxsize=64)
def _cached_parts(deltas: tuple[str, ...], finish: str | None, done: bool) -> tuple[bytes, ...]:
    parts = [event(delta_json(text)) for text in deltas]
    if finish is not None:
        parts.append(event(finish_json(finish)))
    if done:
        parts.append(event("[DONE]"))
    return tuple(parts)


def _parts(answer: Answer, deltas: int | None = None) -> tuple[bytes, ...]:
    """The body in its natural pieces; with a number, only so many deltas."""
    if answer.body is not None:
        return (answer.body,) if answer.body else ()
    if deltas is not None:
        return _cached_parts(tuple(answer.deltas[:deltas]), None, False)
    return _cached_parts(tuple(answer.deltas), answer.finish, answer.done)


def _repieced(answer: Answer) -> Iterator[bytes]:
    body = b"".join(_parts(answer))
    lengths = list(answer.pieces) or [len(body)]
    while body:
        length = max(1, lengths.pop(0) if len(lengths) > 1 else lengths[0])
        yield body[:length]
        body = body[length:]


def _http_chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _head(answer: Answer) -> bytes:
    headers = {"Content-Type": answer.content_type, "Transfer-Encoding": "chunked", **answer.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} Scripted\r\n{lines}\r\n".encode("latin-1")


def main() -> None:
    parser = argparse.ArgumentParser(description="A scripted model provider.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--deltas", type=int, default=20, help="deltas per answer")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each delta")
    options = parser.parse_args()
    answer = Answer(deltas=tuple(f"word{number} " for number in range(options.deltas)), delay=options.delay)
    provider = ScriptedProvider(answer, port=options.port, record=False)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(provider))


async def _serve(provider: ScriptedProvider) -> None:
    async with provider:
        print(provider.port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
