"""Recent requests of an account, written in batches and kept for 7 days."""

from uuid import UUID

from msgspec import Struct

from conversations.store import database
from integrations.origins import Caller
from workspaces.tenancy import new_id

REQUEST_DAYS = 7


class RequestNote(Struct, frozen=True):
    """A request whose answer has begun, after so many ``seconds``; ``at`` is the time of it."""

    account_id: UUID
    endpoint: str
    status: int
    code: str
    caller: Caller
    seconds: float
    at: float
    request_id: str

    @property
    def origin(self) -> str:
        """The page's origin, or what the browser gave as one; empty for a server."""
        return str(self.caller.origin or self.caller.allow_origin or "")


_RECORD_REQUESTS = """
INSERT INTO integrations_requestrecord
    (id, workspace_id, account_id, created_at, endpoint, status, code, origin, duration_ms, request_id)
SELECT v.id, a.workspace_id, a.id, to_timestamp(v.at), v.endpoint, v.status, v.code, v.origin, v.duration, v.request
FROM unnest(
    %s::uuid[], %s::uuid[], %s::float8[], %s::text[], %s::int[], %s::text[], %s::text[], %s::int[], %s::text[]
) AS v (id, account, at, endpoint, status, code, origin, duration, request)
JOIN integrations_integrationaccount a ON a.id = v.account
"""


async def record_requests(notes: list[RequestNote]) -> None:
    """Writes noted requests; those of accounts that were deleted meanwhile are left out."""
    rows = [
        (
            new_id(),
            n.account_id,
            n.at,
            n.endpoint,
            n.status,
            n.code,
            n.origin[:300],
            round(n.seconds * 1000),
            n.request_id,
        )
        for n in notes
    ]
    await database.execute(_RECORD_REQUESTS, tuple(list(column) for column in zip(*rows, strict=True)))


_FORGET_OLD_REQUESTS = """
WITH old AS (
    SELECT id FROM integrations_requestrecord WHERE created_at < now() - make_interval(days => %s)
    ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM integrations_requestrecord r USING old WHERE r.id = old.id RETURNING r.id
)
SELECT count(*) FROM gone
"""


async def forget_old_requests(most: int) -> int:
    """Deletes at most so many records that are older than they are kept; how many it were."""
    rows = await database.fetch(_FORGET_OLD_REQUESTS, (REQUEST_DAYS, most))
    return int(rows[0][0])
