"""Replies by any server that speaks OpenAI's Chat Completions: OpenAI, Azure, Gemini, Ollama, vLLM, and others."""

import json
from collections.abc import AsyncGenerator

import httpx2
import msgspec

from .base import Delta, Done, ReplyRequest, ResponderBroken, ResponderError, ResponderRefused, ResponderUnavailable
from .deadlines import Deadlines, Watch
from .event_stream import open_events, post
from .failures import from_status, quote
from .prompt import cited, system_prompt
from .text import clean

REPLY_CHARACTERS = 100_000
END_OF_STREAM = "[DONE]"
ROLES = {"customer": "user", "assistant": "assistant"}


class OpenAICompatible:
    """The responder. Its deadlines are those of the contract unless a test shortens them."""

    def __init__(self, deadlines: Deadlines | None = None) -> None:
        self._deadlines = deadlines or Deadlines()

    async def stream(self, request: ReplyRequest) -> AsyncGenerator[Delta | Done]:
        """Delta after delta as the model writes them, then ``Done`` with the articles that the reply cites."""
        key = request.settings.api_key.strip()
        watch = Watch(self._deadlines)
        reply = _Reply(watch, self._deadlines, key)
        try:
            chat = _chat(request, key, self._deadlines)
            async with open_events(chat, key=key, deadlines=self._deadlines, watch=watch) as events:
                async for data in events:
                    if not reply.finished and (text := reply.read(data)):
                        yield Delta(text)
        except ResponderError:
            if not reply.finished:
                raise
        finally:
            watch.close()
        yield Done(cited(reply.text(), request.articles))


class _ChoiceDelta(msgspec.Struct, gc=False):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: object = None
    reasoning: object = None


class _Choice(msgspec.Struct, gc=False):
    delta: _ChoiceDelta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    error: object = None


_decoder = msgspec.json.Decoder(_Chunk)


class _Reply:
    """The reply as far as it was read."""

    def __init__(self, watch: Watch, deadlines: Deadlines, key: str) -> None:
        self.finished = False
        self._watch = watch
        self._deadlines = deadlines
        self._key = key
        self._texts: list[str] = []
        self._length = 0

    def read(self, data: str) -> str:
        """The text that an event adds, often empty; sets ``finished``. Raises when the reply came to nothing."""
        if data == END_OF_STREAM:
            raise ResponderBroken("The provider ended the reply without saying that it is whole.")
        chunk = _decode(data)
        if chunk.error is not None:
            raise _reported(data, chunk.error, self._key)
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        text = self._add(choice.delta) if choice.delta is not None else ""
        if choice.finish_reason:
            self._finish(choice.finish_reason)
        return text

    def text(self) -> str:
        """The whole text. ``ResponderBroken`` when the stream broke off before the reply was whole, or has no text."""
        if not self.finished:
            raise ResponderBroken("The provider's stream ended before the reply was whole.")
        return "".join(self._texts)

    def _add(self, delta: _ChoiceDelta) -> str:
        text = clean(delta.content or delta.refusal or "")
        if text:
            self._texts.append(text)
            self._length += len(text)
            if self._length > REPLY_CHARACTERS:
                raise ResponderBroken(f"The model's reply is longer than {REPLY_CHARACTERS:,} characters.")
        if text or delta.reasoning_content or delta.reasoning:
            self._watch.allow(self._deadlines.between_tokens, "next word")
        return text

    def _finish(self, reason: str) -> None:
        """``length`` counts as whole: the model's own limit cut the reply, and the customer may ask on."""
        if reason == "content_filter":
            raise ResponderRefused("The provider's content filter stopped the reply. A person has to answer.")
        if not "".join(self._texts).strip():
            raise ResponderBroken(f"The model gave no text (finish reason: {clean(reason)[:40]}).")
        self.finished = True
        self._watch.allow(self._deadlines.drain, "end")


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


def _chat(request: ReplyRequest, key: str, deadlines: Deadlines) -> httpx2.Request:
    settings = request.settings
    messages = [{"role": ROLES[turn.role], "content": turn.text} for turn in request.turns]
    if system := system_prompt(request):
        messages.insert(0, {"role": "system", "content": system})
    body: dict[str, object] = {"model": settings.model, "messages": messages, "stream": True}
    if settings.temperature is not None:
        body["temperature"] = settings.temperature
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return post(settings.base_url, "/chat/completions", headers, msgspec.json.encode(body), deadlines)
