"""The accounts behind tokens: who calls, with which token, from where."""
# ruff: noqa: S106 – what looks like passwords are names of columns

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from conversations.store import database
from conversations.store.rows import columns_of
from workspaces.tenancy import new_id


class Account(Struct, frozen=True):
    """The integration account behind a token, as far as a request needs it."""

    token_id: UUID
    token_works: bool
    id: UUID
    workspace_id: UUID
    kind: str
    status: str
    response_mode: str
    has_responder: bool
    allowed_domains: list[str]
    require_signature: bool
    identity_secret: bytes


ACCOUNT_COLUMNS = columns_of(
    Account,
    token_id="t.id",
    token_works="t.expires_at IS NULL OR t.expires_at > now()",
    id="a.id",
    workspace_id="a.workspace_id",
    kind="a.kind",
    status="a.status",
    response_mode="a.response_mode",
    has_responder="a.responder_id IS NOT NULL",
    allowed_domains="a.allowed_domains",
    require_signature="a.require_signature",
    identity_secret="a.identity_secret",
)

ACCOUNT_WIDTH = len(Account.__struct_fields__)

_ACCOUNT_OF_TOKEN = f"""
SELECT {ACCOUNT_COLUMNS}
FROM integrations_integrationtoken t JOIN integrations_integrationaccount a ON a.id = t.account_id
WHERE t.digest = %s
"""


async def account_of_token(digest: bytes) -> Account | None:
    """The account that a token belongs to, also when the token has expired (``token_works``)."""
    rows = await database.fetch(_ACCOUNT_OF_TOKEN, (digest,))
    return Account(*rows[0]) if rows else None


_WORKING_TOKENS = """
SELECT t.id
FROM integrations_integrationtoken t JOIN integrations_integrationaccount a ON a.id = t.account_id
WHERE t.id = ANY(%s) AND a.status = 'active' AND (t.expires_at IS NULL OR t.expires_at > now())
"""


async def working_tokens(token_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the tokens that a request would still be let in with."""
    return {row[0] for row in await database.fetch(_WORKING_TOKENS, (list(token_ids),))}


_CONVERSATION_ISSUED = "SELECT issued FROM conversations_conversation WHERE account_id = %s AND external_id = %s"


async def is_issued(account_id: UUID, external_id: str) -> bool:
    """Whether the server itself made this conversation id for this account."""
    rows = await database.fetch(_CONVERSATION_ISSUED, (account_id, external_id))
    return bool(rows and rows[0][0])


async def mark_used(token_ids: list[UUID]) -> None:
    await database.execute(
        "UPDATE integrations_integrationtoken SET last_used_at = now() WHERE id = ANY(%s)", (token_ids,)
    )


_MARK_UNSIGNED_IDS = """
UPDATE integrations_integrationaccount a SET unsigned_ids_at = now(), unsigned_ids_origin = v.origin
FROM unnest(%s::uuid[], %s::text[]) AS v (id, origin) WHERE a.id = v.id
"""


async def mark_unsigned_ids(origins: dict[UUID, str]) -> None:
    """Of each account: a page of this origin (empty: unknown) named a conversation without a signature just now."""
    await database.execute(_MARK_UNSIGNED_IDS, (list(origins), [origin[:300] for origin in origins.values()]))


_COUNT_REFUSED = """
INSERT INTO integrations_refusedorigin (id, workspace_id, account_id, origin, count, created_at, last_at)
SELECT %s, %s, %s, %s, 1, now(), now()
WHERE EXISTS (SELECT 1 FROM integrations_refusedorigin WHERE account_id = %s AND origin = %s)
   OR (SELECT count(*) FROM integrations_refusedorigin WHERE account_id = %s) < 100
ON CONFLICT (account_id, origin) DO UPDATE SET count = integrations_refusedorigin.count + 1, last_at = now()
"""


async def count_refused(account: Account, origin: str) -> None:
    """Counts a refused origin; at most 100 different ones are kept for an account."""
    values = (new_id(), account.workspace_id, account.id, origin, account.id, origin, account.id)
    await database.execute(_COUNT_REFUSED, values)
