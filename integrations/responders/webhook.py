"""Replies by the team's own backend: one signed POST, answered in JSON or as an event stream.

docs/webhook-responder.md has the payload and the answers. The signature is that of Standard Webhooks, so backends can
verify it with any of its libraries.
"""

import secrets
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

import httpx2
import msgspec
from standardwebhooks.webhooks import EmptyWebhookSecretError
from standardwebhooks.webhooks import Webhook as StandardWebhook

from .base import Delta, Done, ReplyRequest, ResponderBroken, ResponderError, ResponderRefused
from .deadlines import Deadlines, Watch
from .event_stream import EVENT_STREAM, JSON, Answer, open_answer, post
from .failures import from_backend_status, quote
from .prompt import cited
from .reply_text import ReplyText

EVENT = "reply.requested"
SECRET_BYTES = 32
KINDS = (EVENT_STREAM, JSON)


def new_secret() -> str:
    """A fresh signing secret, as Standard Webhooks writes them."""
    return "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class Webhook:
    """The responder. Its deadlines are those of the contract unless a test shortens them."""

    def __init__(self, deadlines: Deadlines | None = None) -> None:
        self._deadlines = deadlines or Deadlines()

    async def stream(self, request: ReplyRequest) -> AsyncGenerator[Delta | Done]:
        """What the backend writes, piece by piece or at once, then ``Done`` with the articles that it cites."""
        secret = request.settings.api_key
        watch = Watch(self._deadlines)
        reply = ReplyText(watch, self._deadlines)
        try:
            question = _question(request, secret, self._deadlines)
            async with (
                open_answer(
                    question,
                    key=secret,
                    deadlines=self._deadlines,
                    watch=watch,
                    kinds=KINDS,
                    from_status=from_backend_status,
                ) as answer,
                aclosing(_parts(answer)) as parts,
            ):
                async for data in parts:
                    if not reply.finished and (text := _read(data, reply, secret)):
                        yield Delta(text)
        except ResponderError:
            if not reply.finished:
                raise
        finally:
            watch.close()
        yield Done(cited(reply.whole(), request.articles))


class _Part(msgspec.Struct, gc=False):
    """An event of a stream, or the whole answer: ``text`` alone makes it whole."""

    delta: str = ""
    text: str | None = None
    done: bool = False
    error: object = None


_decoder = msgspec.json.Decoder(_Part)


async def _parts(answer: Answer) -> AsyncGenerator[str | bytes]:
    if not answer.is_stream:
        yield await answer.whole()
        return
    async with aclosing(answer.events()) as events:
        async for data in events:
            yield data


def _read(data: str | bytes, reply: ReplyText, secret: str) -> str:
    """The text that a part adds to the reply. Raises when the reply came to nothing."""
    try:
        part = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ResponderBroken(
            'Your backend sent something else than {"text": …}, {"delta": …} or {"done": true}.'
        ) from None
    if part.error is not None:
        said = quote(data if isinstance(data, bytes) else data.encode(), secret)
        raise ResponderBroken(f"Your backend reported an error in place of a reply.{said}")
    text = reply.add(part.delta if part.text is None else part.text)
    if part.done or part.text is not None:
        reply.finish("done")
    return text


def _question(request: ReplyRequest, secret: str, deadlines: Deadlines) -> httpx2.Request:
    identifier = "msg_" + secrets.token_hex(16)
    now = datetime.now(UTC)
    body = msgspec.json.encode(
        {"type": EVENT, "timestamp": now.isoformat(timespec="milliseconds"), "data": _data(request)}
    )
    headers = {
        "webhook-id": identifier,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": _signature(secret, identifier, now, body),
    }
    return post(request.settings.base_url, "", headers, body, deadlines, accept=", ".join(KINDS))


def _signature(secret: str, identifier: str, now: datetime, body: bytes) -> str:
    try:
        return StandardWebhook(secret).sign(identifier, now, body.decode())
    except (EmptyWebhookSecretError, ValueError):
        raise ResponderRefused("The signing secret is missing or damaged. Create a new one.") from None


def _data(request: ReplyRequest) -> dict[str, object]:
    return {
        "conversationId": request.conversation_id or None,
        "question": request.question,
        "instructions": request.settings.instructions,
        "turns": [{"role": turn.role, "text": turn.text} for turn in request.turns],
        "articles": [
            {
                "number": number,
                "id": article.id,
                "title": article.title,
                "url": article.url or None,
                "body": article.body,
            }
            for number, article in enumerate(request.articles, start=1)
        ],
    }
