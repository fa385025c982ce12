"""Requests byte for byte: repeated headers, bytes that a client library would escape or refuse."""

import http.client
import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message as Headers
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str, str | None]:
        """Status, code and parameter of an error."""
        return self.status, self.json["error"]["code"], self.json["error"]["param"]


def exchange(
    server: str,
    target: str,
    *,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    then: str | None = None,
    seconds: float = TIMEOUT_SECONDS,
) -> Answer:
    """The answer to one request, read to its end. ``target`` and headers go out as Latin-1, exactly as they stand.

    With ``then``, a second GET goes out on the same connection, and its answer is returned.
    """
    address = urlsplit(server)
    with socket.create_connection((address.hostname, address.port), timeout=seconds) as connection:
        answer = _send(connection, method, target, [("Host", address.netloc), *headers], body)
        if then is not None:
            answer = _send(connection, "GET", then, [("Host", address.netloc)], b"")
        return answer


def _send(connection: socket.socket, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        return Answer(response.status, response.headers, response.read())
    finally:
        response.close()
