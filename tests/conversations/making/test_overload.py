"""More replies than a process may write at a time: they wait in turn, and nobody's crowd delays somebody else."""

import time
from contextlib import ExitStack

import pytest

from conversations.models import Message, Reply
from tests.factories import AccountFactory, ResponderFactory
from tests.factories.bulk import waiting_replies
from tests.ground import servers, streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

A_CROWD = 10_000
QUESTION = {"textContent": "Hello?"}


@pytest.fixture
def narrow(tmp_path, provider):
    """A server that writes four replies at a time, three of them for one workspace."""
    limits = {"LUMIKA_REPLIES_PER_PROCESS": "4", "LUMIKA_REPLIES_PER_WORKSPACE": "3"}
    with servers.running(log=tmp_path / "log", **limits) as url, servers.frozen_but(url):
        yield url


@pytest.fixture
def neighbour(world, model):
    """An account of another workspace, answered by the same provider."""
    responder = ResponderFactory(workspace=world.elsewhere, kind=model.kind, base_url=model.base_url, model="double")
    return AccountFactory(workspace=world.elsewhere, responder=responder)


def test_never_more_are_written_than_there_is_room_for_and_all_are_answered(narrow, account, provider):
    provider.script(Answer(deltas=["one ", "two"], delay=0.2))
    written = []

    with ExitStack() as stack:
        opened = [
            stack.enter_context(streams.opened(narrow, account.token, conversationId=f"c-{number}", **QUESTION))
            for number in range(12)
        ]
        while Message.objects.filter(actor="assistant").count() < len(opened):
            written.append(Reply.objects.filter(status="generating").count())
            time.sleep(0.02)
        ends = [stream.until("final") for stream in opened]

    assert 3 <= max(written) <= 5, "a claim that is under way is not counted yet"
    assert {end.data["message"]["body"] for end in ends} == {"one two"}


@pytest.mark.alone
def test_ten_thousand_waiting_replies_do_not_delay_the_single_one_of_somebody_else(
    narrow, account, neighbour, provider
):
    provider.script(Answer(deltas=["one ", "two"], delay=0.5))
    waiting_replies(account, count=A_CROWD)
    wait_for(lambda: Reply.objects.filter(workspace=account.workspace, status="generating").count() == 3)

    asked = time.monotonic()
    answer = streams.whole(narrow, neighbour.token, conversationId="alone", **QUESTION)

    assert answer[-1].type == "final"
    assert time.monotonic() - asked < 8, "the whole crowd would take an hour"
    assert Reply.objects.filter(workspace=account.workspace, status="queued").count() > A_CROWD * 0.9


def test_a_workspace_that_waits_gets_its_turn_among_the_busy(tmp_path, account, neighbour, provider):
    """The process is full with one workspace's replies; the next free place goes to the other one's."""
    provider.script(Answer(deltas=["one ", "two"], delay=0.3))
    with (
        servers.running(log=tmp_path / "full", LUMIKA_REPLIES_PER_PROCESS="2") as server,
        servers.frozen_but(server),
    ):
        waiting_replies(account, count=50)
        wait_for(lambda: Reply.objects.filter(status="generating").count() == 2)

        streams.whole(server, neighbour.token, conversationId="alone", **QUESTION)

        assert Reply.objects.filter(workspace=account.workspace, status="sent").count() < 12
