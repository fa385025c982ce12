"""One message on its way: an EventSource, what it showed, and whether that was right."""

import asyncio
import json
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from tests.faults.invariants import Breach
from tests.ground.event_source import EventSource

TERMINAL = {"final", "error"}
TRY_AGAIN = {500, 503}
"""After these an application opens a new EventSource, as docs/api.md says (section 7), unless it has seen the end."""


@dataclass
class Send:
    """With a key it follows docs/api.md's advice for servers; without one it is the shortest client there is."""

    server: str
    token: str
    text: str
    conversation: str | None
    key: str | None = None
    patience: float = 1.0
    shown: list[dict[str, Any]] = field(default_factory=list)
    """The events of all sources, in the order of their coming; ``{"type": "opened"}`` where a source begins."""
    source: EventSource | None = None
    reopened: int = 0
    _task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        query = {"integrationToken": self.token, "textContent": self.text}
        query |= {"conversationId": self.conversation} if self.conversation else {}
        query |= {"clientMessageId": self.key} if self.key else {}
        return f"{self.server}/conversation/sse?{urlencode(query)}"

    def begin(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def until_over(self, seconds: float) -> None:
        """Until the client would never ask again; or gives up after so many seconds. No wait for other clients."""
        if self._task is None:
            return
        await asyncio.wait([self._task], timeout=max(seconds, 0.01))
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._collect()

    async def leave(self) -> None:
        """What a customer does who closes the page."""
        await self.until_over(0)

    @property
    def types(self) -> list[str]:
        self._collect()
        return [event["type"] for event in self.shown]

    @property
    def has_ended(self) -> bool:
        return any(event["type"] in TERMINAL for event in self.shown)

    @property
    def text_shown(self) -> str:
        self._collect()
        text = ""
        for event in self.shown:
            text = "" if event["type"] in {"opened", "reset"} else text + event.get("delta", "")
        return text

    def breaches(self) -> list[Breach]:
        """What the client saw that docs/api.md does not allow."""
        types, who = self.types, f"{self.conversation}: {self.text}"
        ends = [event for event in self.shown if event["type"] in TERMINAL]
        found = []
        if not ends:
            status = self.source.status if self.source else 0
            found.append(Breach("lost", "a client gets to see the end", f"{who} saw {types[-5:]}, status {status}"))
        if len(ends) > 1:
            found.append(Breach("twice", "a client sees one end", f"{who} saw {types}"))
        if ends and _is_by_machine(ends[0]) and self.text_shown != ends[0]["message"]["body"]:
            found.append(Breach("broken", "the deltas are the message", f"{who} saw {self.text_shown!r}, {types}"))
        if len({event["userMessageId"] for event in self.shown if "userMessageId" in event}) > 1:
            found.append(Breach("twice", "a client has one message", f"{who} saw {types}"))
        if self.source is not None and self.source.status not in (0, 204, *TRY_AGAIN):
            found.append(Breach("broken", "a stream ends by 204", f"{who} got {self.source.status}"))
        return found

    async def _run(self) -> None:
        while True:
            self._collect()
            self.shown.append({"type": "opened", "at": monotonic()})
            self._taken = 0
            self.source = EventSource(self.url, patience=self.patience)
            try:
                await self.source.closed.wait()
            finally:
                self._collect()
                await self.source.close()
            if self.source.status not in TRY_AGAIN or self.has_ended:
                return
            self.reopened += 1
            await asyncio.sleep(1.0 * self.patience)

    _taken: int = 0

    def _collect(self) -> None:
        if self.source is not None:
            fresh = self.source.events[self._taken :]
            self._taken += len(fresh)
            self.shown += [json.loads(event.data) | {"id": event.id, "at": event.at} for event in fresh]


def _is_by_machine(end: dict[str, Any]) -> bool:
    """What a person approved comes whole, without deltas before it."""
    return end["type"] == "final" and end["message"]["data"]["author"] == "responder"
