import asyncio
import json
from contextlib import aclosing

import pytest

from integrations.responders import responder_for
from integrations.responders.base import (
    Delta,
)
from integrations.responders.openai_compatible import OpenAICompatible
from tests.ground.provider import DELTAS, Answer, ScriptedProvider
from tests.integrations.responders.asking import PATIENT, asked, reply

pytestmark = pytest.mark.asyncio


async def test_a_connection_is_used_again(provider: ScriptedProvider) -> None:
    for _ in range(3):
        await reply(asked(provider))

    assert provider.connections_made == 1


async def test_a_connection_that_the_provider_closed_meanwhile_does_no_harm(provider: ScriptedProvider) -> None:
    await reply(asked(provider))
    provider.drop_connections()
    await asyncio.to_thread(provider.wait_until, lambda provider: provider.open_connections == 0)

    assert (await reply(asked(provider)))[0]
    assert provider.connections_made == 2


async def test_leaving_early_closes_the_connection(provider: ScriptedProvider) -> None:
    provider.script(Answer(hang_after=1))

    async with aclosing(OpenAICompatible(PATIENT).stream(asked(provider))) as stream:
        assert await anext(stream) == Delta(DELTAS[0])
        assert provider.open_connections == 1

    await asyncio.to_thread(provider.wait_until, lambda provider: provider.open_connections == 0)


async def test_canceling_closes_the_connection(provider: ScriptedProvider) -> None:
    provider.script(Answer(hang_after=2))
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in OpenAICompatible(PATIENT).stream(asked(provider)):
            begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(provider.wait_until, lambda provider: provider.open_connections == 0)


async def test_many_streams_at_once_do_not_mix(provider: ScriptedProvider) -> None:
    provider.script(Answer(delay=0.001))
    responder = responder_for("openai_compatible")

    async def read() -> str:
        return "".join([part.text async for part in responder.stream(asked(provider)) if isinstance(part, Delta)])

    texts = await asyncio.gather(*(read() for _ in range(100)))

    assert set(texts) == {"".join(DELTAS)}
    assert len(provider.requests) == 100
    assert json.loads(provider.requests[-1].body)["model"] == "m-1"
