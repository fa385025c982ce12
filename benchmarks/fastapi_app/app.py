"""`GET /conversation/sse` and `GET /conversation/history`."""

import os
import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from openai import AsyncOpenAI, OpenAIError
from sqlalchemy import Select, select
from sse_starlette import EventSourceResponse

from benchmarks.rules import STREAM_HEADERS, ApiError, check_cursor, check_limit, check_message

from .accounts import AccountOfRequest
from .database import SessionOfRequest
from .models import Conversation, Message
from .schemas import Accepted, Failed, Final, HistoryOut, MessageOut, Partial, Schema
from .turns import Turn, accept, fail, finish

app = FastAPI()
provider = AsyncOpenAI(base_url=os.environ["PROVIDER_URL"], api_key="unused")


@app.exception_handler(ApiError)
async def answer_error(_request: Request, error: ApiError) -> JSONResponse:
    return JSONResponse(error.body, error.status, {"Vary": "Origin"})


@app.get("/conversation/sse")
async def send(
    account: AccountOfRequest,
    session: SessionOfRequest,
    response: Response,
    text: Annotated[str, Query(alias="textContent")],
    external_id: Annotated[str | None, Query(alias="conversationId", min_length=1, max_length=200)] = None,
    key: Annotated[str | None, Query(alias="clientMessageId")] = None,
) -> EventSourceResponse:
    """Stores one customer message and streams the reply."""
    text = check_message(text, key)
    turn = await accept(session, account, external_id or f"c_{uuid.uuid4().hex}", text, key)
    headers = {**response.headers, **STREAM_HEADERS}
    return EventSourceResponse(stream(turn, account.model), headers=headers)


@app.get("/conversation/history")
async def history(
    account: AccountOfRequest,
    session: SessionOfRequest,
    external_id: Annotated[str, Query(alias="conversationId")],
    after: Annotated[str | None, Query(alias="afterId")] = None,
    before: Annotated[str | None, Query(alias="beforeId")] = None,
    limit: str = "50",
) -> HistoryOut:
    """A page of a conversation's messages, oldest first."""
    size = check_limit(limit)
    messages = select(Message).join(Conversation).filter_by(account_id=account.id, external_id=external_id)
    for cursor in (after, before):
        if cursor and cursor != "latest":
            of_cursor = messages.with_only_columns(Message.id).filter(Message.id == check_cursor(cursor))
            if await session.scalar(of_cursor) is None:
                raise ApiError(404, "unknown_cursor", "This conversation has no message with that id.")
    # One more than asked for, to know whether there are more.
    found = (await session.scalars(beyond(messages, after, before).limit(size + 1))).all()
    page = found[:size][::-1] if before else found[:size]
    return HistoryOut(
        conversation_id=external_id,
        messages=[MessageOut.model_validate(message) for message in page],
        last_message_id=str(page[-1].id) if page else after,
        has_more=len(found) > size,
    )


def beyond(messages: Select, after: str | None, before: str | None) -> Select:
    """The messages that lie in the direction asked for, the nearest first."""
    if before:
        older = messages if before == "latest" else messages.filter(Message.id < int(before))
        return older.order_by(Message.id.desc())
    return (messages.filter(Message.id > int(after)) if after else messages).order_by(Message.id)


async def stream(turn: Turn, model: str) -> AsyncIterator[dict[str, object]]:
    """The blocks of one turn: `accepted`, the deltas, `final`."""
    yield block(turn, 0, Accepted(**turn.ids, created_at=turn.customer_message.created_at)) | {"retry": 2000}
    if turn.reply.message:
        message = turn.reply.message
        yield block(turn, len(message.body), Final(**turn.ids, message=MessageOut.model_validate(message)))
        return
    text = ""
    try:
        chunks = await provider.chat.completions.create(model=model, messages=turn.context, stream=True)
        async for chunk in chunks:
            if chunk.choices and (delta := chunk.choices[0].delta.content):
                text += delta
                yield block(turn, len(text), Partial(delta=delta))
    except OpenAIError:
        await fail(turn)
        yield block(turn, len(text), Failed(**turn.ids))
        return
    message = await finish(turn, text)
    yield block(turn, len(text), Final(**turn.ids, message=MessageOut.model_validate(message)))


def block(turn: Turn, offset: int, event: Schema) -> dict[str, object]:
    """One SSE block; its id names the reply and the offset into its text."""
    return {"id": f"{turn.reply.id}.{offset}", "data": event.model_dump_json(by_alias=True)}
