import pytest

from integrations.responders.base import (
    ResponderTimeout,
    Turn,
)
from tests.ground.provider import DELTAS, Answer, ScriptedProvider, delta_json, event, finish_json
from tests.integrations.responders.asking import ARTICLES, KEY, SHORT, asked, failure, reply

pytestmark = pytest.mark.asyncio


async def test_it_sends_the_turns_and_streams_the_answer(provider: ScriptedProvider) -> None:
    request = asked(provider)
    request.turns[:0] = [Turn("customer", "Hi"), Turn("assistant", "Good day")]

    text, done = await reply(request)

    assert text == "".join(DELTAS)
    assert done.sources == []
    [sent] = provider.requests
    assert (sent.method, sent.path) == ("POST", "/v1/chat/completions")
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["accept-encoding"] == "identity"
    assert sent.json == {
        "model": "m-1",
        "stream": True,
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Good day"},
            {"role": "user", "content": "Hello?"},
        ],
    }


async def test_instructions_articles_and_temperature_are_sent(provider: ScriptedProvider) -> None:
    await reply(asked(provider, ARTICLES, instructions="Be brief.", temperature=0.0))

    sent = provider.requests[0].json
    system = sent["messages"][0]
    assert sent["temperature"] == 0.0
    assert system["role"] == "system"
    assert system["content"].startswith("Be brief.\n\n")
    assert "[1] Refunds\nThirty days." in system["content"]
    assert "[2] Shipping\nThree days." in system["content"]


async def test_without_a_key_there_is_no_authorization(provider: ScriptedProvider) -> None:
    await reply(asked(provider, api_key=" "))

    assert "authorization" not in provider.requests[0].headers


async def test_a_query_and_a_slash_in_the_base_url_are_kept_in_place(provider: ScriptedProvider) -> None:
    await reply(asked(provider.base_url + "/?api-version=2"))

    assert provider.requests[0].path == "/v1/chat/completions?api-version=2"


async def test_proxies_of_the_environment_are_not_used(
    provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert (await reply(asked(provider)))[0]


async def test_cookies_of_a_provider_are_not_sent_back(provider: ScriptedProvider) -> None:
    provider.script(Answer(headers={"Set-Cookie": "tenant=one; Path=/"}))

    await reply(asked(provider))
    await reply(asked(provider))

    assert "cookie" not in provider.requests[1].headers


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Within thirty days [1].", ["a1"]),
        ("First [2], then[1]", ["a1", "a2"]),
        ("Both [1, 2]", ["a1", "a2"]),
        ("None", []),
        ("No such article [3] [0]", []),
        ("Code `items[1]` and\n```\nx = y[2]\n```", []),
    ],
)
async def test_sources_are_the_articles_cited(provider: ScriptedProvider, text: str, cited: list[str]) -> None:
    provider.script(Answer(deltas=list(text)))

    _, done = await reply(asked(provider, ARTICLES))

    assert [source.id for source in done.sources] == cited


@pytest.mark.parametrize("reason", ["stop", "length", "eos"])
async def test_a_finish_reason_makes_it_whole_even_without_done(provider: ScriptedProvider, reason: str) -> None:
    provider.script(Answer(deltas=["Hello"], finish=reason, done=False))

    assert (await reply(asked(provider)))[0] == "Hello"


async def test_nothing_is_lost_when_the_connection_breaks_after_the_finish_reason(provider: ScriptedProvider) -> None:
    body = event(delta_json("Hello")) + event(finish_json())
    provider.script(Answer.raw(body + b"data: more", cut_after=len(body)))

    assert (await reply(asked(provider)))[0] == "Hello"


async def test_a_stream_left_open_after_the_finish_reason_does_not_hold_up_the_reply(
    provider: ScriptedProvider,
) -> None:
    provider.script(Answer(deltas=["Hello"], hang_after=1))
    assert isinstance(await failure(asked(provider), SHORT), ResponderTimeout)  # the premise: it hangs

    body = event(delta_json("Hello")) + event(finish_json())
    provider.script(Answer.raw(body, hang_after=1))
    assert (await reply(asked(provider), SHORT))[0] == "Hello"


async def test_usage_roles_comments_and_reasoning_add_no_text(provider: ScriptedProvider) -> None:
    provider.script(
        Answer.raw(
            b": processing\n\n"
            + event('{"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}]}')
            + event('{"choices":[{"delta":{"reasoning_content":"hm"},"finish_reason":""}]}')
            + event(delta_json("Hi"))
            + event(finish_json())
            + event('{"choices":[],"usage":{"total_tokens":3}}')
            + event("[DONE]")
        )
    )

    assert (await reply(asked(provider)))[0] == "Hi"


async def test_what_cannot_be_stored_is_dropped(provider: ScriptedProvider) -> None:
    halves = (r"a\u0000b", r"\ud83d", r"\ude00", "c")
    escaped = ['{"choices":[{"delta":{"content":"' + text + '"}}]}' for text in halves]
    provider.script(Answer.events(*escaped, finish_json()))

    assert (await reply(asked(provider)))[0] == "abc"
