import asyncio
import time

import pytest

from integrations.responders import responder_for
from integrations.responders.anthropic import Anthropic
from integrations.responders.base import (
    ReplyRequest,
    ResponderBroken,
    ResponderError,
    ResponderRateLimited,
    ResponderRefused,
    ResponderTimeout,
    ResponderUnavailable,
    Turn,
)
from integrations.responders.deadlines import Deadlines
from tests.ground import anthropic_provider as api
from tests.ground.provider import Answer, ScriptedProvider
from tests.integrations.responders import asking
from tests.integrations.responders.asking import ARTICLES, KEY, PATIENT, SHORT

pytestmark = pytest.mark.asyncio


def asked(provider: ScriptedProvider, articles=None, **how: object) -> ReplyRequest:
    return asking.asked(provider, articles, kind="anthropic", **how)


async def reply(request: ReplyRequest, deadlines: Deadlines = PATIENT):
    return await asking.reply(request, deadlines, Anthropic)


async def failure(request: ReplyRequest, deadlines: Deadlines = PATIENT) -> ResponderError:
    return await asking.failure(request, deadlines, Anthropic)


async def test_it_is_found_by_its_kind() -> None:
    assert isinstance(responder_for("anthropic"), Anthropic)


async def test_it_sends_the_turns_and_streams_the_answer(provider: ScriptedProvider) -> None:
    provider.script(api.message("Good ", "day"))
    request = asked(provider, instructions="Be brief.", temperature=0.5, max_tokens=100)
    request.turns[:0] = [Turn("customer", "Hi"), Turn("assistant", "Yes?")]

    text, done = await reply(request)

    assert (text, done.sources) == ("Good day", [])
    [sent] = provider.requests
    assert (sent.method, sent.path) == ("POST", "/v1/messages")
    assert sent.headers["x-api-key"] == KEY
    assert sent.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in sent.headers
    assert sent.json == {
        "model": "m-1",
        "max_tokens": 100,
        "system": "Be brief.",
        "temperature": 0.5,
        "stream": True,
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": "Hello?"},
        ],
    }


async def test_the_customer_speaks_first_and_nobody_twice_in_a_row(provider: ScriptedProvider) -> None:
    provider.script(api.message("Hi"))
    request = asked(provider)
    request.turns[:0] = [Turn("assistant", "Earlier"), Turn("customer", "One"), Turn("customer", "Two")]

    await reply(request)

    assert provider.requests[0].json["messages"] == [{"role": "user", "content": "One\n\nTwo\n\nHello?"}]
    assert provider.requests[0].json["max_tokens"] == 4096


async def test_sources_are_the_articles_cited(provider: ScriptedProvider) -> None:
    provider.script(api.message("Three days [2]."))

    _, done = await reply(asked(provider, ARTICLES))

    assert [source.id for source in done.sources] == ["a2"]
    assert "[1] Refunds" in provider.requests[0].json["system"]


@pytest.mark.parametrize("stop", ["end_turn", "max_tokens", "stop_sequence", None])
async def test_a_stop_reason_or_the_end_of_the_message_makes_it_whole(provider: ScriptedProvider, stop: str) -> None:
    provider.script(api.message("Hello", stop=stop))

    assert (await reply(asked(provider)))[0] == "Hello"


async def test_thinking_and_unknown_events_add_no_text(provider: ScriptedProvider) -> None:
    thinking = {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}
    provider.script(
        api.stream(*api.opening(), thinking, {"type": "new"}, api.text_delta("a\0b"), *api.closing("end_turn"))
    )

    assert (await reply(asked(provider)))[0] == "ab"


@pytest.mark.parametrize(
    ("answer", "kind", "requests"),
    [
        (api.failure(401, "authentication_error", f"invalid x-api-key {KEY[:9]}"), ResponderRefused, 1),
        (api.failure(404, "not_found_error", "model: m-1"), ResponderRefused, 1),
        (api.failure(429, "rate_limit_error"), ResponderRateLimited, 3),
        (api.failure(529, "overloaded_error"), ResponderUnavailable, 3),
        (Answer.html(), ResponderBroken, 1),
        (api.stream(api.error("overloaded_error")), ResponderUnavailable, 1),
        (api.stream(api.error("rate_limit_error")), ResponderRateLimited, 1),
        (api.stream(api.error("invalid_request_error")), ResponderRefused, 1),
        (api.stream(*api.opening(), api.text_delta("Hi"), api.error("api_error")), ResponderUnavailable, 1),
        (api.message("Hi", stop="refusal"), ResponderRefused, 1),
        (api.message(), ResponderBroken, 1),
        (api.stream(*api.opening(), api.text_delta("Hi")), ResponderBroken, 1),
        (api.message("Hello", cut_after=300), ResponderBroken, 1),
        (Answer.events("[DONE]"), ResponderBroken, 1),
        (Answer.raw(b""), ResponderBroken, 1),
    ],
)
async def test_failures(provider: ScriptedProvider, answer: Answer, kind: type[ResponderError], requests: int) -> None:
    provider.script(answer)

    error = await failure(asked(provider))

    assert type(error) is kind
    assert len(provider.requests) == requests
    assert KEY[:9] not in error.message


async def test_it_tries_again_before_the_first_token(provider: ScriptedProvider) -> None:
    provider.script(api.failure(529, "overloaded_error"), api.message("Hi"))

    assert (await reply(asked(provider)))[0] == "Hi"


@pytest.mark.parametrize("pings", [0, 50])
async def test_a_model_that_says_nothing_is_given_up(provider: ScriptedProvider, pings: int) -> None:
    body = b"".join(map(api.encoded, [*api.opening(), *[{"type": "ping"}] * pings]))
    provider.script(Answer.raw(body, hang_after=1))
    begun = time.monotonic()

    assert isinstance(await failure(asked(provider), SHORT), ResponderTimeout)
    assert time.monotonic() - begun < 2
    await asyncio.to_thread(provider.wait_until, lambda provider: provider.open_connections == 0)
