"""The public endpoints, as ordinary Django views. The contract is docs/api.md."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from conversations import body, crash_points, event_ids, gate, parameters, store
from conversations.errors import ApiError
from conversations.event_ids import Position
from conversations.feed import WAITING_FOR_A_PERSON
from conversations.public import json_response, public_endpoint
from conversations.request_log import Call
from conversations.runner import runner
from conversations.sse import Stream, Thread
from conversations.store import Accepted, Account, ReplyState

MAX_WAIT_SECONDS = 15 * 60


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
        asked = parameters.for_page(request.GET)
    except ApiError:
        gate.admit(await store.account_of_token(digest), call)
        raise
    found = await store.history(digest, asked)
    account = gate.admit(found[0] if found else None, call)
    runner().bookkeeping.note_use(account.token_id)
    assert found is not None
    page = found[1]
    await gate.check_conversation(account, asked.conversation_id, asked.signature)
    gate.note_unsigned_id(call, asked.conversation_id, asked.signature)
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
    send = parameters.for_send(request.GET)
    gate.check_key(account, send)
    await gate.check_conversation(account, send.conversation_id, send.signature)
    gate.note_unsigned_id(call, send.conversation_id, send.signature)
    running = runner()
    delivered = list(running.bookkeeping.delivered) if send.key is None else []
    crash_points.reach("before-commit")
    has_place = running.room.has_place_for(account.workspace_id)
    accepted = await store.accept(account, send, delivered=delivered, claim=has_place)
    if not has_place:
        running.room.has_backlog = True
    crash_points.reach("after-commit")
    if accepted.outcome == "key_reused":
        message = "This clientMessageId was used for another message. Make a new one for each message."
        raise ApiError(422, "key_reused", message, param="clientMessageId")
    if accepted.outcome == "attached" and send.conversation_id is None:
        await gate.check_conversation(account, accepted.external_id, None)  # a guessed key is no permission

    feed = running.feeds.get(accepted.reply_id)
    if accepted.outcome == "created":
        feed = running.take(accepted, account)
    elif feed is None or not feed.is_produced_here:
        state = await store.reply_state(accepted.reply_id)
        assert state is not None
        feed = running.feeds.of(state)
    thread = Thread(accepted.external_id, str(accepted.message_id), _public_reply_id(accepted))
    is_event_source = "text/event-stream" in request.META.get("HTTP_ACCEPT", "")
    stream = Stream(
        running,
        feed,
        thread,
        Position(accepted.reply_id, feed.attempt, mark="b"),
        token_id=account.token_id,
        goes_on=accepted.outcome == "attached",
        accepted_at=store.timestamp(accepted.created_at),
        is_keyed=send.key is not None,
        prove=is_event_source and send.key is None and send.conversation_id is not None,
    )
    return _event_stream(stream)


async def _resume(request: HttpRequest, account: Account, last_event_id: str) -> HttpResponseBase:
    named = parameters.conversation_id(request.GET)
    signature = parameters.signature(request.GET)
    parameters.key(request.GET)  # says nothing here, but a slip in it is refused as it was when it was sent
    position = event_ids.parse(last_event_id)
    state = await store.reply_state(position.reply_id) if position else None
    if position is None or state is None or not _belongs(state, position, account, named):
        message = "This event id does not belong to the conversation. Send the message without Last-Event-ID."
        raise ApiError(404, "unknown_event", message, param="lastEventId")
    await gate.check_conversation(account, state.external_id, signature)

    running = runner()
    if position.is_end:
        running.bookkeeping.note_delivery(state.reply_id)
        running.bookkeeping.write_deliveries_soon()
        return HttpResponse(status=204)
    if _has_nothing_to_come(state) and not position.is_beginning:
        return HttpResponse(status=204)
    thread = Thread(state.external_id, str(state.customer_message_id), _public_reply_id(state))
    stream = Stream(
        running,
        running.feeds.of(state),
        thread,
        position,
        token_id=account.token_id,
        goes_on=True,
        accepted_at=store.timestamp(state.created_at) if position.is_beginning else None,
    )
    return _event_stream(stream)


def _belongs(state: ReplyState, position: Position, account: Account, conversation_id: str | None) -> bool:
    return (
        state.account_id == account.id
        and conversation_id in (None, state.external_id)
        and position.attempt <= state.attempt
    )


def _has_nothing_to_come(state: ReplyState) -> bool:
    """Rejected, superseded without an answer of its own, or left to people for longer than a stream waits."""
    if state.status in WAITING_FOR_A_PERSON:
        return state.age_seconds > MAX_WAIT_SECONDS
    return state.status in {"rejected", "superseded"} and state.message is None


def _public_reply_id(reply: Accepted | ReplyState) -> str | None:
    """None where nobody replies by machine: left to a person, or answered by one."""
    is_by_hand = reply.status == "by_hand" or (reply.status == "sent" and reply.attempt == 0)
    return None if is_by_hand else str(reply.reply_id)


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
