"""A client of the stream as the tests need it: what came in, block by block.

It is strict where clients are careless: it takes no blank line that ends no data, and no event without an id.
"""

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
    """The events but for ``resumed``, which clients ignore: it is kept aside, and may only come first."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self.resumed: Block | None = None
        self.heartbeats = 0
        self._lines = response.iter_lines()
        self._is_first = True

    def __iter__(self) -> Iterator[Block]:
        fields: dict[str, str] = {}
        for line in self._lines:
            if line.startswith(":"):
                self.heartbeats += 1
            elif line:
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
            else:
                assert fields.get("data"), f"a blank line that ends no data, behind {fields}"
                block = Block(fields["id"], json.loads(fields["data"]))
                fields = {}
                if block.type == "resumed":
                    assert self._is_first, "resumed comes first, or not at all"
                    self.resumed = block
                else:
                    yield block
                self._is_first = False

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
