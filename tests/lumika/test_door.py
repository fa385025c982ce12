"""Pages are made so many at a time; more wait, and beyond that they are told to come again."""

import asyncio

import pytest
from django.contrib.staticfiles import finders

from lumika import asgi, door
from workspaces import door as places
from workspaces.door import Door, outside

PLACES = 2
END = {"type": "http.request", "body": b"", "more_body": False}


@pytest.fixture
def pages():
    return Pages(Door(PLACES, most_waiting=1))


async def test_more_than_there_are_places_for_wait_their_turn(pages):
    asked = [pages.ask() for _ in range(PLACES + 1)]
    await pages.until_inside(PLACES)

    pages.answer_one()
    await pages.until_inside(PLACES)
    pages.answer_all()

    assert [(await one).status for one in asked] == [200] * 3
    assert pages.most == PLACES


async def test_beyond_those_who_wait_they_are_told_to_come_again(pages):
    asked = [pages.ask() for _ in range(PLACES + 1)]
    await pages.until_inside(PLACES)

    refused = await pages.ask()
    pages.answer_all()

    assert refused.status == 503
    assert int(refused.headers[b"retry-after"]) > 0
    assert refused.headers[b"content-type"].startswith(b"text/html")
    assert b"Try again in a moment" in refused.body and b"/static/css/base.css" in refused.body
    assert {(await one).status for one in asked} == {200}


async def test_nobody_waits_for_ever(pages, monkeypatch):
    monkeypatch.setattr(places, "WAIT_SECONDS", 0.05)
    asked = [pages.ask() for _ in range(PLACES)]
    await pages.until_inside(PLACES)

    late = await pages.ask()
    pages.answer_all()
    await asyncio.gather(*asked)

    assert late.status == 503
    assert (await answered_at_once(pages)).status == 200, "its place in the queue is free again"


async def test_a_body_that_is_on_its_way_takes_no_place(pages):
    slow = [pages.ask(body=asyncio.Event()) for _ in range(10)]
    await asyncio.sleep(0)

    assert (await answered_at_once(pages)).status == 200

    for one in slow:
        one.cancel()


async def test_a_client_that_reads_slowly_takes_no_place(pages):
    pages.answer_all()
    slow = [pages.ask(reads=asyncio.Event()) for _ in range(PLACES + 1)]
    await asyncio.sleep(0.05)

    assert (await answered_at_once(pages)).status == 200

    for one in slow:
        assert not one.done()
        one.cancel()


async def test_a_view_that_breaks_gives_its_place_back(pages):
    for _ in range(PLACES + 1):
        with pytest.raises(ZeroDivisionError):
            await pages.ask(breaks=True)

    assert (await answered_at_once(pages)).status == 200


async def test_a_view_that_waits_outside_lets_others_in(pages):
    waits = asyncio.Event()
    outside = [pages.ask(waits=waits) for _ in range(PLACES + 1)]
    await asyncio.sleep(0.05)

    assert (await answered_at_once(pages)).status == 200

    pages.answer_all()
    waits.set()
    assert {(await one).status for one in outside} == {200}
    assert pages.most <= PLACES


async def test_files_are_never_refused():
    pages = Pages(Door(1, most_waiting=None))
    asked = [pages.ask() for _ in range(50)]
    await pages.until_inside(1)

    pages.answer_all()

    assert {(await one).status for one in asked} == {200}


def test_files_are_asked_for_by_nobody():
    headers = [(b"host", b"localhost"), (b"cookie", b"csrftoken=c; sessionid=s; theme=dark")]

    scope = asgi._of_nobody({"path": "/static/no/such/file", "headers": headers})

    assert finders.find("no/such/file") is None
    assert scope["headers"] == [(b"host", b"localhost"), (b"cookie", b"csrftoken=c; theme=dark")]


async def answered_at_once(pages):
    pages.answer_all()
    async with asyncio.timeout(2):
        return await pages.ask()


class Answer:
    def __init__(self, messages):
        head, *parts = messages
        self.status, self.headers = head["status"], dict(head["headers"])
        self.body = b"".join(part["body"] for part in parts)


class Pages:
    """An application that answers when it is told to, and counts how many are inside."""

    def __init__(self, door):
        self.inside = self.most = 0
        self._app = None
        self._door = door
        self._answers = asyncio.Semaphore(0)
        self._all = False

    def ask(self, **how):
        return asyncio.create_task(self._ask(**how))

    def answer_one(self):
        self._answers.release()

    def answer_all(self):
        self._all = True
        for _ in range(100):
            self._answers.release()

    async def until_inside(self, number):
        async with asyncio.timeout(2):
            while self.inside != number:
                await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.sleep(0)

    async def _ask(self, *, body=None, reads=None, breaks=False, waits=None):
        async def receive():
            if body:
                await body.wait()
            return END

        async def send(message):
            if reads:
                await reads.wait()
            said.append(message)

        async def app(scope, receive, send):
            if (await receive())["type"] == "http.disconnect":
                return
            if breaks:
                raise ZeroDivisionError
            if waits:
                async with outside():
                    await waits.wait()
            await self._make_a_page(send)

        said = []
        await door.guarded(app, self._door)({"type": "http", "path": "/"}, receive, send)
        return Answer(said)

    async def _make_a_page(self, send):
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            if not self._all:
                await self._answers.acquire()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"page"})
        finally:
            self.inside -= 1
