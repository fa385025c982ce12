"""Sending, and coming back for the reply, without any door: what holds whichever way a customer comes."""

import pytest

from conversations import store
from conversations.making import runner
from conversations.making.position import Position
from conversations.making.sending import KeyReused, Resume, Send, UnknownPosition, resume, send
from conversations.store import database
from integrations import tokens
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import reply_in
from tests.ground.provider import Answer
from tests.ground.waiting import until
from workspaces.tenancy import new_id

pytestmark = pytest.mark.django_db(transaction=True)

HELLO = Send("Hello?", "customer-42")
KEYED = Send("Hello?", "customer-42", "key-0000-0001")
UNNAMED = Send("Hello?", None, "key-0000-0001")
UNFINISHED = Answer(deltas=["one ", "two "], hang_after=1)


class Refused(Exception):
    """What a door answers to somebody who may not see a conversation."""


async def anybody(_conversation_id):
    """Everybody may see every conversation."""


async def nobody(_conversation_id):
    raise Refused


@pytest.fixture(autouse=True)
def plain_provider(provider):
    provider.script(Answer(deltas=["one ", "two"]))


@pytest.fixture
def sibling(world):
    """Another account of the workspace, without a responder."""
    return AccountFactory(workspace=world.workspace)


@pytest.fixture
async def process():
    """The runner of this process; what it does ends with the test."""
    yield runner.runner()
    await runner.close()
    await database.close()


@pytest.fixture
async def caller(process, account):
    """The account as a request knows it."""
    return await known(account)


async def known(account):
    return await store.account_of_token(tokens.digest(account.token))


async def published():
    rows = await database.fetch("SELECT actor, body FROM conversations_message ORDER BY conversation_id, sequence")
    return [tuple(row) for row in rows]


async def sent_whole(caller, message=HELLO):
    """Sent, and its reply is published."""
    sent = await send(caller, message, admits=anybody)
    await until(lambda: sent.feed.has_ended, what="the reply is published")
    return sent


async def test_a_message_is_taken_and_its_reply_made_here(caller):
    sent = await sent_whole(caller)

    assert (sent.conversation_id, sent.goes_on, sent.feed.status) == ("customer-42", False, "sent")
    assert sent.reply_id == str(sent.feed.reply_id)
    assert sent.position == Position(sent.feed.reply_id, 1, mark="b")
    assert await published() == [("customer", "Hello?"), ("assistant", "one two")]


async def test_without_a_responder_the_reply_is_left_to_people(process, sibling):
    sent = await send(await known(sibling), HELLO, admits=anybody)

    assert (sent.reply_id, sent.feed.status) == (None, "by_hand")


@pytest.mark.parametrize("message", [HELLO, KEYED], ids=["the same text", "the same key"])
async def test_a_repetition_follows_the_reply_that_is_being_made(caller, provider, message):
    provider.script(UNFINISHED)
    first = await send(caller, message, admits=anybody)

    again = await send(caller, message, admits=anybody)

    assert (again.message_id, again.reply_id, again.goes_on) == (first.message_id, first.reply_id, True)
    assert again.feed is first.feed
    assert await published() == [("customer", "Hello?")]


async def test_a_key_stands_for_one_message_also_after_others(caller):
    first = await sent_whole(caller, KEYED)
    await sent_whole(caller, Send("Something else", "customer-42"))

    again = await send(caller, KEYED, admits=anybody)

    assert (again.message_id, again.goes_on) == (first.message_id, True)


@pytest.mark.parametrize("another", [Send("Bye", "customer-42", KEYED.key), Send("Hello?", "customer-43", KEYED.key)])
async def test_a_key_that_stands_for_another_message_is_refused(caller, another):
    await sent_whole(caller, KEYED)
    assert (await send(caller, KEYED, admits=anybody)).goes_on

    with pytest.raises(KeyReused):
        await send(caller, another, admits=anybody)

    assert len(await published()) == 2


async def test_a_guessed_key_tells_nobody_about_a_conversation(caller):
    """Who names no conversation gets to know one by the key, so the door is asked; of a new one it is not."""
    first = await send(caller, UNNAMED, admits=nobody)
    asked = []

    async def note(conversation_id):
        asked.append(conversation_id)

    assert (await send(caller, UNNAMED, admits=note)).conversation_id == first.conversation_id
    assert asked == [first.conversation_id]
    with pytest.raises(Refused):
        await send(caller, UNNAMED, admits=nobody)


async def test_the_same_text_is_news_once_its_reply_was_delivered(caller, process):
    """Also when this process alone knows of the delivery so far."""
    first = await sent_whole(caller)
    assert (await send(caller, HELLO, admits=anybody)).message_id == first.message_id
    process.bookkeeping.note_delivery(first.feed.reply_id)

    again = await send(caller, HELLO, admits=anybody)

    assert (again.message_id == first.message_id, again.goes_on) == (False, False)


async def test_without_a_place_the_reply_waits_and_the_process_remembers(caller, process, settings):
    settings.LUMIKA_REPLIES_PER_PROCESS = 0

    sent = await send(caller, HELLO, admits=anybody)

    assert sent.feed.status == "queued"
    assert process.capacity.has_backlog


async def test_a_reader_goes_on_where_it_was(caller, provider):
    provider.script(UNFINISHED)
    sent = await send(caller, HELLO, admits=anybody)
    await until(lambda: sent.feed.text, what="the reply has begun")
    place = Position(sent.feed.reply_id, 1, offset=2)

    found = await resume(caller, Resume(place, "customer-42"), admits=anybody)

    assert (found.feed is sent.feed, found.position, found.goes_on, found.accepted_at) == (True, place, True, None)
    assert await published() == [("customer", "Hello?")]


async def test_a_reader_at_the_beginning_is_told_when_the_message_was_accepted(caller, provider):
    provider.script(UNFINISHED)
    sent = await send(caller, HELLO, admits=anybody)

    found = await resume(caller, Resume(sent.position), admits=anybody)

    assert found.accepted_at == sent.accepted_at is not None


async def test_to_have_read_the_end_is_the_proof_of_delivery(caller, process):
    sent = await sent_whole(caller)
    end = Position(sent.feed.reply_id, 1, sent.feed.length, mark="e")

    assert await resume(caller, Resume(end, "customer-42"), admits=anybody) is None

    await process.bookkeeping.close()
    ((is_delivered,),) = await database.fetch("SELECT delivered_at IS NOT NULL FROM conversations_reply")
    assert is_delivered


async def test_who_may_not_see_the_conversation_proves_no_delivery(caller, process):
    sent = await sent_whole(caller)
    end = Position(sent.feed.reply_id, 1, sent.feed.length, mark="e")

    with pytest.raises(Refused):
        await resume(caller, Resume(end, "customer-42"), admits=nobody)

    assert process.bookkeeping.delivered == set()


async def test_a_place_in_no_reply_of_the_caller_is_unknown_before_the_door_is_asked(caller, sibling):
    sent = await sent_whole(caller)
    here = Position(sent.feed.reply_id, 1, offset=1)
    assert await resume(caller, Resume(here, "customer-42"), admits=anybody)

    for whose, asked in [
        (caller, Resume(None, "customer-42")),
        (caller, Resume(Position(new_id(), 1))),
        (caller, Resume(here, "customer-43")),
        (caller, Resume(here._replace(attempt=2))),
        (await known(sibling), Resume(here)),
    ]:
        with pytest.raises(UnknownPosition):
            await resume(whose, asked, admits=nobody)


@pytest.fixture
def superseded(account):
    """A draft that came to nothing, since the customer wrote again."""
    return reply_in(ConversationFactory(account=account, external_id="customer-42"), "superseded")


async def test_of_a_draft_that_came_to_nothing_nothing_is_to_come(superseded, caller):
    """But a reader at the beginning still has to learn that its message was accepted."""
    assert await resume(caller, Resume(Position(superseded.pk, 1)), admits=anybody) is None

    found = await resume(caller, Resume(Position(superseded.pk, 1, mark="b")), admits=anybody)

    assert found.feed.status == "superseded"
