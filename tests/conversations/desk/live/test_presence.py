"""“Mina is looking at this”: who is told, and for how long it holds."""

from datetime import timedelta

import pytest
from django.db.models import F

from conversations.desk.live import presence, watching
from conversations.models import Viewing
from conversations.models.presence import EXPIRES_AFTER
from tests.conversations.desk.live.desk_socket import in_thread
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def mina(world, sessions, opened):
    return await opened.socket(world.workspace.slug, sessions["agent"])


@pytest.fixture
async def olga(world, sessions, opened):
    return await opened.socket(world.workspace.slug, sessions["owner"])


@pytest.fixture
def eager(monkeypatch):
    """A server that takes every word of a page for a new look."""
    monkeypatch.setattr(watching, "RENEW_SECONDS", 0)


async def looking(conversation):
    viewings = Viewing.objects.current().filter(conversation=conversation)
    return {name async for name in viewings.values_list("user__name", flat=True)}


async def let_it_expire(conversation, user):
    old = F("seen_at") - EXPIRES_AFTER - timedelta(seconds=1)
    assert await Viewing.objects.filter(conversation=conversation, user=user).aupdate(seen_at=old)


async def test_those_who_look_hear_who_comes_and_goes(conversation, mina, olga):
    await olga.watch(conversation.pk)
    assert await olga.said() == {"viewed": str(conversation.pk)}

    await mina.watch(conversation.pk)
    assert await olga.said() == {"viewed": str(conversation.pk)}
    assert await looking(conversation) == {"Mina", "Olga"}

    await mina.watch(None)
    assert await olga.said() == {"viewed": str(conversation.pk)}
    assert await looking(conversation) == {"Olga"}


async def test_others_hear_nothing_of_it(conversation, mina, olga):
    await mina.watch(conversation.pk)
    assert await mina.said() == {"viewed": str(conversation.pk)}

    assert await olga.receive_nothing()


async def test_looking_on_is_no_news(conversation, mina, olga, eager):
    for one in (olga, mina):
        await one.watch(conversation.pk)
        assert await one.said() == {"viewed": str(conversation.pk)}
    assert await olga.said() == {"viewed": str(conversation.pk)}

    for _ in range(5):
        await mina.watch(conversation.pk)

    assert await mina.receive_nothing()
    assert await olga.receive_nothing()


async def test_a_page_that_closes_is_gone_at_once(conversation, mina, olga):
    for one in (olga, mina):
        await one.watch(conversation.pk)
        await one.said()
    await olga.said()

    await mina.disconnect()

    assert await olga.said() == {"viewed": str(conversation.pk)}
    assert await looking(conversation) == {"Olga"}


async def test_another_tab_of_the_same_person_still_looks(world, sessions, opened, conversation, mina, olga):
    second = await opened.socket(world.workspace.slug, sessions["agent"])
    for one in (olga, mina, second):
        await one.watch(conversation.pk)
        await one.said()

    await second.disconnect()

    await olga.hush()
    assert await looking(conversation) == {"Mina", "Olga"}


async def test_another_conversation_takes_the_place_of_the_first(conversation, mina):
    other = await in_thread(ConversationFactory, account=conversation.account)
    await mina.watch(conversation.pk)
    assert await mina.said() == {"viewed": str(conversation.pk)}

    await mina.watch(other.pk)

    assert await mina.said() == {"viewed": str(other.pk)}
    assert (await looking(conversation), await looking(other)) == (set(), {"Mina"})


async def test_whoever_is_gone_without_a_word_is_forgotten(world, conversation, mina, olga, eager):
    for one in (olga, mina):
        await one.watch(conversation.pk)
        await one.said()
    await olga.said()

    await let_it_expire(conversation, world.agent)

    assert await in_thread(lambda: list(presence.others(conversation=conversation, user=world.owner))) == []
    await olga.watch(conversation.pk)
    assert await olga.said() == {"viewed": str(conversation.pk)}


async def test_coming_back_after_that_is_news_again(world, conversation, mina, olga, eager):
    for one in (olga, mina):
        await one.watch(conversation.pk)
        await one.said()
    await olga.said()
    await let_it_expire(conversation, world.agent)

    await mina.watch(conversation.pk)

    assert await olga.said() == {"viewed": str(conversation.pk)}
    assert await looking(conversation) == {"Mina", "Olga"}
