"""Replies that somebody asked to end."""

from uuid import UUID

from msgspec import Struct

from conversations.models.reply_status import ReplyStatus
from conversations.store import database
from conversations.store.failure import STOPPED
from conversations.store.finishing import Finished, finish
from conversations.store.leases import CLAIM_COLUMNS, Claim
from workspaces.tenancy import new_id


class Stopped(Struct, frozen=True):
    """A reply after it was asked to end."""

    status: str
    conversation_id: UUID

    @property
    def is_being_written(self) -> bool:
        return self.status == ReplyStatus.GENERATING


_STOP = """
SELECT reply_stop(r.id), c.id
FROM conversations_reply r JOIN conversations_conversation c ON c.id = r.conversation_id
WHERE r.id = %s AND c.account_id = %s AND c.external_id = %s
"""


async def stop(account_id: UUID, external_id: str, reply_id: UUID) -> Stopped | None:
    """Asks for a reply's end; what has become of it then. None where the conversation has no such reply."""
    rows = await database.fetch(_STOP, (reply_id, account_id, external_id))
    return Stopped(*rows[0]) if rows else None


_END_STOPPED = f"""
SELECT {CLAIM_COLUMNS}, r.text FROM conversations_reply r
WHERE r.status = 'generating' AND r.lease_expires_at < clock_timestamp() AND r.stop_requested
ORDER BY r.lease_expires_at LIMIT %s
"""


async def end_stopped(most: int) -> list[tuple[Claim, Finished]]:
    """Ends replies that were stopped while their worker was dead, with what it had written down."""
    rows = await database.fetch(_END_STOPPED, (most,))
    stopped = [(Claim(*claim), text) for *claim, text in rows]
    return [
        (claim, await finish(claim, text=text, data={"author": "responder"}, message_id=new_id(), failure=STOPPED))
        for claim, text in stopped
    ]
