"""The text of a reply on the pages of agents, while it is written."""

import asyncio
import time

import pytest

from conversations.desk.live import growth
from conversations.making import runner
from conversations.making.feed import Feed
from conversations.models import Reply
from tests.conversations.desk.live.desk_socket import in_thread
from tests.factories.drafts import reply_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reply(conversation):
    """One that some process is writing; it is held."""
    return reply_in(conversation, "generating", text="")


@pytest.fixture
async def mina(world, sessions, opened):
    return await opened.socket(world.workspace.slug, sessions["agent"])


@pytest.fixture
def feed(reply):
    """The feed of this process, which writes the reply; only in a running event loop."""

    def begun():
        feeds = runner.runner().feeds
        feeds[reply.pk] = Feed(reply.pk, status="generating", attempt=1, held=True)
        feeds[reply.pk].is_produced_here = True
        return feeds[reply.pk]

    return begun


def shows(reply, text):
    return f'<div id="growing-{reply.pk}" hx-swap-oob="innerHTML">{text}</div>'


async def test_a_reply_that_is_written_here_grows_on_the_page(conversation, reply, feed, mina):
    written = feed()
    written.append("one ")
    await mina.watch(conversation.pk)
    assert await mina.grown() == shows(reply, "one ")

    written.append("two")

    assert await mina.grown() == shows(reply, "one two")


async def test_a_reply_that_is_written_elsewhere_grows_too(conversation, reply, mina):
    await mina.watch(conversation.pk)
    await mina.said()

    await Reply.objects.filter(pk=reply.pk).aupdate(text="one ")
    assert await mina.grown() == shows(reply, "one ")
    await Reply.objects.filter(pk=reply.pk).aupdate(text="one two")

    assert await mina.grown() == shows(reply, "one two")


async def test_what_a_model_writes_is_text_and_nothing_else(conversation, reply, feed, mina):
    feed().append('<img src=x onerror=alert(1)> <b hx-get="/">&amp; \u202e**bold**</div><div id="live">')
    await mina.watch(conversation.pk)

    grown = await mina.grown()

    assert grown == shows(
        reply,
        "&lt;img src=x onerror=alert(1)&gt; &lt;b hx-get=&quot;/&quot;&gt;&amp;amp; ⟨RLO⟩**bold**"
        "&lt;/div&gt;&lt;div id=&quot;live&quot;&gt;",
    )


async def test_a_swift_reply_comes_in_few_pieces(conversation, reply, feed, mina):
    written = feed()
    await mina.watch(conversation.pk)
    await mina.said()

    started, pieces = time.monotonic(), []
    for _ in range(100):
        written.append("word ")
        await asyncio.sleep(0.01)
    while not pieces or pieces[-1] != shows(reply, "word " * 100):
        pieces.append(await mina.grown())

    assert len(pieces) <= 2 + 4 * (time.monotonic() - started)


def test_long_texts_come_in_fewer_pieces():
    assert growth.pause(0) == growth.pause(4_000) == 0.25
    assert growth.pause(4_001) == 0.5
    assert growth.pause(40_000) == 2.5


async def test_a_new_attempt_begins_from_nothing(conversation, reply, feed, mina):
    written = feed()
    written.append("half a")
    await mina.watch(conversation.pk)
    assert await mina.grown() == shows(reply, "half a")

    written.begin(2)

    assert await mina.grown() == shows(reply, "")


async def test_a_page_that_drew_itself_anew_gets_the_text_again(conversation, reply, feed, mina):
    feed().append("as before")
    await mina.watch(conversation.pk)
    assert await mina.grown() == shows(reply, "as before")
    await mina.hush()

    await mina.watch(conversation.pk)

    assert await mina.grown() == shows(reply, "as before")


async def test_the_end_is_told_even_where_nobody_announces_it(conversation, reply, mina):
    await mina.watch(conversation.pk)
    assert await mina.said() == {"viewed": str(conversation.pk)}

    await Reply.objects.filter(pk=reply.pk).aupdate(status="awaiting_approval", text="done", lease_expires_at=None)

    assert await mina.said() == {"changed": [str(conversation.pk)]}


async def test_the_next_reply_of_the_conversation_grows_as_well(conversation, reply, feed, mina):
    written = feed()
    written.append("first")
    await mina.watch(conversation.pk)
    assert await mina.grown() == shows(reply, "first")
    await Reply.objects.filter(pk=reply.pk).aupdate(status="failed", lease_expires_at=None)
    following = await in_thread(reply_in, conversation, "generating", text="second")
    written.is_produced_here = False

    written.close("failed")

    assert await mina.grown() == shows(following, "second")


async def test_pages_that_do_not_look_get_nothing(conversation, reply, feed, mina, opened, world, sessions):
    olga = await opened.socket(world.workspace.slug, sessions["owner"])
    sam = await opened.socket(world.elsewhere.slug, sessions["stranger"])
    await sam.watch(conversation.pk)
    feed().append("for Mina")
    await mina.watch(conversation.pk)
    assert await mina.grown() == shows(reply, "for Mina")

    assert await olga.receive_nothing()
    assert await sam.receive_nothing()


async def test_nothing_is_written_and_nothing_left_behind(conversation, reply, feed, mina):
    written = feed()
    written.append("text")
    await mina.watch(conversation.pk)
    assert await mina.grown()
    assert len(written.readers) == 1
    before = await Reply.objects.values().aget(pk=reply.pk)

    await mina.watch(None)
    while written.readers:
        assert await mina.receive_nothing()

    assert await Reply.objects.values().aget(pk=reply.pk) == before
