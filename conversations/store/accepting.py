"""Taking a customer's message exactly once, and what the responder may know of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from msgspec import Struct

from conversations.store import database
from conversations.store.accounts import Account
from conversations.store.rows import columns_of
from integrations import signatures
from integrations.responders.base import Turn, unanswered
from workspaces.tenancy import new_id

CONTEXT_MESSAGES = 20


class Context(Struct, frozen=True):
    """What a responder may know, except for articles: its stored settings and the thread.

    Without ``has_articles`` there is nothing to search.
    """

    kind: str
    instructions: str
    base_url: str
    model: str
    api_key: bytes
    temperature: float | None
    max_tokens: int | None
    has_failed: bool
    held: bool
    last_attempt: int
    instruction: str
    previous_draft: str | None
    has_articles: bool
    workspace_id: UUID
    external_id: str
    turns: list[Turn]

    @property
    def question(self) -> str:
        """What articles are looked for: what is to be answered, and what an agent asked for with another draft."""
        return "\n".join(part for part in (unanswered(self.turns), self.instruction) if part)


class Accepted(Struct, frozen=True):
    """What became of a send; ``reply_id`` is the internal id, also when nobody replies by machine.

    ``context`` is there when the reply was claimed for the caller.
    """

    outcome: str
    conversation_id: UUID
    external_id: str
    message_id: UUID
    created_at: datetime
    reply_id: UUID
    status: str
    attempt: int
    held: bool
    context: Context | None


_TAKEN = columns_of(
    Accepted,
    outcome="taken.outcome",
    conversation_id="taken.conversation_id",
    external_id="taken.external_id",
    message_id="taken.message_id",
    created_at="taken.created_at",
    reply_id="taken.reply_id",
    status="taken.status",
    attempt="taken.attempt",
    held="taken.held",
)


def _context_columns(external_id: str) -> str:
    """Of ``reply_context_2 (…) x``; the turns come last, as JSON."""
    columns = columns_of(
        Context,
        kind="x.kind",
        instructions="x.instructions",
        base_url="x.base_url",
        model="x.model",
        api_key="x.api_key",
        temperature="x.temperature",
        max_tokens="x.max_tokens",
        has_failed="x.has_failed",
        held="x.reply_held",
        last_attempt="x.last_attempt",
        instruction="x.instruction",
        previous_draft="x.previous_draft",
        has_articles="x.has_articles",
        workspace_id="x.workspace_id",
        external_id=external_id,
    )
    return f"{columns}, x.turns"


_ACCEPT = f"""
SELECT {_TAKEN}, {_context_columns("taken.external_id")}
FROM conversation_accept(
    %(workspace)s, %(account)s, %(external_id)s, %(known)s, %(text)s, %(key)s, %(delivered)s, %(by_machine)s,
    %(manual)s, %(lease)s, %(conversation)s, %(message)s, %(reply)s, %(claim)s
) taken
LEFT JOIN LATERAL reply_context_2(
    CASE WHEN taken.outcome = 'created' AND taken.status = 'generating' THEN taken.reply_id END, {CONTEXT_MESSAGES}
) x ON true
"""

_ACCEPTED_WIDTH = len(Accepted.__struct_fields__) - 1

_turns = msgspec.json.Decoder(list[Turn])


async def accept(
    account: Account,
    *,
    text: str,
    conversation_id: str | None,
    key: str | None,
    delivered: list[UUID],
    claim: bool = True,
) -> Accepted:
    """Takes a message exactly once, claims its reply, and reads what the responder may know; all in one statement.

    Without ``claim`` the reply waits until some process has room for it.

    ``conversations/sql/accept_1.sql`` has the rules.
    """
    rows = await database.fetch(
        _ACCEPT,
        {
            "workspace": account.workspace_id,
            "account": account.id,
            "external_id": conversation_id or signatures.issue_conversation_id(),
            "known": conversation_id is not None,
            "text": text,
            "key": key,
            "delivered": delivered,
            "by_machine": account.has_responder,
            "manual": account.response_mode == "manual",
            "lease": float(settings.LUMIKA_LEASE_SECONDS),
            "conversation": new_id(),
            "message": new_id(),
            "reply": new_id(),
            "claim": claim,
        },
    )
    taken, x = rows[0][:_ACCEPTED_WIDTH], rows[0][_ACCEPTED_WIDTH:]
    found = _context(x) if x[-1] is not None else None
    return Accepted(*taken, context=found)  # type: ignore[misc]  # taken has the others


def _context(row: tuple[Any, ...]) -> Context:
    *plain, turns = row
    return Context(*plain, turns=_turns.decode(turns))  # type: ignore[misc]  # plain has the others


_CONTEXT = f"""
SELECT {_context_columns("c.external_id")}
FROM conversations_reply r JOIN conversations_conversation c ON c.id = r.conversation_id,
    reply_context_2(r.id, {CONTEXT_MESSAGES}) x
WHERE r.id = %s
"""


async def context(reply_id: UUID) -> Context | None:
    """What the reply's responder may know, except for articles, or None when the account has none any more."""
    rows = await database.fetch(_CONTEXT, (reply_id,))
    return _context(rows[0]) if rows else None
