"""`GET /conversation/sse` and `GET /conversation/history`."""

import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET
from openai import AsyncOpenAI, OpenAIError

from benchmarks.rules import (
    STREAM_HEADERS,
    ApiError,
    check_cursor,
    check_limit,
    check_message,
    check_origin,
    digest_of,
)

from .models import Account, Message, Reply, Token
from .turns import Turn, accept, finish

provider = AsyncOpenAI(base_url=settings.PROVIDER_URL, api_key="unused")


def api(view: Callable[..., Awaitable[HttpResponseBase]]) -> Callable[..., Awaitable[HttpResponseBase]]:
    """Checks token and origin, gives the view its account, and answers an `ApiError` as JSON."""

    @wraps(view)
    async def checked(request: HttpRequest) -> HttpResponseBase:
        origin = request.headers.get("Origin")
        try:
            account = await authenticate(request)
            check_origin(origin, account.allowed_domains)
            response = await view(request, account)
        except ApiError as error:
            return JsonResponse(error.body, status=error.status, headers={"Vary": "Origin"})
        response["Vary"] = "Origin"
        if origin:
            response["Access-Control-Allow-Origin"] = origin
        return response

    return checked


async def authenticate(request: HttpRequest) -> Account:
    """The account of the token in the query or in the header."""
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    digest = digest_of(request.GET.get("integrationToken") or bearer)
    alive = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    token = await Token.objects.select_related("account").filter(alive, digest=digest).afirst()
    if token is None:
        raise ApiError(401, "invalid_token", "This token is unknown or has expired.")
    return token.account


@require_GET
@api
async def send(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Stores one customer message and streams the reply."""
    key = request.GET.get("clientMessageId")
    text = check_message(request.GET.get("textContent", ""), key)
    external_id = request.GET.get("conversationId") or f"c_{uuid.uuid4().hex}"
    turn = await sync_to_async(accept)(account=account, external_id=external_id, text=text, key=key)
    # A stream lives for long: give its connection back to the pool meanwhile.
    await sync_to_async(connections.close_all)()
    return StreamingHttpResponse(stream(turn, account.model), content_type="text/event-stream", headers=STREAM_HEADERS)


@require_GET
@api
async def history(request: HttpRequest, account: Account) -> HttpResponseBase:
    """A page of a conversation's messages, oldest first."""
    external_id = request.GET.get("conversationId", "")
    after, before = request.GET.get("afterId"), request.GET.get("beforeId")
    limit = check_limit(request.GET.get("limit", "50"))
    messages = Message.objects.filter(conversation__account=account, conversation__external_id=external_id)
    for cursor in (after, before):
        if cursor and cursor != "latest" and not await messages.filter(pk=check_cursor(cursor)).aexists():
            raise ApiError(404, "unknown_cursor", "This conversation has no message with that id.")
    # One more than asked for, to know whether there are more.
    found = [message async for message in beyond(messages, after, before)[: limit + 1]]
    page = found[:limit][::-1] if before else found[:limit]
    return JsonResponse(
        {
            "conversationId": external_id,
            "messages": [message.as_json() for message in page],
            "lastMessageId": str(page[-1].pk) if page else after,
            "hasMore": len(found) > limit,
        }
    )


def beyond(messages: QuerySet[Message], after: str | None, before: str | None) -> QuerySet[Message]:
    """The messages that lie in the direction asked for, the nearest first."""
    if before:
        older = messages if before == "latest" else messages.filter(pk__lt=before)
        return older.order_by("-id")
    return (messages.filter(pk__gt=after) if after else messages).order_by("id")


async def stream(turn: Turn, model: str) -> AsyncIterator[str]:
    """The blocks of one turn: `accepted`, the deltas, `final`."""
    accepted = {"type": "accepted", **turn.ids, "createdAt": turn.customer_message.created_at.isoformat()}
    yield "retry: 2000\n" + block(turn, 0, accepted)
    if turn.reply.message:
        yield block(turn, len(turn.reply.message.body), final(turn, turn.reply.message))
        return
    text = ""
    try:
        chunks = await provider.chat.completions.create(model=model, messages=turn.context, stream=True)
        async for chunk in chunks:
            if chunk.choices and (delta := chunk.choices[0].delta.content):
                text += delta
                yield block(turn, len(text), {"type": "partial", "delta": delta})
    except OpenAIError:
        await Reply.objects.filter(pk=turn.reply.pk).aupdate(status="failed", finished_at=timezone.now())
        failed = {"type": "error", "code": "responder_failed", "message": "The reply failed.", "retryable": True}
        yield block(turn, len(text), failed | turn.ids)
        return
    message = await sync_to_async(finish)(turn, text)
    yield block(turn, len(text), final(turn, message))


def final(turn: Turn, message: Message) -> dict[str, object]:
    return {"type": "final", **turn.ids, "message": message.as_json()}


def block(turn: Turn, offset: int, event: dict[str, object]) -> str:
    """One SSE block; its id names the reply and the offset into its text."""
    return f"id: {turn.reply.pk}.{offset}\ndata: {json.dumps(event)}\n\n"
