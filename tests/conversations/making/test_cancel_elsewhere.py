"""Stopping a reply that another process makes, or made until it died."""

import os
import signal
from time import monotonic

import pytest

from conversations.models import Message, Reply
from tests.conversations.making.stopping import canceled
from tests.factories import AccountFactory
from tests.ground import processes, servers, streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

LEASE_SECONDS = 2
SEND = {"conversationId": "customer-42", "textContent": "Hello?", "clientMessageId": "a-key-of-mine"}


@pytest.fixture
def first(tmp_path):
    """A server that a test may end; its leases are short."""
    with servers.running(log=tmp_path / "first", LUMIKA_LEASE_SECONDS=str(LEASE_SECONDS)) as url:
        yield url


def kill(url):
    worker = processes.granian_worker(url)
    for process in (processes.parent_of(worker), worker):
        os.kill(process, signal.SIGKILL)


def the_reply():
    return Reply.objects.earliest("created_at")


@pytest.mark.alone
@pytest.mark.parametrize("writes_here", ["granian", "daphne"])
def test_both_processes_show_the_same_end(granian, daphne, account, provider, writes_here):
    provider.script(Answer(deltas=["one ", "two 🦊 ", "three"], hang_after=2, delay=0.05))
    writing, elsewhere = (granian, daphne) if writes_here == "granian" else (daphne, granian)
    with (
        streams.opened(writing, account.token, **SEND) as here,
        streams.opened(elsewhere, account.token, **SEND) as there,
    ):
        seen = {}
        for stream in (here, there):
            seen[stream] = [stream.until("partial")]
            while streams.text_of(seen[stream]) != "one two 🦊 ":
                seen[stream].append(stream.until("partial"))

        asked = monotonic()
        assert canceled(elsewhere, account.token, reply=the_reply()) == "generating"

        for stream in (here, there):
            seen[stream] += list(stream)
        assert monotonic() - asked < 4
    for blocks in seen.values():
        assert streams.text_of(blocks) == blocks[-1].data["message"]["body"] == "one two 🦊 "
        assert blocks[-1].data["message"]["data"] == {"author": "responder", "stopped": True}
    assert seen[here][-1].data == seen[there][-1].data
    assert Reply.objects.get().attempt == 1


def test_a_stopped_reply_whose_process_died_is_what_was_written_down(first, granian, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three"], hang_after=2))
    with streams.opened(first, account.token, **SEND) as stream:
        seen = [stream.until("partial")]
        wait_for(lambda: the_reply().text.startswith(streams.text_of(seen)))
        kill(first)

    assert canceled(granian, account.token, reply=the_reply()) == "generating"
    last_id = seen[-1].id
    blocks = seen + streams.whole(granian, account.token, headers={"Last-Event-ID": last_id}, **SEND)

    assert blocks[-1].type == "final"
    assert blocks[-1].data["message"]["data"] == {"author": "responder", "stopped": True}
    assert streams.text_of(blocks) == blocks[-1].data["message"]["body"]
    assert the_reply().attempt == 1
    assert Message.objects.count() == 2


def test_text_that_was_shown_but_not_written_down_is_taken_back(first, granian, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three"], hang_after=3))
    with streams.opened(first, account.token, **SEND) as stream:
        seen = [stream.until("partial")]
        while streams.text_of(seen) != "one two three":
            seen.append(stream.until("partial"))
        kill(first)
    Reply.objects.update(text="one ")

    canceled(granian, account.token, reply=the_reply())
    last_id = seen[-1].id
    rest = streams.whole(granian, account.token, headers={"Last-Event-ID": last_id}, **SEND)
    resumed_later = streams.whole(granian, account.token, headers={"Last-Event-ID": last_id}, **SEND)

    for blocks in (rest, resumed_later):
        assert [block.type for block in blocks] == ["reset", "partial", "final"]
        assert streams.text_of(seen + blocks) == blocks[-1].data["message"]["body"] == "one "


def test_a_held_reply_whose_process_died_is_dropped(first, granian, model, world, provider):
    provider.script(Answer(deltas=["a ", "held ", "draft"], hang_after=2))
    account = AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")
    with streams.opened(first, account.token, **SEND):
        wait_for(lambda: the_reply().text == "a held ")
        kill(first)

    canceled(granian, account.token, reply=the_reply())

    blocks = streams.whole(granian, account.token, **SEND)

    assert [block.type for block in blocks] == ["accepted", "error"]
    assert blocks[-1].data["code"] == "canceled"
    assert the_reply().status == "canceled"
    assert Message.objects.count() == 1


def test_the_next_reply_begins_though_the_stopped_one_lost_its_process(first, granian, account, provider):
    provider.script(Answer(deltas=["first "], hang_after=1), Answer(deltas=["second"]))
    of = {"conversationId": "customer-42"}
    with streams.opened(first, account.token, textContent="1", **of) as stream:
        stream.until("partial")
        wait_for(lambda: the_reply().text == "first ")
        with streams.opened(first, account.token, textContent="2", **of) as next_one:
            next_one.until("accepted")
        kill(first)

    canceled(granian, account.token, reply=the_reply())

    wait_for(lambda: Message.objects.count() == 4, seconds=20)
    bodies = list(Message.objects.order_by("sequence").values_list("body", flat=True))
    assert bodies == ["1", "2", "first ", "second"]


def test_a_reply_that_is_stopped_while_its_process_ends_is_ended_once(first, granian, account, provider):
    provider.script(Answer(deltas=["one "], hang_after=1))
    with streams.opened(first, account.token, **SEND) as stream:
        stream.until("partial")
        wait_for(lambda: the_reply().text == "one ")
        os.kill(processes.granian_worker(first), signal.SIGTERM)

        canceled(granian, account.token, reply=the_reply())

        blocks = streams.whole(granian, account.token, **SEND)

    assert blocks[-1].data["message"]["body"] == "one " == streams.text_of(blocks)
    assert Message.objects.count() == 2
