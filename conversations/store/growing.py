"""What is being written for a conversation right now."""

from uuid import UUID

from conversations.store import database

_BEING_WRITTEN = """
SELECT id FROM conversations_reply WHERE conversation_id = %s AND status IN ('queued', 'generating')
ORDER BY status = 'generating' DESC, created_at LIMIT 1
"""


async def being_written(conversation_id: UUID) -> UUID | None:
    """The reply that is generated, else the first that waits for it."""
    rows = await database.fetch(_BEING_WRITTEN, (conversation_id,))
    return rows[0][0] if rows else None
