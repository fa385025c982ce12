"""Bodies of requests, bounded in time, size and number at every path, whoever reads them.

A body has ten seconds, and longer while bytes arrive. Whoever is too late, too slow or too large gets an error, and the
server closes the connection, since it cannot know where the next request would begin. When too many are on their way,
the one that is due first goes: of a flood of unfinished ones the oldest, of honest uploads none.
"""

import asyncio

from lumika import refusing
from lumika.refusing import App, Message, Receive, Refusal, Scope, Send

SECONDS = 10.0
BYTES_A_SECOND = 512
"""So many buy a second more."""
MOST_BYTES = 64 * 1024 * 1024
"""Of any body; what a page takes is less, and its own to say."""
MOST_AT_ONCE = 1_000
"""In a process."""

BODILESS = {"GET", "HEAD", "OPTIONS"}
LEFT: Message = {"type": "http.disconnect"}

TOO_LATE = Refusal(
    408, "body_timeout", "It did not arrive", f"The body did not arrive within {SECONDS:.0f} seconds. Send it again."
)
TOO_MANY = Refusal(
    503, "unavailable", "Too much at once", "Too many requests are unfinished at the moment. Send it again in a moment."
)
TOO_LARGE = Refusal(
    413, "body_too_large", "It is too large", f"The body has more than {MOST_BYTES // 1024**2} MB. Send less at a time."
)


class Body:
    """One body on its way. To its reader a client whose body is refused has left."""

    def __init__(self, receive: Receive) -> None:
        self.refusal: Refusal | None = None
        self.due = asyncio.get_running_loop().time() + SECONDS
        self._receive = receive
        self._bytes = 0
        self._is_whole = False
        self._waiting = asyncio.timeout(None)

    async def receive(self) -> Message:
        if self._is_whole:
            return await self._receive()
        message = LEFT if self.refusal else await self._receive_in_time()
        self._count(len(message.get("body", b"")))
        if self.refusal:
            return LEFT
        self._is_whole = not message.get("more_body", False)
        return message

    def refuse(self, refusal: Refusal) -> None:
        """Of a body that is waited for: its reader learns of it at once."""
        self.refusal = refusal
        _waited_for.discard(self)
        self._waiting.reschedule(asyncio.get_running_loop().time())

    async def _receive_in_time(self) -> Message:
        _make_room()
        _waited_for.add(self)
        try:
            async with asyncio.timeout_at(self.due) as self._waiting:
                return await self._receive()
        except TimeoutError:
            self.refusal = self.refusal or TOO_LATE
            return LEFT
        finally:
            _waited_for.discard(self)

    def _count(self, size: int) -> None:
        self._bytes += size
        self.due += size / BYTES_A_SECOND
        if self._bytes > MOST_BYTES:
            self.refusal = TOO_LARGE


_waited_for: set[Body] = set()


def _make_room() -> None:
    if len(_waited_for) >= MOST_AT_ONCE:
        min(_waited_for, key=lambda body: body.due).refuse(TOO_MANY)


def bounded(app: App) -> App:
    """The application behind these bounds."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if not _may_have_body(scope):
            await app(scope, receive, send)
            return
        body = Body(receive)
        await app(scope, body.receive, send)
        if body.refusal:
            await refusing.say(body.refusal, scope, send)

    return answer


def _may_have_body(scope: Scope) -> bool:
    if scope["method"] not in BODILESS:
        return True
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])
