"""Stopping in the process that writes: at once, in every moment, and without the help of its clock."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from conversations import store
from conversations.making.runner import Runner
from conversations.models import Message, Reply
from conversations.store import database
from integrations import tokens
from integrations.responders import http
from tests.factories import AccountFactory
from tests.ground.provider import Answer
from tests.ground.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

NO_ERROR = ("", "", False)


@asynccontextmanager
async def process(account):
    """A process whose clock does not run, with a reply that it has just begun to write."""
    running = Runner()
    try:
        known = await store.account_of_token(tokens.digest(account.token))
        message = {"text": "Hello?", "conversation_id": "customer-42", "key": None}
        accepted = await store.accept(known, **message, delivered=[])
        feed = running.take(accepted, known)
        yield running, accepted, feed
        await ended(running)
    finally:
        await running.announcer.close()
        await http.close()
        await database.close()


async def ended(running):
    async with asyncio.timeout(5):
        while running.writer._tasks:
            await asyncio.wait(list(running.writer._tasks.values()))


async def stopped(account, accepted):
    """What a request to stop does in the database."""
    return await store.stop(account.pk, "customer-42", accepted.reply_id)


def the_reply():
    return Reply.objects.get()


def test_a_reply_that_has_not_begun_yet_is_ended_too(account, provider):
    provider.script(Answer(deltas=["never "], hang_after=1))

    async def run():
        async with process(account) as (running, accepted, feed):
            running.writer.stop(accepted.reply_id)
            await ended(running)
            assert (feed.status, running.writer._claims, running.writer._stopping) == ("canceled", {}, set())

    asyncio.run(run())

    assert (the_reply().status, the_reply().lease_expires_at) == ("canceled", None)


def test_a_reply_with_text_is_ended_at_once(account, provider):
    provider.script(Answer(deltas=["one ", "two "], hang_after=1))

    async def run():
        async with process(account) as (running, accepted, feed):
            await until(lambda: feed.text, what="it has begun")
            assert (await stopped(account, accepted)).is_being_written
            for _ in range(3):
                running.writer.stop(accepted.reply_id)
            await ended(running)
            assert (feed.status, feed.message.body, feed.message.data["stopped"]) == ("sent", "one ", True)

    asyncio.run(run())

    message = Message.objects.get(actor="assistant")
    assert (message.body, message.data) == ("one ", {"author": "responder", "stopped": True})


def test_a_reply_that_is_being_ended_is_let_be(account, provider, monkeypatch):
    provider.script(Answer(deltas=["whole"]))
    finish = store.finish

    async def slow_finish(*args, **kwargs):
        finishing.set()
        await go_on.wait()
        return await finish(*args, **kwargs)

    async def run():
        async with process(account) as (running, accepted, _):
            await finishing.wait()
            running.writer.stop(accepted.reply_id)
            await asyncio.sleep(0)
            go_on.set()

    finishing, go_on = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(store, "finish", slow_finish)
    asyncio.run(run())

    assert Message.objects.get(actor="assistant").data == {"author": "responder"}


def test_a_reply_that_ends_in_the_moment_of_the_stop_is_not_interrupted(account, provider, monkeypatch):
    """The stop is asked for and the last word arrives in one turn of the loop: whichever wins, the reply ends."""
    provider.script(Answer(deltas=["whole"]))

    async def run():
        async with process(account) as (running, accepted, feed):
            while running.writer._tasks and not feed.text:
                await asyncio.sleep(0)
            running.writer.stop(accepted.reply_id)

    asyncio.run(run())

    assert Message.objects.get(actor="assistant").body == "whole"
    assert the_reply().status == "sent"


def test_a_later_attempt_can_be_stopped_though_an_earlier_one_was(account, provider):
    provider.script(Answer(deltas=["one "], hang_after=1))

    async def run():
        async with process(account) as (running, accepted, feed):
            await until(lambda: feed.text, what="it has begun")
            running.writer._stopping.add(accepted.reply_id)  # the earlier attempt was told, and lost its lease
            await database.execute("UPDATE conversations_reply SET lease_expires_at = now() - interval '1 second'")
            [claim] = await store.take_over(1)
            running.writer.begin(claim)
            await until(lambda: feed.attempt == 2 and feed.text, what="the second attempt has begun")
            running.writer.stop(accepted.reply_id)

    asyncio.run(run())

    assert (the_reply().status, the_reply().attempt) == ("sent", 2)
    assert Message.objects.get(actor="assistant").body == "one "


@pytest.mark.parametrize(
    ("mode", "status", "data"),
    [("manual", "canceled", None), ("auto", "sent", {"author": "responder"})],
)
def test_a_text_that_was_whole_before_the_stop_was_noticed(world, model, provider, mode, status, data):
    """It is sent whole; but where an approval is needed, it is no draft any more."""
    provider.script(Answer(hang_after=0))
    account = AccountFactory(workspace=world.workspace, responder=model, response_mode=mode)

    async def run():
        async with process(account) as (running, accepted, feed):
            assert (await stopped(account, accepted)).status == "generating"
            claim = running.writer._claims[accepted.reply_id]
            feed.append("whole")
            running.writer._finishing.add(accepted.reply_id)
            await running.writer._finish(claim, feed, [], NO_ERROR, False)
            assert feed.status == status
            running.writer._tasks[accepted.reply_id].cancel()

    asyncio.run(run())

    assert the_reply().status == status
    assert [message.data for message in Message.objects.filter(actor="assistant")] == ([data] if data else [])
    assert not Reply.objects.awaiting_approval().exists()
