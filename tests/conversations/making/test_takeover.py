"""A reply outlives the process that was generating it: another one takes over when the lease has run out."""

import os
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import Message, Reply
from tests.ground import processes, servers, streams
from tests.ground.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)
LEASE_SECONDS = 2


@pytest.fixture
def start(tmp_path):
    """Starts a server with a short lease; a context manager that gives its URL."""
    return lambda name: servers.running(log=tmp_path / name, LUMIKA_LEASE_SECONDS=str(LEASE_SECONDS))


def kill(url: str) -> None:
    worker = processes.granian_worker(url)
    for process in (processes.parent_of(worker), worker):
        os.kill(process, signal.SIGKILL)


def test_a_killed_process_hands_its_reply_to_another_and_the_stream_resumes_there(start, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three"], hang_after=2), Answer(deltas=["whole ", "again"]))
    query = {"conversationId": "customer-42", "textContent": "Hello?"}
    with start("second") as second:
        with start("first") as first, streams.opened(first, account.token, **query) as stream:
            seen = stream.until("partial")
            kill(first)

        blocks = streams.whole(second, account.token, headers={"Last-Event-ID": seen.id}, **query)

    assert blocks[0].type == "reset"
    assert streams.text_of(blocks) == "whole again" == blocks[-1].data["message"]["body"]
    assert Reply.objects.get().attempt == 2
    assert Message.objects.count() == 2


def test_a_reply_that_lost_its_worker_three_times_fails_and_says_so(start, account, provider):
    provider.script(Answer(deltas=["one "], hang_after=1))
    query = {"conversationId": "customer-42", "textContent": "Hello?"}
    with start("only") as server, streams.opened(server, account.token, **query) as stream:
        stream.until("partial")
        Reply.objects.update(attempt=3, lease_expires_at=timezone.now() - timedelta(seconds=1))

        error = stream.until("error")

    assert error.data["code"] == "attempts_used_up"
    assert Reply.objects.get().status == "failed"
