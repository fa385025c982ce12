"""SIGTERM, as a deploy sends it: what is written may be finished, the rest goes on in another process."""

import os
import signal
import time

import httpx2
import pytest

from conversations.models import Message, Reply
from tests.factories import AccountFactory
from tests.ground import processes, servers, streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SEND = {"conversationId": "customer-42", "textContent": "Hello?"}
LEASE = "30"  # nobody could take over that soon if the lease were not handed back


@pytest.fixture(params=["granian", "daphne", "runserver"])
def start(request, tmp_path):
    """Starts a server; a context manager that gives its URL. Of the three only Granian knows a lifespan."""
    return lambda name, **env: servers.running(request.param, log=tmp_path / name, LUMIKA_LEASE_SECONDS=LEASE, **env)


def terminate(url):
    """Sends SIGTERM to the server; how to see whether it, or what it has for workers, is gone."""
    server = processes.server(url)
    workers = processes.children_of(server) or [server]
    os.kill(server, signal.SIGTERM)
    return lambda: not any(map(processes.is_alive, workers))


def test_a_reply_that_is_being_written_is_finished(start, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three ", "four"], delay=0.3))
    with start("only", LUMIKA_GRACE_SECONDS="20") as server, streams.opened(server, account.token, **SEND) as stream:
        stream.until("partial")

        is_gone = terminate(server)

        assert stream.until("final").data["message"]["body"] == "one two three four"
        wait_for(is_gone)
    assert Reply.objects.get().attempt == 1


@pytest.mark.alone
def test_a_reply_that_takes_longer_than_the_grace_goes_on_in_another_process_at_once(start, account, provider):
    provider.script(Answer(deltas=["one ", "two"], hang_after=1), Answer(deltas=["whole ", "again"]))
    with start("new") as new, start("old", LUMIKA_GRACE_SECONDS="1") as old:
        with streams.opened(old, account.token, **SEND) as stream:
            seen = stream.until("partial")
            started = time.monotonic()
            is_gone = terminate(old)
            assert [block.type for block in stream] == []
        wait_for(is_gone)

        blocks = streams.whole(new, account.token, headers={"Last-Event-ID": seen.id}, **SEND)

    assert time.monotonic() - started < 6
    assert blocks[0].type == "reset"
    assert streams.text_of(blocks) == "whole again"
    reply = Reply.objects.get()
    assert (reply.attempt, reply.last_attempt) == (2, 4)
    assert Message.objects.count() == 2


@pytest.mark.alone
def test_a_stream_that_only_waits_ends_at_once(start, world, model, provider):
    provider.script(Answer(deltas=["a draft"]))
    held = AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")
    with start("only", LUMIKA_HOLD_SECONDS="60") as server, streams.opened(server, held.token, **SEND) as stream:
        stream.until("pending")
        started = time.monotonic()

        is_gone = terminate(server)

        assert list(stream) == []
        wait_for(is_gone)
        assert time.monotonic() - started < 3
    assert Reply.objects.get().status == "awaiting_approval"


@pytest.mark.parametrize("start", ["granian"], indirect=True)
def test_nothing_new_is_accepted(start, account, provider):
    provider.script(Answer(deltas=["one ", "two"], delay=0.5))
    with start("only", LUMIKA_GRACE_SECONDS="20") as server, streams.opened(server, account.token, **SEND) as stream:
        stream.until("partial")

        terminate(server)

        def is_closed():
            try:
                httpx2.get(f"{server}/conversation/history", timeout=2)
            except httpx2.ConnectError:
                return True
            return False

        wait_for(is_closed, seconds=2)
        assert stream.until("final")
