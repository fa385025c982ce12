"""Replies as the database has them: read, and watched."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from conversations.models.reply_status import ReplyStatus
from conversations.store import database
from conversations.store.failure import Failure
from conversations.store.messages import MESSAGE_COLUMNS, PublishedMessage, published
from conversations.store.rows import columns_of


class ReplyState(Struct, frozen=True):
    """A reply as the database has it. ``text`` lacks the first ``known`` characters that the asker had already."""

    reply_id: UUID
    conversation_id: UUID
    account_id: UUID
    external_id: str
    customer_message_id: UUID
    created_at: datetime
    age_seconds: float
    status: str
    attempt: int
    held: bool
    known: int
    text: str
    failure: Failure | None
    message: PublishedMessage | None


_WIDTH = len(ReplyState.__struct_fields__) - 2
_STATUS = ReplyState.__struct_fields__.index("status")


def _states(*, known: str, text: str, source: str, condition: str) -> str:
    columns = columns_of(
        ReplyState,
        reply_id="r.id",
        conversation_id="r.conversation_id",
        account_id="c.account_id",
        external_id="c.external_id",
        customer_message_id="r.customer_message_id",
        created_at="r.created_at",
        age_seconds="extract(epoch FROM clock_timestamp() - r.created_at)::float8",
        status="r.status",
        attempt="r.attempt",
        held="r.held",
        known=known,
        text=text,
    )
    failure = columns_of(Failure, code="r.error_code", message="r.error_message", retryable="r.error_retryable")
    return f"""
        SELECT {columns}, {failure}, {MESSAGE_COLUMNS}
        FROM {source}
        JOIN conversations_conversation c ON c.id = r.conversation_id
        LEFT JOIN conversations_message m ON m.id = r.message_id
        WHERE {condition}
    """


_REPLY = _states(known="0", text="r.text", source="conversations_reply r", condition="r.id = %s")


async def reply_state(reply_id: UUID) -> ReplyState | None:
    rows = await database.fetch(_REPLY, (reply_id,))
    return _state(rows[0]) if rows else None


_WATCH = _states(
    known="CASE WHEN v.attempt = r.attempt THEN v.known ELSE 0 END",
    text="CASE WHEN v.attempt = r.attempt THEN substr(r.text, v.known + 1) ELSE r.text END",
    source="unnest(%s::uuid[], %s::int[], %s::int[], %s::text[]) AS v (id, attempt, known, status) "
    "JOIN conversations_reply r ON r.id = v.id",
    condition="v.attempt <> r.attempt OR v.status <> r.status OR length(r.text) > v.known",
)


async def changed_replies(known: Iterable[tuple[UUID, int, int, str]]) -> list[ReplyState]:
    """Of the replies given as (id, attempt, characters known, status): those that went on, in one statement."""
    columns = zip(*known, strict=True)
    rows = await database.fetch(_WATCH, tuple(list(column) for column in columns))
    return [_state(row) for row in rows]


def _state(row: tuple[Any, ...]) -> ReplyState:
    state, (code, words, retryable, *message) = row[:_WIDTH], row[_WIDTH:]
    failure = Failure(code, words, retryable) if state[_STATUS] == ReplyStatus.FAILED else None
    answer = published(message) if message[0] is not None else None
    return ReplyState(*state, failure=failure, message=answer)  # type: ignore[misc]  # the row has the others


async def mark_delivered(reply_ids: list[UUID]) -> None:
    statement = "UPDATE conversations_reply SET delivered_at = now() WHERE id = ANY(%s) AND delivered_at IS NULL"
    await database.execute(statement, (reply_ids,))
