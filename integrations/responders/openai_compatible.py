"""Replies by any server that speaks OpenAI's Chat Completions: OpenAI, Azure, Gemini, Ollama, vLLM, and others."""

import json
from collections.abc import AsyncGenerator

import msgspec

from .base import Delta, Done, ReplyRequest, Reset, ResponderBroken, ResponderError, ResponderUnavailable
from .content_parts import text_of
from .deadlines import Deadlines
from .event_stream import post
from .failures import from_status, quote
from .http import Post
from .prompt import system_prompt
from .relay import Dialect, relay
from .reply_text import ReplyText

END_OF_STREAM = "[DONE]"
ROLES = {"customer": "user", "assistant": "assistant"}


class OpenAICompatible:
    """The responder. Its deadlines are those of the contract unless a test shortens them."""

    def __init__(self, deadlines: Deadlines | None = None) -> None:
        self._deadlines = deadlines or Deadlines()

    def stream(self, request: ReplyRequest) -> AsyncGenerator[Delta | Reset | Done]:
        return relay(request, Dialect(_chat, _read), self._deadlines)


class _ChoiceDelta(msgspec.Struct, gc=False):
    content: object = None
    refusal: str | None = None
    reasoning_content: object = None
    reasoning: object = None
    reasoning_details: object = None
    thinking: object = None

    @property
    def thinks(self) -> bool:
        return bool(self.reasoning_content or self.reasoning or self.reasoning_details or self.thinking or self.content)


class _Choice(msgspec.Struct, gc=False):
    index: int | None = 0
    delta: _ChoiceDelta | None = None
    finish_reason: object = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    error: object = None


_decoder = msgspec.json.Decoder(_Chunk)


def _read(data: str, reply: ReplyText, key: str) -> None:
    """Adds what an event says. Of several choices the first is the reply. Raises when the reply came to nothing."""
    if data.strip() == END_OF_STREAM:
        reply.close()
        return
    chunk = _decode(data)
    if chunk.error:
        reply.fail(_reported(data, chunk.error, key))
    for choice in chunk.choices or ():
        if not choice.index:
            if choice.delta is not None:
                _add(choice.delta, reply)
            reply.finish(choice.finish_reason)


def _add(delta: _ChoiceDelta, reply: ReplyText) -> None:
    text = text_of(delta.content) or delta.refusal or ""
    if text:
        reply.add(text)
    elif delta.thinks:
        reply.go_on()


def _decode(data: str) -> _Chunk:
    try:
        return _decoder.decode(data)
    except msgspec.DecodeError:
        pass
    try:  # some servers escape an emoji as halves in two chunks; the standard library reads a lone surrogate
        return msgspec.convert(json.loads(data), _Chunk)
    except (ValueError, RecursionError):
        raise ResponderBroken("The provider sent an event that is not a chat completion chunk.") from None


def _reported(data: str, error: object, key: str) -> ResponderError:
    """An error object in the stream: by its status where it names one, else the provider is in trouble."""
    status = error.get("code") if isinstance(error, dict) else None
    if isinstance(status, int) and status >= 400:
        return from_status(status, data.encode(), key)
    return ResponderUnavailable(f"The provider reported an error in the reply.{quote(data.encode(), key)}")


def _chat(request: ReplyRequest, key: str, deadlines: Deadlines) -> Post:
    settings = request.settings
    messages = [{"role": ROLES[turn.role], "content": turn.text} for turn in request.turns]
    if system := system_prompt(request):
        messages.insert(0, {"role": "system", "content": system})
    body: dict[str, object] = {"model": settings.model, "messages": messages, "stream": True}
    if settings.temperature is not None:
        body["temperature"] = settings.temperature
    if settings.max_tokens is not None:
        body["max_tokens"] = settings.max_tokens
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return post(settings.base_url, "/chat/completions", headers, msgspec.json.encode(body), deadlines)
