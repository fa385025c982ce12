"""Replies by Anthropic's Messages API, and by servers that speak it."""

import itertools
from collections.abc import AsyncGenerator, Sequence

import msgspec

from .base import Delta, Done, ReplyRequest, Reset, ResponderBroken, ResponderError, Turn
from .content_parts import text_of
from .deadlines import Deadlines
from .event_stream import post
from .failures import from_status
from .http import Post
from .prompt import system_prompt
from .relay import Dialect, relay
from .reply_text import ReplyText

VERSION = "2023-06-01"
END_OF_STREAM = "[DONE]"
"""Of some servers that speak this API beside OpenAI's."""
MAX_TOKENS = 4096
ROLES = {"customer": "user", "assistant": "assistant"}
STATUS_OF_ERRORS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
}
OVERLOADED = 529


class Anthropic:
    """The responder. Its deadlines are those of the contract unless a test shortens them."""

    def __init__(self, deadlines: Deadlines | None = None) -> None:
        self._deadlines = deadlines or Deadlines()

    def stream(self, request: ReplyRequest) -> AsyncGenerator[Delta | Reset | Done]:
        return relay(request, Dialect(_messages, _read), self._deadlines)


class _EventDelta(msgspec.Struct, gc=False):
    type: str = ""
    text: str = ""
    stop_reason: object = None


class _Error(msgspec.Struct, gc=False):
    type: str = ""


class _Event(msgspec.Struct, gc=False):
    type: str
    delta: _EventDelta | None = None
    content_block: object = None
    error: _Error | None = None


_decoder = msgspec.json.Decoder(_Event)


def _read(data: str, reply: ReplyText, key: str) -> None:
    """Adds what an event says. Raises when the reply came to nothing.

    Events of unknown types say nothing, as the API asks its clients to take them; only text is text of the reply. The
    end of the message makes it whole, but a reason may still follow it, and counts.
    """
    if data.strip() == END_OF_STREAM:
        reply.close()
        return
    event = _decode(data)
    delta = event.delta
    if event.type == "error":
        reply.fail(_reported(data, event.error, key))
    elif event.type == "content_block_start":
        reply.add(text_of(event.content_block))
    elif event.type == "content_block_delta" and delta is not None:
        if delta.type == "text_delta":
            reply.add(delta.text)
        else:
            reply.go_on()  # the model thinks
    elif event.type == "message_delta" and delta is not None:
        reply.finish(delta.stop_reason)
    elif event.type == "message_stop":
        reply.finish("message_stop")


def _decode(data: str) -> _Event:
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, RecursionError):
        raise ResponderBroken("The provider sent an event that is none of the Messages API.") from None


def _reported(data: str, error: _Error | None, key: str) -> ResponderError:
    status = STATUS_OF_ERRORS.get(error.type, OVERLOADED) if error is not None else OVERLOADED
    return from_status(status, data.encode(), key)


def _messages(request: ReplyRequest, key: str, deadlines: Deadlines) -> Post:
    settings = request.settings
    body: dict[str, object] = {
        "model": settings.model,
        "max_tokens": settings.max_tokens or MAX_TOKENS,
        "messages": _alternating(request.turns),
        "stream": True,
    }
    if system := system_prompt(request):
        body["system"] = system
    if settings.temperature is not None:
        body["temperature"] = settings.temperature
    headers = {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})
    return post(settings.base_url, "/messages", headers, msgspec.json.encode(body), deadlines)


def _alternating(turns: Sequence[Turn]) -> list[dict[str, str]]:
    """The turns as the API wants them: the customer speaks first, and nobody twice in a row."""
    from_customer = itertools.dropwhile(lambda turn: turn.role != "customer", turns)
    return [
        {"role": ROLES[role], "content": "\n\n".join(turn.text for turn in group)}
        for role, group in itertools.groupby(from_customer, key=lambda turn: turn.role)
    ]
