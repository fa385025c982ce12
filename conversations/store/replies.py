"""Replies as durable state machines: read, watched, leased, finished, taken over."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from msgspec import Struct
from psycopg.types.json import Jsonb

from conversations.models.reply_status import ReplyStatus
from conversations.store import database
from conversations.store.failure import STOPPED, Failure
from conversations.store.messages import PublishedMessage, published
from workspaces.tenancy import new_id

MAX_ATTEMPTS = 3


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


class Claim(Struct):
    """The right to generate one attempt of a reply, for as long as its lease is renewed.

    ``attempt`` goes on where the attempt starts over.
    """

    reply_id: UUID
    conversation_id: UUID
    workspace_id: UUID
    attempt: int


class Stopped(Struct, frozen=True):
    """A reply after it was asked to end."""

    status: str
    conversation_id: UUID

    @property
    def is_being_written(self) -> bool:
        return self.status == ReplyStatus.GENERATING


class Finished(Struct, frozen=True):
    outcome: str
    published_at: datetime | None
    next: Claim | None


_STATE = """
SELECT r.id, r.conversation_id, c.account_id, c.external_id, r.customer_message_id,
       r.created_at, extract(epoch FROM clock_timestamp() - r.created_at)::float8, r.status, r.attempt, r.held,
       {known}, {text}, r.error_code, r.error_message, r.error_retryable,
       m.id::text, m.actor, m.type, m.body, m.data, m.created_at
FROM {source}
JOIN conversations_conversation c ON c.id = r.conversation_id
LEFT JOIN conversations_message m ON m.id = r.message_id
WHERE {condition}
"""

_REPLY = _STATE.format(known="0", text="r.text", source="conversations_reply r", condition="r.id = %s")


async def reply_state(reply_id: UUID) -> ReplyState | None:
    rows = await database.fetch(_REPLY, (reply_id,))
    return _state(rows[0]) if rows else None


_WATCH = _STATE.format(
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
    failure = Failure(*row[12:15]) if row[7] == ReplyStatus.FAILED else None
    message = published(row[15:]) if row[15] is not None else None
    return ReplyState(*row[:12], failure=failure, message=message)  # type: ignore[misc]  # the row has the other columns


_FINISH = """
SELECT * FROM reply_finish(
    %(conversation)s, %(reply)s, %(attempt)s, %(text)s, %(data)s, %(message)s, %(code)s, %(error)s, %(retryable)s,
    %(lease)s
)
"""

_FINISH_AND_NOTE = f"""
WITH finished AS ({_FINISH}), noted AS (
    UPDATE integrations_responder s
    SET last_error_code = %(blame)s, last_error_message = %(error)s::text,
        last_error_at = CASE WHEN %(blame)s::text <> '' THEN clock_timestamp() END
    FROM finished, conversations_conversation c JOIN integrations_integrationaccount a ON a.id = c.account_id
    WHERE c.id = %(conversation)s AND s.id = a.responder_id AND finished.outcome <> 'fenced'
      AND (%(blame)s::text <> '' OR %(code)s::text = '')
      AND (s.last_error_code <> %(blame)s OR s.last_error_at < clock_timestamp() - interval '1 second')
)
SELECT * FROM finished
"""


async def finish(
    claim: Claim,
    *,
    text: str,
    data: dict[str, Any],
    message_id: UUID,
    failure: Failure | None = None,
    responder_had_failed: bool = False,
) -> Finished:
    """Ends an attempt, fenced, and claims the conversation's next reply.

    Of a reply that was ``STOPPED``, white space alone is not sent.
    The responder's row keeps its failure until a reply succeeds; one that works is not touched.
    """
    code = failure.code if failure else ""
    rows = await database.fetch(
        _FINISH_AND_NOTE if failure or responder_had_failed else _FINISH,
        {
            "conversation": claim.conversation_id,
            "reply": claim.reply_id,
            "attempt": claim.attempt,
            "text": text if text.strip() else "",
            "data": Jsonb(data),
            "message": message_id,
            "code": code,
            "error": failure.message if failure else "",
            "blame": code if failure and failure.blames_the_responder else "",
            "retryable": failure is not None and failure.retryable,
            "lease": float(settings.LUMIKA_LEASE_SECONDS),
        },
    )
    outcome, published_at, next_reply, next_attempt = rows[0]
    following = Claim(next_reply, claim.conversation_id, claim.workspace_id, next_attempt) if next_reply else None
    return Finished(outcome, published_at, following)


_RENEW = """
WITH mine AS (
    SELECT r.id, v.text
    FROM unnest(%(ids)s::uuid[], %(attempts)s::int[], %(texts)s::text[]) AS v (id, attempt, text)
    JOIN conversations_reply r ON r.id = v.id AND r.attempt = v.attempt AND r.status = 'generating'
    ORDER BY r.id FOR NO KEY UPDATE OF r
)
UPDATE conversations_reply r
SET text = mine.text, lease_expires_at = clock_timestamp() + make_interval(secs => %(lease)s)
FROM mine WHERE r.id = mine.id
RETURNING r.id, r.stop_requested
"""


async def renew(progress: list[tuple[UUID, int, str]]) -> dict[UUID, bool]:
    """Renews the leases of (reply, attempt, text so far) and keeps the texts.

    Returns those that are still ours, and whether somebody asked to stop them.
    """
    ids, attempts, texts = zip(*progress, strict=True)
    lease = float(settings.LUMIKA_LEASE_SECONDS)
    parameters = {"ids": list(ids), "attempts": list(attempts), "texts": list(texts), "lease": lease}
    return dict(await database.fetch(_RENEW, parameters))


async def database_time() -> float:
    """Seconds since the epoch by the database's clock."""
    rows = await database.fetch("SELECT extract(epoch FROM clock_timestamp())::float8")
    return float(rows[0][0])


_TAKE_OVER = """
UPDATE conversations_reply r
SET attempt = r.attempt + 1, text = '', lease_expires_at = clock_timestamp() + make_interval(secs => %s)
WHERE r.id IN (
    SELECT o.id FROM conversations_reply o
    WHERE o.status = 'generating' AND o.lease_expires_at < clock_timestamp() AND NOT o.stop_requested
    ORDER BY o.lease_expires_at LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING r.id, r.conversation_id, r.workspace_id, r.attempt
"""


async def take_over(most: int) -> list[Claim]:
    """Replies whose worker let the lease run out, each claimed with a new attempt by exactly one caller."""
    rows = await database.fetch(_TAKE_OVER, (float(settings.LUMIKA_LEASE_SECONDS), most))
    return [Claim(*row) for row in rows]


_START_WAITING = """
WITH writing AS (
    SELECT r.workspace_id, count(*) AS replies FROM conversations_reply r WHERE r.status = 'generating' GROUP BY 1
), waiting AS (
    SELECT q.conversation_id, q.workspace_id, min(q.created_at) AS since FROM conversations_reply q
    WHERE q.status = 'queued' AND NOT EXISTS (
        SELECT 1 FROM conversations_reply g
        WHERE g.conversation_id = q.conversation_id AND g.status = 'generating'
    )
    GROUP BY 1, 2
), placed AS (
    SELECT w.*, row_number() OVER (PARTITION BY w.workspace_id ORDER BY w.since) AS place FROM waiting w
), in_turn AS (
    SELECT p.conversation_id
    FROM placed p
    LEFT JOIN writing n ON n.workspace_id = p.workspace_id
    LEFT JOIN unnest(%(workspaces)s::uuid[], %(here)s::int[]) AS h (workspace_id, replies)
        ON h.workspace_id = p.workspace_id
    WHERE p.place + coalesce(h.replies, 0) <= %(most_of_one)s
    ORDER BY coalesce(n.replies, 0) + p.place, p.since
    LIMIT %(most)s
), locked AS (
    SELECT c.id, c.workspace_id FROM conversations_conversation c
    WHERE c.id IN (SELECT conversation_id FROM in_turn) FOR NO KEY UPDATE SKIP LOCKED
)
SELECT n.reply_id, locked.id, locked.workspace_id, n.attempt
FROM locked, conversation_claim(locked.id, %(lease)s) n
"""


async def start_waiting(most: int, *, written_here: Mapping[UUID, int]) -> list[Claim]:
    """Claims replies that wait for a writer. ``written_here``: how many this process writes for which workspace.

    In turns: the workspace with the fewest replies being written comes first, so that nobody's crowd delays the
    single message of somebody else. Within a workspace the oldest comes first.
    """
    parameters = {
        "most": most,
        "most_of_one": settings.LUMIKA_REPLIES_PER_WORKSPACE,
        "workspaces": list(written_here.keys()),
        "here": list(written_here.values()),
        "lease": float(settings.LUMIKA_LEASE_SECONDS),
    }
    return [Claim(*row) for row in await database.fetch(_START_WAITING, parameters)]


_END_STOPPED = """
SELECT r.id, r.conversation_id, r.workspace_id, r.attempt, r.text FROM conversations_reply r
WHERE r.status = 'generating' AND r.lease_expires_at < clock_timestamp() AND r.stop_requested
ORDER BY r.lease_expires_at LIMIT %s
"""


async def end_stopped(most: int) -> list[tuple[Claim, Finished]]:
    """Ends replies that were stopped while their worker was dead, with what it had written down."""
    rows = await database.fetch(_END_STOPPED, (most,))
    stopped = [(Claim(*row[:4]), row[4]) for row in rows]
    return [
        (claim, await finish(claim, text=text, data={"author": "responder"}, message_id=new_id(), failure=STOPPED))
        for claim, text in stopped
    ]


_STOP = """
SELECT reply_stop(r.id), c.id
FROM conversations_reply r JOIN conversations_conversation c ON c.id = r.conversation_id
WHERE r.id = %s AND c.account_id = %s AND c.external_id = %s
"""


async def stop(account_id: UUID, external_id: str, reply_id: UUID) -> Stopped | None:
    """Asks for a reply's end; what has become of it then. None where the conversation has no such reply."""
    rows = await database.fetch(_STOP, (reply_id, account_id, external_id))
    return Stopped(*rows[0]) if rows else None


_DUE_DECISIONS = """
SELECT r.id, r.conversation_id, r.workspace_id FROM conversations_reply r
WHERE r.status = 'awaiting_approval' AND r.release_at <= clock_timestamp() AND r.decision <> ''
ORDER BY r.release_at LIMIT %s
"""


async def release_due(most: int) -> list[tuple[UUID, UUID, UUID]]:
    """Carries out the decisions whose hold is over; (reply, conversation, workspace) of those done by this call."""
    due = await database.fetch(_DUE_DECISIONS, (most,))
    done = [await database.fetch("SELECT reply_release(%s, %s)", (row[0], new_id())) for row in due]
    return [(row[0], row[1], row[2]) for row, outcome in zip(due, done, strict=True) if outcome[0][0]]


_START_OVER = """
UPDATE conversations_reply r SET attempt = r.attempt + 1, last_attempt = r.last_attempt + 1, text = ''
WHERE r.id = %s AND r.attempt = %s AND r.status = 'generating'
RETURNING r.attempt
"""


async def start_over(claim: Claim) -> int | None:
    """Drops the text so far for all who follow the reply: the number of the new attempt, which is nobody's fault.

    None when somebody else owns the reply now.
    """
    rows = await database.fetch(_START_OVER, (claim.reply_id, claim.attempt))
    return rows[0][0] if rows else None


_HAND_BACK = """
UPDATE conversations_reply r SET lease_expires_at = clock_timestamp(), last_attempt = r.last_attempt + 1
FROM unnest(%s::uuid[], %s::int[]) AS v (id, attempt)
WHERE r.id = v.id AND r.attempt = v.attempt AND r.status = 'generating'
"""


async def hand_back(claims: list[Claim]) -> None:
    """Ends leases at once, so that another process takes the replies over; this attempt was nobody's fault."""
    await database.execute(_HAND_BACK, ([c.reply_id for c in claims], [c.attempt for c in claims]))


async def mark_delivered(reply_ids: list[UUID]) -> None:
    statement = "UPDATE conversations_reply SET delivered_at = now() WHERE id = ANY(%s) AND delivered_at IS NULL"
    await database.execute(statement, (reply_ids,))
