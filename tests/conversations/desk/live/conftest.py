from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from conversations.desk.live import consumers
from lumika import engine
from tests.conversations.desk.live.desk_socket import PATIENCE, DeskSocket, session_of
from tests.factories import AccountFactory, ConversationFactory


@pytest.fixture
async def opened():
    """``await opened.socket(slug, session_key)``; ``opened.unopened(…)`` has not begun yet."""
    sockets = []

    def make(*args, **options):
        sockets.append(DeskSocket(*args, **options))
        return sockets[-1]

    async def opened_one(slug, session_key):
        socket = make(slug, session_key)
        await socket.enter()
        return socket

    yield SimpleNamespace(socket=opened_one, unopened=make)
    for socket in sockets:
        if not socket.future.done():
            await socket.disconnect(timeout=PATIENCE)
    await engine.close()
    await sync_to_async(connections.close_all)()


@pytest.fixture
def sessions(world):
    """The session keys of the three persons."""
    return {who: session_of(getattr(world, who)) for who in ("owner", "agent", "stranger")}


@pytest.fixture
def conversation(world):
    return ConversationFactory(account=AccountFactory(workspace=world.workspace))


@pytest.fixture
def foreign(world):
    return ConversationFactory(account=AccountFactory(workspace=world.elsewhere))


@pytest.fixture
def hasty(monkeypatch):
    """A server that checks and gives signs of life all the time."""
    monkeypatch.setattr(consumers, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(consumers, "CHECK_SECONDS", 0.05)
