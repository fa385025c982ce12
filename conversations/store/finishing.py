"""How an attempt ends in the database, whatever came of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from msgspec import Struct
from psycopg.types.json import Jsonb

from conversations.store import database
from conversations.store.failure import Failure
from conversations.store.leases import Claim


class Finished(Struct, frozen=True):
    outcome: str
    published_at: datetime | None
    next: Claim | None


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
