import asyncio
import json

import pytest
from standardwebhooks.webhooks import Webhook as StandardWebhook
from standardwebhooks.webhooks import WebhookVerificationError

from integrations.responders import responder_for
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
from integrations.responders.webhook import Webhook, new_secret
from tests.ground.provider import Answer, ScriptedProvider
from tests.integrations.responders import asking
from tests.integrations.responders.asking import ARTICLES, PATIENT, SHORT

pytestmark = pytest.mark.asyncio

SECRET = new_secret()


def whole(**answer: object) -> Answer:
    return Answer(content_type="application/json; charset=utf-8", body=json.dumps(answer).encode())


def asked(provider: ScriptedProvider, articles=None, **how: object) -> ReplyRequest:
    url = provider.base_url + "/reply?team=1"
    return asking.asked(url, articles, **{"kind": "webhook", "api_key": SECRET, **how})


async def reply(request: ReplyRequest, deadlines: Deadlines = PATIENT):
    return await asking.reply(request, deadlines, Webhook)


async def failure(request: ReplyRequest, deadlines: Deadlines = PATIENT) -> ResponderError:
    return await asking.failure(request, deadlines, Webhook)


async def test_it_is_found_by_its_kind() -> None:
    assert isinstance(responder_for("webhook"), Webhook)


async def test_it_posts_the_conversation_to_the_address_as_it_stands(provider: ScriptedProvider) -> None:
    provider.script(whole(text="Good day"))
    request = asked(provider, ARTICLES, instructions="Be brief.")
    request.turns[:0] = [Turn("assistant", "Yes?"), Turn("customer", "Hi")]

    text, done = await reply(request)

    assert (text, done.sources) == ("Good day", [])
    [sent] = provider.requests
    assert (sent.method, sent.path) == ("POST", "/v1/reply?team=1")
    assert sent.json["type"] == "reply.requested"
    data = sent.json["data"]
    assert data["question"] == "Hi\nHello?"
    assert data["instructions"] == "Be brief."
    assert data["turns"][0] == {"role": "assistant", "text": "Yes?"}
    assert data["articles"][1] == {"number": 2, "id": "a2", "title": "Shipping", "url": None, "body": "Three days."}


async def test_the_signature_verifies_with_the_secret_and_with_no_other(provider: ScriptedProvider) -> None:
    provider.script(whole(text="Hi"))

    await reply(asked(provider))

    [sent] = provider.requests
    assert StandardWebhook(SECRET).verify(sent.body, sent.headers)["type"] == "reply.requested"
    with pytest.raises(WebhookVerificationError):
        StandardWebhook(new_secret()).verify(sent.body, sent.headers)
    assert SECRET not in str(sent.headers) + sent.body.decode()


async def test_a_retry_carries_the_same_id(provider: ScriptedProvider) -> None:
    provider.script(Answer.failure(503), whole(text="Hi"))

    assert (await reply(asked(provider)))[0] == "Hi"
    first, second = provider.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


async def test_the_answer_may_be_a_stream(provider: ScriptedProvider) -> None:
    provider.script(Answer.events('{"delta": "Three "}', '{"delta": "days [2]."}', '{"done": true}'))

    text, done = await reply(asked(provider, ARTICLES))

    assert text == "Three days [2]."
    assert [source.id for source in done.sources] == ["a2"]


@pytest.mark.parametrize(
    ("answer", "kind", "requests"),
    [
        (Answer.failure(401), ResponderRefused, 1),
        (Answer.failure(404), ResponderRefused, 1),
        (Answer.redirect("http://127.0.0.1:9/"), ResponderRefused, 1),
        (Answer.failure(429), ResponderRateLimited, 3),
        (Answer.failure(500), ResponderUnavailable, 3),
        (Answer(status=202, body=b""), ResponderBroken, 1),
        (Answer.html(), ResponderBroken, 1),
        (whole(), ResponderBroken, 1),
        (whole(text=" "), ResponderBroken, 1),
        (whole(text=1), ResponderBroken, 1),
        (whole(error="no idea"), ResponderBroken, 1),
        (whole(text="x" * 100_001), ResponderBroken, 1),
        (Answer(content_type="application/json", body=b"\xff"), ResponderBroken, 1),
        (Answer(content_type="application/json", body=b" " * 3_000_000), ResponderBroken, 1),
        (Answer.events('{"delta": "Hi"}'), ResponderBroken, 1),
        (Answer.events('{"done": true}'), ResponderBroken, 1),
        (Answer.events("Hi"), ResponderBroken, 1),
    ],
)
async def test_failures(provider: ScriptedProvider, answer: Answer, kind: type[ResponderError], requests: int) -> None:
    provider.script(answer)

    error = await failure(asked(provider))

    assert type(error) is kind
    assert len(provider.requests) == requests


@pytest.mark.parametrize("answer", [Answer(hang_before_headers=True), Answer.raw(b'{"te', hang_after=1)])
@pytest.mark.parametrize("content_type", ["application/json", "text/event-stream"])
async def test_a_backend_that_hangs_is_given_up(provider: ScriptedProvider, answer: Answer, content_type: str) -> None:
    provider.script(Answer(**{**answer.__dict__, "content_type": content_type}))

    assert isinstance(await failure(asked(provider), SHORT), ResponderTimeout)
    await asyncio.to_thread(provider.wait_until, lambda provider: provider.open_connections == 0)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_abcde"])
async def test_without_a_good_secret_nothing_is_sent(provider: ScriptedProvider, secret: str) -> None:
    error = await failure(asked(provider, api_key=secret))

    assert isinstance(error, ResponderRefused)
    assert provider.requests == []
