"""The parameters of a public request, checked: what is wrong is told with the parameter's name (docs/api.md)."""

import re
from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, QueryDict
from msgspec import Struct

from conversations.api import customer_text, slips
from conversations.api.errors import ApiError, invalid, missing
from conversations.making.sending import Send
from conversations.store import Page

MAX_CONVERSATION_ID = 200
MAX_LIMIT = 200
DEFAULT_LIMIT = 50

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,4000}", re.ASCII)


class Cancel(Struct, frozen=True):
    """A reply to stop."""

    conversation_id: str
    reply_id: UUID
    signature: str | None


OF_CANCEL = frozenset({"conversationId", "replyId", "conversationSignature"})
CALLERS_IDS = frozenset({"conversationId", "clientMessageId"})


def for_send(query: QueryDict) -> Send:
    text = _single(query, "textContent")
    if text is None:
        raise missing("textContent", "the message to send.")
    return Send(
        text=customer_text.cleaned(text),
        conversation_id=conversation_id(query),
        key=key(query),
    )


def for_page(query: QueryDict) -> Page:
    named = conversation_id(query)
    if named is None:
        raise missing("conversationId", "the conversation whose messages are wanted.")
    after, before = _single(query, "afterId"), _single(query, "beforeId")
    if after is not None and before is not None:
        raise invalid("beforeId", "Give afterId to page forward, or beforeId to page backward, not both.")
    return Page(
        conversation_id=named,
        limit=_limit(_single(query, "limit")),
        after=_cursor("afterId", after),
        before=before if before == "latest" else _cursor("beforeId", before),
    )


def for_cancel(given: QueryDict) -> Cancel:
    named, reply_id = conversation_id(given), _single(given, "replyId")
    if named is None:
        raise missing("conversationId", "the conversation of the reply.")
    if reply_id is None:
        raise missing("replyId", "the reply to stop, as accepted names it.")
    if not _UUID.fullmatch(reply_id):
        raise unknown_reply()
    return Cancel(named, UUID(reply_id), signature(given))


def conversation_id(query: QueryDict) -> str | None:
    value = _single(query, "conversationId")
    if value is None:
        return None
    _refuse_slip("conversationId", value)
    if len(value) > MAX_CONVERSATION_ID:
        raise invalid("conversationId", f"conversationId must have 1 to {MAX_CONVERSATION_ID} characters.")
    if not value.isprintable() or "\ufffd" in value:
        raise invalid("conversationId", "conversationId must consist of printable characters, as UTF-8.")
    return value


def key(query: QueryDict) -> str | None:
    value = _single(query, "clientMessageId")
    if value is None:
        return None
    _refuse_slip("clientMessageId", value)
    if not _KEY.fullmatch(value):
        message = "clientMessageId must have 8 to 64 characters of A-Z, a-z, 0-9, _ and -; a UUID is fine."
        raise invalid("clientMessageId", message)
    return value


def signature(query: QueryDict) -> str | None:
    """An empty one is wrong, not left out: whoever signs with nothing has lost the secret."""
    return _one("conversationSignature", query.getlist("conversationSignature"))


def last_event_id(request: HttpRequest) -> str | None:
    """What the client received last: the header of a reconnecting EventSource goes before the query."""
    return request.headers.get("Last-Event-ID") or _single(request.GET, "lastEventId")


def _single(query: QueryDict, name: str) -> str | None:
    """What is given but empty counts as left out."""
    return _one(name, [value for value in query.getlist(name) if value])


def _one(name: str, values: Sequence[str]) -> str | None:
    if len(values) > 1:
        raise invalid(name, f"{name} is given {len(values)} times. Give it once.", code="repeated_parameter")
    return values[0] if values else None


def _refuse_slip(name: str, value: str) -> None:
    if cause := slips.likely_cause(value):
        advice = "Send the real value, or leave the parameter out."
        raise invalid(name, f"{name} {cause}. All your visitors would share it. {advice}")


def _limit(value: str | None) -> int:
    if value is None:
        return DEFAULT_LIMIT
    if not _WHOLE_NUMBER.fullmatch(value) or int(value) < 1:
        message = f"limit must be a whole number from 1; values over {MAX_LIMIT} count as {MAX_LIMIT}."
        raise invalid("limit", message, code="invalid_limit")
    return min(int(value), MAX_LIMIT)


def _cursor(name: str, value: str | None) -> str | None:
    if value is not None and not _UUID.fullmatch(value):
        raise unknown_cursor(name)
    return value


def unknown_cursor(name: str) -> ApiError:
    message = f"{name} is not a message of this conversation. Start again without it."
    return ApiError(404, "unknown_cursor", message, param=name)


def unknown_reply() -> ApiError:
    message = "replyId is not a reply of this conversation. Take it from the stream's accepted event."
    return ApiError(404, "unknown_reply", message, param="replyId")
