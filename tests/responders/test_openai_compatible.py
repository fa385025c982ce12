import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.responders import responder_for
from integrations.responders.base import (
    ArticleHit,
    Delta,
    Done,
    ReplyRequest,
    ResponderBroken,
    ResponderError,
    ResponderRateLimited,
    ResponderRefused,
    ResponderSettings,
    ResponderTimeout,
    ResponderUnavailable,
    Turn,
)
from integrations.responders.deadlines import Deadlines
from integrations.responders.http import close_shared_client
from integrations.responders.openai_compatible import REPLY_CHARACTERS, OpenAICompatible
from tests.provider import DELTAS, Answer, ScriptedProvider, delta_json, event, finish_json

pytestmark = pytest.mark.asyncio

KEY = "sk-secret-0123456789abcdef"
PATIENT = Deadlines(retry_pause=0.001)
SHORT = Deadlines(connect=0.2, first_token=0.2, between_tokens=0.2, whole_reply=5, drain=0.2, retry_pause=0.001)
ARTICLES = [
    ArticleHit(id="a1", title="Refunds", body="Thirty days.", url="https://help.example/1", score=0.5),
    ArticleHit(id="a2", title="Shipping", body="Three days.", url="", score=0.4),
]


@pytest.fixture
def provider() -> AsyncIterator[ScriptedProvider]:
    with ScriptedProvider() as running:
        yield running


@pytest_asyncio.fixture(autouse=True)
async def _closed_client() -> AsyncIterator[None]:
    yield
    await close_shared_client()


def asked(provider: ScriptedProvider | str, articles: list[ArticleHit] | None = None, **how: object) -> ReplyRequest:
    base_url = provider if isinstance(provider, str) else provider.base_url
    chosen = {"kind": "openai_compatible", "base_url": base_url, "model": "m-1", "api_key": KEY, **how}
    return ReplyRequest(ResponderSettings(**chosen), [Turn("customer", "Hello?")], articles or [])


async def reply(request: ReplyRequest, deadlines: Deadlines = PATIENT) -> tuple[str, Done]:
    *deltas, done = [part async for part in OpenAICompatible(deadlines).stream(request)]
    assert isinstance(done, Done)
    assert all(isinstance(delta, Delta) and delta.text for delta in deltas)
    return "".join(delta.text for delta in deltas), done


async def failure(request: ReplyRequest, deadlines: Deadlines = PATIENT) -> ResponderError:
    with pytest.raises(ResponderError) as caught:
        await reply(request, deadlines)
    assert KEY not in caught.value.message
    return caught.value


# The request


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


# The answer


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


async def test_a_stream_left_open_after_the_finish_reason_does_not_hold_up_the_reply(provider: ScriptedProvider) -> None:
    provider.script(Answer(deltas=["Hello"], hang_after=1, body=None))
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
    escaped = [r'{"choices":[{"delta":{"content":"%s"}}]}' % text for text in (r"a\u0000b", r"\ud83d", r"\ude00", "c")]
    provider.script(Answer.events(*escaped, finish_json()))

    assert (await reply(asked(provider)))[0] == "abc"


# Framing


@pytest.mark.parametrize(
    "body",
    [
        event(delta_json("Hé")) + event(finish_json()),
        (event(delta_json("Hé")) + event(finish_json())).replace(b"\n", b"\r\n"),
        (event(delta_json("Hé")) + event(finish_json())).replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + event(delta_json("Hé")) + event(finish_json()),
        b'event: x\nid: 1\nretry: 5\ndata: {"choices":\ndata: [{"delta":{"content":"H\xc3\xa9"}}]}\n\n'
        + event(finish_json()),
        b"data:" + event(delta_json("Hé"))[6:] + b": comment\n\n" + event(finish_json()),
    ],
    ids=["lf", "crlf", "cr", "bom", "lines", "no-space"],
)
async def test_framings(provider: ScriptedProvider, body: bytes) -> None:
    for pieces in ((len(body),), (1,)):
        provider.script(Answer.raw(body, pieces=pieces))

        assert (await reply(asked(provider)))[0] == "Hé"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(min_size=1, max_size=8).filter(lambda text: "\0" not in text), min_size=1, max_size=5),
    pieces=st.lists(st.integers(1, 60), min_size=1, max_size=6),
    newline=st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
async def test_bytes_may_be_split_anywhere(
    provider: ScriptedProvider, texts: list[str], pieces: list[int], newline: bytes
) -> None:
    texts = [*texts, "."]
    body = b"".join(map(event, [*map(delta_json, texts), finish_json(), "[DONE]"]))
    provider.script(Answer.raw(body.replace(b"\n", newline), pieces=pieces))

    assert (await reply(asked(provider)))[0] == "".join(texts)


# Failures


@pytest.mark.parametrize(
    ("answer", "kind", "requests"),
    [
        (Answer.failure(401, f"Incorrect API key provided: {KEY[:9]}***"), ResponderRefused, 1),
        (Answer.failure(403), ResponderRefused, 1),
        (Answer.failure(404, "The model `m-1` does not exist"), ResponderRefused, 1),
        (Answer.failure(400, f"bad header {KEY}"), ResponderRefused, 1),
        (Answer.failure(429), ResponderRateLimited, 3),
        (Answer.failure(500), ResponderUnavailable, 3),
        (Answer.failure(503), ResponderUnavailable, 3),
        (Answer(status=204, body=b""), ResponderBroken, 1),
        (Answer.html(), ResponderBroken, 1),
        (Answer.html(502), ResponderUnavailable, 3),
        (Answer(headers={"Content-Encoding": "gzip"}), ResponderBroken, 1),
        (Answer.events('{"error":{"message":"overloaded"}}'), ResponderUnavailable, 1),
        (Answer.events('{"error":{"message":"slow down","code":429}}'), ResponderRateLimited, 1),
        (Answer.events(delta_json("Hi"), '{"error":"boom"}', finish_json()), ResponderUnavailable, 1),
        (Answer.events('{"choices":[{"delta":'), ResponderBroken, 1),
        (Answer.events('{"choices":"none"}'), ResponderBroken, 1),
        (Answer.events("[" * 100_000), ResponderBroken, 1),
        (Answer(finish=None), ResponderBroken, 1),
        (Answer(finish=None, done=False), ResponderBroken, 1),
        (Answer(finish="content_filter"), ResponderRefused, 1),
        (Answer.events('{"choices":[]}', "[DONE]"), ResponderBroken, 1),
        (Answer.events(finish_json(), "[DONE]"), ResponderBroken, 1),
        (Answer(deltas=[" ", "\n"]), ResponderBroken, 1),
        (Answer.raw(b""), ResponderBroken, 1),
        (Answer(cut_after=400), ResponderBroken, 1),
        (Answer.raw(b"data: " + b"x" * 10_000_000), ResponderBroken, 1),
        (Answer.raw(b"data: " + b"x" * 60_000 + b"\n", pieces=[60_007]), ResponderBroken, 1),
        (Answer.raw(b"data: x\n" * 300_000), ResponderBroken, 1),
        (Answer(deltas=["x" * 30_000] * 4), ResponderBroken, 1),
    ],
)
async def test_failures(
    provider: ScriptedProvider, answer: Answer, kind: type[ResponderError], requests: int
) -> None:
    provider.script(answer)

    error = await failure(asked(provider))

    assert type(error) is kind
    assert len(provider.requests) == requests
    assert KEY[:9] not in error.message
    assert error.message.endswith((".", "”"))


async def test_what_the_provider_says_is_quoted_unless_it_repeats_the_key(provider: ScriptedProvider) -> None:
    provider.script(Answer.failure(404, "The model\n`m-1` does not exist"))
    assert "“The model `m-1` does not exist”" in (await failure(asked(provider))).message

    provider.script(Answer.failure(404, f"No model for …{KEY[-6:]}"))
    assert "No model" not in (await failure(asked(provider))).message


async def test_a_reply_of_the_greatest_length_passes(provider: ScriptedProvider) -> None:
    provider.script(Answer(deltas=["x" * (REPLY_CHARACTERS // 4)] * 4))

    assert len((await reply(asked(provider)))[0]) == REPLY_CHARACTERS


async def test_redirects_are_not_followed(provider: ScriptedProvider) -> None:
    provider.script(Answer.redirect(provider.base_url + "/chat/completions"), Answer())

    assert isinstance(await failure(asked(provider)), ResponderRefused)
    assert len(provider.requests) == 1


async def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = await failure(asked(f"http://127.0.0.1:{unused.getsockname()[1]}/v1"))

    assert isinstance(error, ResponderUnavailable)
    assert "does not accept connections" in error.message


async def test_no_such_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error = await failure(asked("http://provider.example/v1"))

    assert isinstance(error, ResponderUnavailable)
    assert "provider.example could not be resolved" in error.message


async def test_no_tls(provider: ScriptedProvider) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = await failure(asked(f"https://127.0.0.1:{silent.getsockname()[1]}/v1"), SHORT)

    assert isinstance(error, ResponderTimeout)
    assert "could not be reached in time" in error.message


@pytest.mark.parametrize("base_url", ["", "localhost:11434/v1", "ftp://example.com/v1", "http://", "http://[::1/v1"])
async def test_no_web_address(base_url: str) -> None:
    assert isinstance(await failure(asked(base_url)), ResponderRefused)


@pytest.mark.parametrize("key", ["sk-\u2026", "sk-\nX-Other: 1"])
async def test_no_key(provider: ScriptedProvider, key: str) -> None:
    error = await failure(asked(provider, api_key=key))

    assert isinstance(error, ResponderRefused)
    assert provider.requests == []


# Deadlines


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
    async for part in OpenAICompatible(SHORT).stream(asked(provider)):
        if not texts:
            await asyncio.sleep(0.3)  # longer than between_tokens: the reader's own time, which this test is about
        texts.append(part)

    assert len(texts) == len(DELTAS) + 1


# Retries


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_it_tries_again_before_the_first_token(provider: ScriptedProvider, status: int) -> None:
    provider.script(Answer.failure(status), Answer.failure(status), Answer(deltas=["Hi"]))

    assert (await reply(asked(provider)))[0] == "Hi"
    assert len(provider.requests) == 3


async def test_it_never_tries_again_after_the_first_token(provider: ScriptedProvider) -> None:
    provider.script(Answer(hang_after=None, cut_after=400), Answer())

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


# Connections


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
    provider.script(Answer(hang_after=2))

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
