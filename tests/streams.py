"""A client of the stream as the tests need it: what came in, block by block."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2


@dataclass(frozen=True)
class Block:
    """One event: its ``id`` and its data."""

    id: str
    data: dict[str, Any]

    @property
    def type(self) -> str:
        return self.data["type"]


class Stream:
    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def __iter__(self) -> Iterator[Block]:
        fields: dict[str, str] = {}
        for line in self._lines:
            if line:
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
            else:
                if "data" in fields:
                    yield Block(fields["id"], json.loads(fields["data"]))
                fields = {}

    def until(self, kind: str) -> Block:
        """The next event of this type; the ones before it are passed over."""
        for block in self:
            if block.type == kind:
                return block
        raise AssertionError(f"the stream ended without {kind}")


@contextmanager
def opened(server: str, token: str, *, headers: dict[str, str] | None = None, **query: str) -> Iterator[Stream]:
    """An open stream; leaving the block cuts it."""
    parameters = {"integrationToken": token, **query}
    with (
        httpx2.Client(timeout=20) as client,
        client.stream("GET", f"{server}/conversation/sse", params=parameters, headers=headers) as response,
    ):
        yield Stream(response)


def whole(server: str, token: str, *, headers: dict[str, str] | None = None, **query: str) -> list[Block]:
    """All events of a stream that ends by itself."""
    with opened(server, token, headers=headers, **query) as stream:
        assert stream.response.status_code == 200, stream.response.read()
        return list(stream)


def text_of(blocks: list[Block]) -> str:
    """The deltas since the last reset, joined."""
    text = ""
    for block in blocks:
        if block.type == "reset":
            text = ""
        text += block.data.get("delta", "")
    return text


def history(server: str, token: str, conversation: str, **query: Any) -> dict[str, Any]:
    parameters = {"integrationToken": token, "conversationId": conversation, **query}
    response = httpx2.get(f"{server}/conversation/history", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()
