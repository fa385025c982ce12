"""The engine runs behind every door, whoever serves: what agents decide is carried out where only pages are used."""

import asyncio
from contextlib import contextmanager

import httpx2
import pytest
from asgiref.testing import ApplicationCommunicator
from django.urls import reverse

from conversations.making import runner
from conversations.models import Reply
from lumika import engine
from lumika.asgi import application
from tests.factories import AccountFactory
from tests.ground import servers, streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SEND = {"conversationId": "customer-42", "textContent": "Hello?"}
DRAFT = "a held draft"
PATIENCE = 10.0


@pytest.fixture
def manual(world, model, provider):
    """An account whose replies are held."""
    provider.script(Answer(deltas=[DRAFT]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.fixture
def mina(world, client):
    """What the browser of the agent has, who is signed in."""
    client.force_login(world.agent)
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.mark.parametrize("kind", ["daphne", "runserver"])
def test_a_draft_that_is_approved_where_only_pages_are_used_reaches_the_held_stream(
    kind, tmp_path, world, manual, mina
):
    page = reverse("desk:approvals", args=[world.workspace.slug])
    with (
        servers.running(log=tmp_path / "granian", LUMIKA_HOLD_SECONDS="60") as api,
        servers.running(kind, log=tmp_path / "desk", first=page, LUMIKA_UNDO_SECONDS="1") as desk,
        streams.opened(api, manual.token, **SEND) as stream,
    ):
        stream.until("pending")
        approve = reverse("desk:approve", args=[world.workspace.slug, Reply.objects.get().pk])

        with servers.frozen_but(desk), signed_in(desk, mina, page) as browser:
            answer = browser.post(approve, data={"seen": "1", "body": DRAFT})
            assert answer.status_code < 400, answer.text
            wait_for(lambda: Reply.objects.get().status == "sent")

        assert stream.until("final").data["message"]["body"] == DRAFT


@contextmanager
def signed_in(desk, cookies, page):
    """A browser that has this page open."""
    with httpx2.Client(base_url=desk, cookies=cookies, follow_redirects=True, timeout=PATIENCE) as browser:
        assert browser.get(page).status_code == 200
        browser.headers.update({"Origin": desk, "X-CSRFToken": browser.cookies["csrftoken"]})
        yield browser


REQUEST = {"http_version": "1.1", "method": "GET", "query_string": b"", "headers": [], "asgi": {"version": "3.0"}}
SCOPES = {
    "a page": {"type": "http", "path": "/"},
    "a static file": {"type": "http", "path": "/static/css/no-such-file.css"},
    "the conversation API": {"type": "http", "path": "/conversation/history"},
    "a socket": {"type": "websocket", "path": "/w/nowhere/live/", "subprotocols": []},
}


@pytest.mark.parametrize("first", SCOPES)
async def test_it_begins_with_whatever_is_asked_for_first(first):
    assert not runner.is_running()

    kinds = ["websocket.connect", "websocket.disconnect"] if first == "a socket" else ["http.request"]
    await answer_of(SCOPES[first] | REQUEST, [{"type": kind, "code": 1001} for kind in kinds])

    assert runner.is_running()
    await engine.close()
    assert not runner.is_running()


async def answer_of(scope, messages):
    """What a server without lifespan gets."""
    asked = ApplicationCommunicator(application, scope)
    for message in messages:
        await asked.send_input(message)
    first = await asked.receive_output(PATIENCE)
    await asked.wait(PATIENCE)
    return first


async def test_a_server_with_a_lifespan_begins_and_ends_it():
    server = ApplicationCommunicator(application, {"type": "lifespan", "asgi": {"version": "3.0"}})

    await server.send_input({"type": "lifespan.startup"})
    assert await server.receive_output(PATIENCE) == {"type": "lifespan.startup.complete"}
    assert runner.is_running()
    await server.send_input({"type": "lifespan.shutdown"})
    assert await server.receive_output(PATIENCE) == {"type": "lifespan.shutdown.complete"}

    assert not runner.is_running()


async def test_no_other_event_loop_of_the_process_begins_a_second_one():
    runner.runner()

    async def elsewhere():
        return runner.runner()

    with pytest.raises(AssertionError, match="another event loop"):
        await asyncio.to_thread(asyncio.run, elsewhere())

    await engine.close()


async def test_it_begins_beside_the_main_thread_too():
    """Where the development server reloads code, its main thread watches files, and SIGTERM goes there."""
    page = {"type": "http", "path": "/static/css/no-such-file.css", **REQUEST}

    async def asked() -> bool:
        await answer_of(page, [{"type": "http.request"}])
        try:
            return runner.is_running()
        finally:
            await engine.close()

    assert await asyncio.to_thread(asyncio.run, asked())
