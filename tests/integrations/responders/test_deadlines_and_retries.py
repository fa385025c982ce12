import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from integrations.responders.base import (
    Delta,
    ResponderBroken,
    ResponderTimeout,
)
from integrations.responders.deadlines import Deadlines
from integrations.responders.openai_compatible import OpenAICompatible
from tests.ground.provider import DELTAS, Answer, ScriptedProvider
from tests.integrations.responders.asking import SHORT, asked, failure, reply

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    "answer",
    [
        Answer(hang_before_headers=True),
        Answer(hang_after=0),
        Answer(hang_after=3),
        Answer.raw(b": still here\n\n" * 100, pieces=[14], delay=0.02),
        Answer(status=500, content_type="text/plain", body=b"oops", hang_after=1),
    ],
    ids=["headers", "first", "between", "comments", "error-body"],
)
async def test_a_provider_that_hangs(provider: ScriptedProvider, answer: Answer) -> None:
    provider.script(answer)
    begun = time.monotonic()

    error = await failure(asked(provider), SHORT)

    assert isinstance(error, ResponderTimeout)
    assert time.monotonic() - begun < 2
    await asyncio.to_thread(provider.wait_until, lambda provider: provider.open_connections == 0)


async def test_a_reply_that_goes_on_too_long(provider: ScriptedProvider) -> None:
    provider.script(Answer(deltas=["x"] * 100, delay=0.05))
    deadlines = Deadlines(whole_reply=0.4)

    error = await failure(asked(provider), deadlines)

    assert isinstance(error, ResponderTimeout)
    assert "was not finished after 0.4 seconds" in error.message


async def test_tokens_that_keep_coming_are_in_time(provider: ScriptedProvider) -> None:
    provider.script(Answer(deltas=["x"] * 12, delay=0.05))  # 0.6 s in all, each within 0.2 s

    assert (await reply(asked(provider), SHORT))[0] == "x" * 12


async def test_the_time_of_the_reader_does_not_count(provider: ScriptedProvider) -> None:
    texts = []
    provider.script(Answer(delay=0.02))
    async for part in OpenAICompatible(SHORT).stream(asked(provider)):
        if not texts:
            await asyncio.sleep(0.3)  # longer than between_tokens: the reader's own time, which this test is about
        texts.append(part)

    assert "".join(part.text for part in texts if isinstance(part, Delta)) == "".join(DELTAS)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_it_tries_again_before_the_first_token(provider: ScriptedProvider, status: int) -> None:
    provider.script(Answer.failure(status), Answer.failure(status), Answer(deltas=["Hi"]))

    assert (await reply(asked(provider)))[0] == "Hi"
    assert len(provider.requests) == 3


async def test_it_never_tries_again_after_the_first_token(provider: ScriptedProvider) -> None:
    provider.script(Answer(cut_after=400), Answer())

    assert isinstance(await failure(asked(provider)), ResponderBroken)
    assert len(provider.requests) == 1


@pytest.mark.parametrize("asks", ["2", "date", "86400", "soon", "-1", "Thu, 99 Foo"])
async def test_retry_after_is_honoured_and_bounded(
    provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch, asks: str
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        if seconds:
            pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr("integrations.responders.event_stream.asyncio.sleep", noted)
    value = format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True) if asks == "date" else asks
    provider.script(Answer.failure(429, Retry_After=value), Answer(deltas=["Hi"]))

    assert (await reply(asked(provider), Deadlines()))[0] == "Hi"
    low, high = {"2": (2, 2), "date": (3.5, 5), "86400": (10, 10)}.get(asks, (0.25, 0.5))
    [pause] = [seconds for seconds in pauses if seconds >= 0.2]
    assert low <= pause <= high


async def test_a_pause_does_not_outlast_the_first_tokens_deadline(provider: ScriptedProvider) -> None:
    provider.script(Answer.failure(503, Retry_After="5"))

    assert isinstance(await failure(asked(provider), SHORT), ResponderTimeout)
