"""A workspace whose articles are as many and as long as it likes, asked without a pause: what the others feel of it."""

import asyncio
import random
import statistics
from time import monotonic

import pytest

from integrations.models import Article, Responder
from tests.factories import AccountFactory, ConversationFactory, ResponderFactory
from tests.ground.provider import Answer
from tests.ground.streams import text_of
from tests.ground.waiting import until
from tests.load.streaming import OpenStream, address, request

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

ARTICLES = 240
CHARACTERS = 199_000
ASKING = 24
SECONDS = 12.0
POLL_SECONDS = 0.25
REPLY_SECONDS = 5.0

chance = random.Random(8)
WORDS = ["".join(chance.choices("abdefghiklmnoprstuvw", k=chance.randint(4, 9))) for _ in range(4_000)]


@pytest.fixture
def heavy(world):
    """The stranger's account, which answers from very many words."""
    responder = ResponderFactory(workspace=world.elsewhere, kind=Responder.Kind.KNOWLEDGE)
    Article.objects.bulk_create(
        [Article(workspace=world.elsewhere, title=f"Article {n}", body=some_text(CHARACTERS)) for n in range(ARTICLES)],
        batch_size=20,
    )
    return AccountFactory(workspace=world.elsewhere, responder=responder)


def some_text(characters: int) -> str:
    words = chance.choices(WORDS, k=characters // 5)
    lines = (" ".join(words[start : start + 60]) for start in range(0, len(words), 60))
    return "\n\n".join(lines)[:characters]


def test_others_notice_nothing_of_a_strangers_heavy_searches(own_server, account, heavy, provider):
    provider.script(Answer(deltas=["Of ", "course."], delay=0.01))
    ConversationFactory(account=account, external_id="customer-1")

    seen = asyncio.run(observe(own_server, account.token, heavy.token))

    print(
        f"{statistics.median(seen.polls) * 1000:.0f} ms a poll, {max(seen.polls) * 1000:.0f} ms the slowest, "
        f"{max(seen.replies) * 1000:.0f} ms the slowest of {len(seen.replies)} replies, {seen.asked} questions"
    )
    assert seen.asked >= ASKING
    assert set(seen.statuses) == {200}
    assert statistics.median(seen.polls) < POLL_SECONDS
    assert max(seen.replies) < REPLY_SECONDS


class Observed:
    def __init__(self) -> None:
        self.polls: list[float] = []
        self.statuses: list[int] = []
        self.replies: list[float] = []
        self.asked = 0


async def observe(server: str, token: str, heavy: str) -> Observed:
    seen = Observed()
    until = monotonic() + SECONDS
    async with asyncio.TaskGroup() as tasks:
        for number in range(ASKING):
            tasks.create_task(ask_again_and_again(server, heavy, number, until, seen))
        tasks.create_task(poll(server, token, until, seen))
        tasks.create_task(converse(server, token, until, seen))
    return seen


async def ask_again_and_again(server: str, token: str, number: int, until: float, seen: Observed) -> None:
    """Each time in a conversation of its own, by a question of very many words."""
    while monotonic() < until:
        question = " ".join(chance.choices(WORDS, k=480))[:3_900]
        await whole(server, token, f"c-{number}-{seen.asked}", question)
        seen.asked += 1


async def converse(server: str, token: str, until: float, seen: Observed) -> None:
    while monotonic() < until:
        begun = monotonic()
        stream = await whole(server, token, "customer-1", f"Hello, for the {len(seen.replies)}th time?")
        blocks = stream.blocks()
        assert [blocks[0].type, blocks[-1].type] == ["accepted", "final"]
        assert text_of(blocks) == "Of course."
        seen.replies.append(monotonic() - begun)
        await asyncio.sleep(0.1)


async def whole(server: str, token: str, conversation: str, text: str) -> OpenStream:
    query = {"integrationToken": token, "conversationId": conversation, "textContent": text}
    stream = await OpenStream.open(server, **query)
    try:
        await until(lambda: stream.is_whole, seconds=60, what="the reply is whole")
    finally:
        stream.cut()
    return stream


async def poll(server: str, token: str, until: float, seen: Observed) -> None:
    query = request(server, "/conversation/history", integrationToken=token, conversationId="customer-1")
    while monotonic() < until:
        begun = monotonic()
        reader, writer = await asyncio.open_connection(*address(server))
        writer.write(query)
        seen.statuses.append(int((await reader.readline()).split()[1]))
        seen.polls.append(monotonic() - begun)
        writer.close()
        await asyncio.sleep(0.02)
