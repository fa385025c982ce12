"""Asking a responder, the one for OpenAI-compatible servers unless told otherwise."""

import pytest

from integrations.responders.base import (
    ArticleHit,
    Delta,
    Done,
    ReplyRequest,
    ResponderError,
    ResponderSettings,
    Turn,
)
from integrations.responders.deadlines import Deadlines
from integrations.responders.openai_compatible import OpenAICompatible
from tests.ground.provider import ScriptedProvider

KEY = "sk-secret-0123456789abcdef"
PATIENT = Deadlines(retry_pause=0.001)
SHORT = Deadlines(connect=0.2, first_token=0.2, between_tokens=0.2, whole_reply=5, drain=0.2, retry_pause=0.001)
ARTICLES = [
    ArticleHit(id="a1", title="Refunds", body="Thirty days.", url="https://help.example/1", score=0.5),
    ArticleHit(id="a2", title="Shipping", body="Three days.", url="", score=0.4),
]


def asked(provider: ScriptedProvider | str, articles: list[ArticleHit] | None = None, **how: object) -> ReplyRequest:
    base_url = provider if isinstance(provider, str) else provider.base_url
    chosen = {"kind": "openai_compatible", "base_url": base_url, "model": "m-1", "api_key": KEY, **how}
    return ReplyRequest(ResponderSettings(**chosen), [Turn("customer", "Hello?")], articles or [])


async def reply(
    request: ReplyRequest, deadlines: Deadlines = PATIENT, kind: type = OpenAICompatible
) -> tuple[str, Done]:
    *deltas, done = [part async for part in kind(deadlines).stream(request)]
    assert isinstance(done, Done)
    assert all(isinstance(delta, Delta) and delta.text for delta in deltas)
    return "".join(delta.text for delta in deltas), done


async def failure(
    request: ReplyRequest, deadlines: Deadlines = PATIENT, kind: type = OpenAICompatible
) -> ResponderError:
    with pytest.raises(ResponderError) as caught:
        await reply(request, deadlines, kind)
    key = request.settings.api_key.strip()
    assert not key or key not in caught.value.message
    return caught.value
