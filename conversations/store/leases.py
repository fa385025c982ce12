"""Who may write a reply, and for how long: claimed, renewed, started over, taken over, handed back."""

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from msgspec import Struct

from conversations.store import database
from conversations.store.rows import columns_of

MAX_ATTEMPTS = 3


class Claim(Struct):
    """The right to generate one attempt of a reply, for as long as its lease is renewed.

    ``attempt`` goes on where the attempt starts over.
    """

    reply_id: UUID
    conversation_id: UUID
    workspace_id: UUID
    attempt: int


CLAIM_COLUMNS = columns_of(
    Claim, reply_id="r.id", conversation_id="r.conversation_id", workspace_id="r.workspace_id", attempt="r.attempt"
)

_CLAIMED = columns_of(
    Claim,
    reply_id="n.reply_id",
    conversation_id="locked.id",
    workspace_id="locked.workspace_id",
    attempt="n.attempt",
)

_START_WAITING = f"""
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
SELECT {_CLAIMED}
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


_TAKE_OVER = f"""
UPDATE conversations_reply r
SET attempt = r.attempt + 1, text = '', lease_expires_at = clock_timestamp() + make_interval(secs => %s)
WHERE r.id IN (
    SELECT o.id FROM conversations_reply o
    WHERE o.status = 'generating' AND o.lease_expires_at < clock_timestamp() AND NOT o.stop_requested
    ORDER BY o.lease_expires_at LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING {CLAIM_COLUMNS}
"""


async def take_over(most: int) -> list[Claim]:
    """Replies whose worker let the lease run out, each claimed with a new attempt by exactly one caller."""
    rows = await database.fetch(_TAKE_OVER, (float(settings.LUMIKA_LEASE_SECONDS), most))
    return [Claim(*row) for row in rows]


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
    """Seconds since the epoch by the clock that leases run by."""
    rows = await database.fetch("SELECT extract(epoch FROM clock_timestamp())::float8")
    return float(rows[0][0])


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
