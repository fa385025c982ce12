"""Decisions whose hold is over, carried out by whichever process comes first."""

from uuid import UUID

from conversations.store import database
from workspaces.tenancy import new_id

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
