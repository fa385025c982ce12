"""Replies by the team's own backend: one signed POST, answered in JSON or as an event stream.

docs/webhook-responder.md has the payload and the answers. The signature is that of Standard Webhooks, so backends can
verify it with any of its libraries.
"""

import secrets
from base64 import b64encode
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import msgspec
from standardwebhooks.webhooks import EmptyWebhookSecretError
from standardwebhooks.webhooks import Webhook as StandardWebhook

from .base import Delta, Done, ReplyRequest, Reset, ResponderBroken, ResponderRefused
from .deadlines import Deadlines
from .event_stream import EVENT_STREAM, JSON, post
from .failures import from_backend_status, quote
from .http import Post
from .relay import Dialect, relay
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

    def stream(self, request: ReplyRequest) -> AsyncGenerator[Delta | Reset | Done]:
        """The backend may write piece by piece or answer at once."""
        return relay(request, Dialect(_question, _read, KINDS, from_backend_status), self._deadlines)


class _Part(msgspec.Struct, gc=False):
    """An event of a stream, or the whole answer: ``text`` alone makes it whole."""

    delta: str = ""
    text: str | None = None
    done: bool = False
    error: object = None


_decoder = msgspec.json.Decoder(_Part)


def _read(data: str | bytes, reply: ReplyText, secret: str) -> None:
    """Adds what a part says. Raises when the reply came to nothing."""
    try:
        part = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ResponderBroken(
            'Your backend sent something other than {"text": …}, {"delta": …} or {"done": true}.'
        ) from None
    if part.error is not None:
        said = quote(data if isinstance(data, bytes) else data.encode(), secret)
        reply.fail(ResponderBroken(f"Your backend reported an error instead of a reply.{said}"))
    reply.add(part.delta if part.text is None else part.text)
    if part.done or part.text is not None:
        reply.finish("done")
        reply.close()


def _question(request: ReplyRequest, secret: str, deadlines: Deadlines) -> Post:
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
        "instruction": request.instruction or None,
        "previousDraft": request.previous_draft or None,
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
