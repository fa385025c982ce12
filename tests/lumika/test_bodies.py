"""A body has ten seconds at every path, and longer while bytes arrive."""

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from lumika import bodies
from lumika.management.commands.serve import SECONDS_BETWEEN_REQUESTS

TWO_BYTES = b"ab"
PATHS = [
    ("POST", "/accounts/login/"),
    ("GET", "/accounts/login/"),
    ("GET", "/"),
    ("PUT", "/no/such/page"),
    ("POST", "/static/css/base.css"),
    ("POST", "/conversation/cancel"),
]
FRAMINGS = [("Content-Length: 1000", TWO_BYTES), ("Transfer-Encoding: chunked", b"2\r\nab\r\n")]


@pytest.mark.django_db(transaction=True)
def test_an_unfinished_body_is_given_up_at_every_path(server):
    heads = [(f"{method} {path} HTTP/1.1", *framing) for method, path in PATHS for framing in FRAMINGS]
    begun = time.monotonic()

    with ThreadPoolExecutor(len(heads)) as clients:
        answers = list(clients.map(lambda head: all_that_comes(server, *head), heads))

    assert bodies.SECONDS - 1 < time.monotonic() - begun < bodies.SECONDS + 5
    for head, answer in zip(heads, answers, strict=True):
        assert answer.startswith(b"HTTP/1.1 408 "), head
        assert b"did not arrive within 10 seconds" in answer
        assert (b'"code": "body_timeout"' in answer) is ("/conversation/" in head[0])


@pytest.mark.django_db(transaction=True)
def test_a_client_that_is_slow_and_goes_on_is_waited_for(server):
    """The form without its CSRF token is refused by Django, which has read all of it by then."""
    pieces = [b"x" * 1024] * 13
    head = f"POST /accounts/login/ HTTP/1.1\r\nHost: {urlsplit(server).netloc}\r\nContent-Length: {13 * 1024}\r\n\r\n"

    with socket.create_connection(urlsplit(server).netloc.split(":"), timeout=20) as client:
        client.sendall(head.encode())
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.9)  # the client's own pace
        answer = client.recv(100)

    assert answer.startswith(b"HTTP/1.1 403 ")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sent", [b"", b"POST /accounts/login/ HTTP/1.1\r\nHo"])
def test_a_connection_that_says_nothing_is_closed(granian, sent):
    begun = time.monotonic()
    parts = urlsplit(granian)

    with socket.create_connection((parts.hostname, parts.port), timeout=SECONDS_BETWEEN_REQUESTS + 10) as client:
        client.sendall(sent)
        answer = client.recv(100)

    assert answer == b""
    assert time.monotonic() - begun < SECONDS_BETWEEN_REQUESTS + 5


@pytest.fixture
def seconds(monkeypatch):
    monkeypatch.setattr(bodies, "SECONDS", 0.2)


async def test_bytes_buy_time(seconds, monkeypatch):
    monkeypatch.setattr(bodies, "BYTES_A_SECOND", 10)
    slow = Client(*[b"xx"] * 5, pause=0.15)

    await slow.ask()

    assert slow.status == 200 and slow.body == b"xx" * 5


async def test_who_sends_next_to_nothing_is_given_up(seconds):
    trickling = Client(*[b"x"] * 10, pause=0.05)

    await trickling.ask()

    assert trickling.status == 408
    assert trickling.headers[b"connection"] == b"close"


async def test_a_body_beyond_all_bounds_is_not_read_on(monkeypatch):
    monkeypatch.setattr(bodies, "MOST_BYTES", 100)
    fits, too_large = Client(b"x" * 100), Client(b"x" * 60, b"x" * 60, b"x" * 60)

    await fits.ask()
    await too_large.ask()

    assert fits.status == 200
    assert too_large.status == 413
    assert len(too_large.pieces) == 1


async def test_when_too_many_are_waited_for_the_one_that_is_due_first_goes(monkeypatch):
    monkeypatch.setattr(bodies, "MOST_AT_ONCE", 3)
    upload, *unfinished = clients = [Client(b"x" * 100_000, ends=False), *(Client(b"ab", ends=False) for _ in range(4))]

    asking = []
    for client in clients:
        asking.append(asyncio.create_task(client.ask()))
        while client.pieces:
            await asyncio.sleep(0)
    done, waiting = await asyncio.wait(asking, timeout=0.2)

    assert [client.status for client in unfinished] == [503, 503, None, None]
    assert upload.status is None and len(done) == 2
    assert unfinished[0].headers[b"retry-after"]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_request_without_a_body_costs_nothing():
    bare = Client(method="GET", headers=[(b"host", b"localhost")])

    await bare.ask()

    assert bare.received == bare.receive


class Client:
    """At the other side of the application: its body comes in these pieces, and perhaps never ends."""

    def __init__(self, *pieces, pause=0.0, ends=True, method="POST", headers=()):
        self.pieces = list(pieces)
        self.status = None
        self.headers = {}
        self.body = b""
        self.received = None
        self._pause = pause
        self._ends = ends
        self._scope = {"type": "http", "method": method, "path": "/", "headers": list(headers)}

    async def ask(self):
        await bodies.bounded(self._application)(self._scope, self.receive, self._send)

    async def receive(self):
        await asyncio.sleep(self._pause)
        if not self.pieces:
            await asyncio.Event().wait()
        piece = self.pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces) or not self._ends}

    async def _application(self, scope, receive, send):
        self.received = receive
        is_whole = scope["method"] == "GET"
        while not is_whole:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.body += message["body"]
            is_whole = not message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])


def all_that_comes(server, first_line, framing, body):
    """Until the server closes the connection."""
    parts = urlsplit(server)
    with socket.create_connection((parts.hostname, parts.port), timeout=bodies.SECONDS + 10) as client:
        client.sendall(f"{first_line}\r\nHost: {parts.netloc}\r\n{framing}\r\n\r\n".encode() + body)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    return answer
