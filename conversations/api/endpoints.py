"""The public endpoints, as ordinary Django views. The contract is docs/api.md."""

from functools import partial

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from conversations import store
from conversations.api import body, event_ids, gate, parameters
from conversations.api.errors import ApiError
from conversations.api.public import json_response, public_endpoint
from conversations.api.sse import Stream
from conversations.making import sending
from conversations.making.request_log import Call
from conversations.making.runner import runner
from conversations.store import Account


@public_endpoint(method="GET")
async def sse(request: HttpRequest, call: Call) -> HttpResponseBase:
    """Takes one message and streams its reply; with Last-Event-ID, goes on with a stream and never sends."""
    _refuse_page_loads(request)
    account = gate.admit(await store.account_of_token(gate.token_digest(request)), call)
    runner().bookkeeping.note_use(account.token_id)
    last_event_id = parameters.last_event_id(request)
    if last_event_id is not None:
        return await _resume(request, account, last_event_id)
    return await _send(request, account, call)


@public_endpoint(method="GET")
async def history(request: HttpRequest, call: Call) -> HttpResponse:
    """A page of what was published in a conversation, oldest first."""
    digest = gate.token_digest(request)
    try:
        asked, signature = parameters.for_page(request.GET), parameters.signature(request.GET)
    except ApiError:
        gate.admit(await store.account_of_token(digest), call)
        raise
    found = await store.history(digest, asked)
    account = gate.admit(found[0] if found else None, call)
    runner().bookkeeping.note_use(account.token_id)
    assert found is not None
    page = found[1]
    await gate.check_conversation(account, asked.conversation_id, signature)
    gate.note_unsigned_id(call, asked.conversation_id, signature)
    cursor_name = "afterId" if asked.after is not None else "beforeId"
    if (asked.after or asked.before) and not page.cursor_known:
        raise parameters.unknown_cursor(cursor_name)
    return json_response(
        {
            "conversationId": asked.conversation_id,
            "messages": page.messages,
            "lastMessageId": page.messages[-1].id if page.messages else asked.after,
            "hasMore": page.has_more,
        }
    )


@public_endpoint(method="POST")
async def cancel(request: HttpRequest, call: Call) -> HttpResponse:
    """Stops a reply: what there is of it is sent, unless it needs an approval. Repeating it changes nothing."""
    account = gate.admit(await store.account_of_token(gate.token_digest(request)), call)
    running = runner()
    running.bookkeeping.note_use(account.token_id)
    asked = parameters.for_cancel(body.given(request, parameters.OF_CANCEL))
    await gate.check_conversation(account, asked.conversation_id, asked.signature)
    gate.note_unsigned_id(call, asked.conversation_id, asked.signature)
    stopped = await store.stop(account.id, asked.conversation_id, asked.reply_id)
    if stopped is None:
        raise parameters.unknown_reply()
    if stopped.is_being_written:
        running.writer.stop(asked.reply_id)
    running.announcer.note(workspace_id=account.workspace_id, conversation_id=stopped.conversation_id)
    return json_response(
        {"conversationId": asked.conversation_id, "replyId": str(asked.reply_id), "status": stopped.status}
    )


async def _send(request: HttpRequest, account: Account, call: Call) -> StreamingHttpResponse:
    message, signature = parameters.for_send(request.GET), parameters.signature(request.GET)
    gate.check_key(account, message)
    await gate.check_conversation(account, message.conversation_id, signature)
    gate.note_unsigned_id(call, message.conversation_id, signature)
    try:
        sent = await sending.send(account, message, admits=partial(gate.check_conversation, account, signature=None))
    except sending.KeyReused:
        words = "This clientMessageId was used for another message. Make a new one for each message."
        raise ApiError(422, "key_reused", words, param="clientMessageId") from None
    is_event_source = "text/event-stream" in request.META.get("HTTP_ACCEPT", "")
    return _event_stream(
        Stream(
            runner(),
            sent,
            token_id=account.token_id,
            is_keyed=message.key is not None,
            prove=is_event_source and message.is_told_apart_by_text,
        )
    )


async def _resume(request: HttpRequest, account: Account, last_event_id: str) -> HttpResponseBase:
    asked = sending.Resume(event_ids.parse(last_event_id), parameters.conversation_id(request.GET))
    signature = parameters.signature(request.GET)
    parameters.key(request.GET)  # says nothing here, but a slip in it is refused as it was when it was sent
    try:
        sent = await sending.resume(
            account, asked, admits=partial(gate.check_conversation, account, signature=signature)
        )
    except sending.UnknownPosition:
        words = "This event id does not belong to the conversation. Send the message without Last-Event-ID."
        raise ApiError(404, "unknown_event", words, param="lastEventId") from None
    if sent is None:
        return HttpResponse(status=204)
    return _event_stream(Stream(runner(), sent, token_id=account.token_id))


def _event_stream(stream: Stream) -> StreamingHttpResponse:
    response = StreamingHttpResponse(stream.blocks(), content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-store, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _refuse_page_loads(request: HttpRequest) -> None:
    """A link preview, a prefetch or a pasted address must not write a customer's message."""
    purpose = request.META.get("HTTP_SEC_PURPOSE", "") + request.META.get("HTTP_PURPOSE", "")
    if request.META.get("HTTP_SEC_FETCH_MODE") == "navigate" or "prefetch" in purpose:
        message = (
            "This address sends a message and streams the reply. Open it with EventSource or fetch, not as a page."
        )
        raise ApiError(406, "not_a_stream_request", message)
