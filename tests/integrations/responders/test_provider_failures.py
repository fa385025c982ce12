import asyncio
import socket

import pytest

from integrations.responders.base import (
    ResponderBroken,
    ResponderError,
    ResponderRateLimited,
    ResponderRefused,
    ResponderTimeout,
    ResponderUnavailable,
)
from integrations.responders.deadlines import Deadlines
from integrations.responders.reply_text import REPLY_CHARACTERS
from tests.ground.provider import Answer, ScriptedProvider, delta_json, finish_json
from tests.integrations.responders.asking import KEY, asked, failure, reply

pytestmark = pytest.mark.asyncio


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
async def test_failures(provider: ScriptedProvider, answer: Answer, kind: type[ResponderError], requests: int) -> None:
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


async def test_a_name_that_cannot_be_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error = await failure(asked("https://provider.example/v1"))

    assert isinstance(error, ResponderUnavailable)
    assert "provider.example could not be resolved" in error.message


async def test_a_server_that_does_not_finish_connecting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = await failure(asked(f"https://127.0.0.1:{silent.getsockname()[1]}/v1"), Deadlines(connect=0.2))

    assert isinstance(error, ResponderTimeout)
    assert "could not be reached in time" in error.message


async def test_a_server_that_speaks_something_else() -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeted.append(1)
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()

    greeted: list[int] = []
    async with await asyncio.start_server(greet, "127.0.0.1", 0) as other:
        error = await failure(asked(f"http://127.0.0.1:{other.sockets[0].getsockname()[1]}/v1"))

    assert isinstance(error, ResponderBroken)
    assert "does not answer as HTTP servers do" in error.message
    assert len(greeted) == 1


@pytest.mark.parametrize("base_url", ["", "localhost:11434/v1", "ftp://example.com/v1", "http://", "http://[::1/v1"])
async def test_a_base_url_that_is_no_web_address_is_refused(base_url: str) -> None:
    assert isinstance(await failure(asked(base_url)), ResponderRefused)


@pytest.mark.parametrize("key", ["sk-\u2026", "sk-\nX-Other: 1"])
async def test_a_key_that_cannot_be_sent_is_refused(provider: ScriptedProvider, key: str) -> None:
    error = await failure(asked(provider, api_key=key))

    assert isinstance(error, ResponderRefused)
    assert provider.requests == []
