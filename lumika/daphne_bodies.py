"""The bounds of ``bodies`` under daphne, which tells the application of a request only once it has all of the body."""

from typing import Any

from daphne import http_protocol
from twisted.internet import reactor

from lumika import bodies, refusing
from lumika.refusing import Refusal


class BoundedRequest(http_protocol.WebRequest):
    """The methods have Twisted's names and are called in this order."""

    _deadline: Any = None
    _bytes = 0

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        super().gotLength(length)
        if length != 0:
            self._deadline = reactor.callLater(bodies.SECONDS, self._refuse, bodies.TOO_LATE)  # type: ignore[arg-type]

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        if not self._is_waited_for():
            return
        super().handleContentChunk(data)
        self._bytes += len(data)
        self._deadline.delay(len(data) / bodies.BYTES_A_SECOND)
        if self._bytes > bodies.MOST_BYTES:
            self._refuse(bodies.TOO_LARGE)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        self._stop_waiting()
        super().requestReceived(command, path, version)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._stop_waiting()
        super().connectionLost(reason)

    def _refuse(self, refusal: Refusal) -> None:
        self._stop_waiting()
        response = refusing.response(refusal, self.channel._path.decode("latin1"))
        head = [f"HTTP/1.1 {response.status_code} {response.reason_phrase}", f"Content-Length: {len(response.content)}"]
        lines = [*head, *(f"{name}: {value}" for name, value in response.headers.items()), "", ""]
        self.channel.transport.write("\r\n".join(lines).encode("latin1") + response.content)
        self.channel.loseConnection()

    def _is_waited_for(self) -> bool:
        return self._deadline is not None and self._deadline.active()

    def _stop_waiting(self) -> None:
        if self._is_waited_for():
            self._deadline.cancel()


def install() -> None:
    """daphne has no setting for it."""
    http_protocol.WebRequest = BoundedRequest
