"""The SQL of the conversation API, one function a statement. Each borrows a connection for that statement only.

The rules that must hold under concurrency live in the database (``conversations/sql/``): a function there sees what
was committed before it got the conversation's row lock, which one big statement would not.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from msgspec import Struct
from psycopg.types.json import Jsonb

from conversations.parameters import Page, Send
from integrations import signatures
from integrations.origins import Caller
from integrations.responders.base import ARTICLES_FOR_A_REPLY, ArticleHit, Turn
from lumika import database
from workspaces.tenancy import new_id

CONTEXT_MESSAGES = 20
MAX_ATTEMPTS = 3
REQUEST_DAYS = 7


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


class PublishedMessage(Struct, frozen=True, rename="camel"):
    """A message as the public API shows it."""

    id: str
    actor: str
    type: str
    body: str
    data: dict[str, Any] | None
    created_at: str


class Context(Struct, frozen=True):
    """What a responder may know: its stored settings, the thread, and the articles that match the question."""

    kind: str
    instructions: str
    base_url: str
    model: str
    api_key: bytes
    temperature: float | None
    max_tokens: int | None
    has_failed: bool
    held: bool
    turns: list[Turn]
    articles: list[ArticleHit]
    external_id: str


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


class ReplyState(Struct, frozen=True):
    """A reply as the database has it. ``text`` lacks the first ``known`` characters that the asker had already."""

    reply_id: UUID
    conversation_id: UUID
    account_id: UUID
    external_id: str
    customer_message_id: UUID
    age_seconds: float
    status: str
    attempt: int
    held: bool
    known: int
    text: str
    error_code: str
    error_message: str
    error_retryable: bool
    message: PublishedMessage | None


class Claim(Struct, frozen=True):
    """The right to generate one attempt of a reply, for as long as its lease is renewed."""

    reply_id: UUID
    conversation_id: UUID
    attempt: int


class Finished(Struct, frozen=True):
    outcome: str
    published_at: datetime | None
    next: Claim | None


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


class HistoryPage(Struct, frozen=True):
    """``conversation_issued`` is None, and there are no messages, when the conversation is unknown."""

    conversation_issued: bool | None
    cursor_known: bool
    messages: list[PublishedMessage]
    has_more: bool


_ACCOUNT = """
    t.id AS token_id, t.expires_at IS NULL OR t.expires_at > now() AS token_works, a.id, a.workspace_id, a.kind,
    a.status, a.response_mode, a.responder_id IS NOT NULL, a.allowed_domains, a.require_signature, a.identity_secret
"""
_ACCOUNT_WIDTH = len(Account.__struct_fields__)

_ACCOUNT_OF_TOKEN = f"""
SELECT {_ACCOUNT}
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


_MESSAGE = "m.id::text, m.actor, m.type, m.body, m.data, m.created_at"

_HISTORY = """
SELECT {account}, c.issued, {cursor} IS NOT NULL, {message}
FROM integrations_integrationtoken t
JOIN integrations_integrationaccount a ON a.id = t.account_id
LEFT JOIN conversations_conversation c ON c.account_id = a.id AND c.external_id = %(conversation)s
{join_cursor}
LEFT JOIN LATERAL (
    SELECT * FROM conversations_message n
    WHERE n.conversation_id = c.id AND n.sequence {comparison} {cursor}
    ORDER BY n.sequence {direction} LIMIT %(limit)s
) m ON true
WHERE t.digest = %(digest)s
ORDER BY m.sequence
"""
_JOIN_CURSOR = "LEFT JOIN conversations_message k ON k.id = %(cursor)s::uuid AND k.conversation_id = c.id"


def _history(comparison: str, direction: str, cursor: str = "k.sequence", join_cursor: str = _JOIN_CURSOR) -> str:
    return _HISTORY.format(
        account=_ACCOUNT,
        message=_MESSAGE,
        cursor=cursor,
        join_cursor=join_cursor,
        comparison=comparison,
        direction=direction,
    )


_HISTORY_FROM_START = _history(">", "ASC", cursor="0", join_cursor="")
_HISTORY_AFTER = _history(">", "ASC")
_HISTORY_BEFORE = _history("<", "DESC")
_HISTORY_LATEST = _history("<=", "DESC", cursor="c.last_sequence", join_cursor="")


async def history(digest: bytes, page: Page) -> tuple[Account, HistoryPage] | None:
    """The account of a token and a page of one conversation of it, in one statement; None for an unknown token.

    One message more than asked tells whether there are more.
    """
    parameters = {
        "digest": digest,
        "conversation": page.conversation_id,
        "cursor": page.after or page.before,
        "limit": page.limit + 1,
    }
    if page.before == "latest":
        statement = _HISTORY_LATEST
    elif page.before is not None:
        statement = _HISTORY_BEFORE
    elif page.after is not None:
        statement = _HISTORY_AFTER
    else:
        statement = _HISTORY_FROM_START
    rows = await database.fetch(statement, parameters)
    if not rows:
        return None

    account, issued, cursor_known = Account(*rows[0][:_ACCOUNT_WIDTH]), *rows[0][_ACCOUNT_WIDTH : _ACCOUNT_WIDTH + 2]
    messages = [_message(row[_ACCOUNT_WIDTH + 2 :]) for row in rows if row[_ACCOUNT_WIDTH + 2] is not None]
    has_more = len(messages) > page.limit
    if has_more:
        messages = messages[1:] if page.before else messages[:-1]
    return account, HistoryPage(issued, cursor_known or page.before == "latest", messages, has_more)


def _message(columns: tuple[Any, ...]) -> PublishedMessage:
    identifier, actor, kind, body, data, created_at = columns
    return PublishedMessage(identifier, actor, kind, body, data, timestamp(created_at))


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, such as ``2026-02-09T20:05:13.021Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


_CONVERSATION_ISSUED = "SELECT issued FROM conversations_conversation WHERE account_id = %s AND external_id = %s"


async def is_issued(account_id: UUID, external_id: str) -> bool:
    """Whether the server itself made this conversation id for this account."""
    rows = await database.fetch(_CONVERSATION_ISSUED, (account_id, external_id))
    return bool(rows and rows[0][0])


_ACCEPT = f"""
SELECT taken.*, x.*
FROM conversation_accept(
    %(workspace)s, %(account)s, %(external_id)s, %(known)s, %(text)s, %(key)s, %(delivered)s, %(by_machine)s,
    %(manual)s, %(lease)s, %(conversation)s, %(message)s, %(reply)s
) taken
LEFT JOIN LATERAL reply_context(
    CASE WHEN taken.outcome = 'created' AND taken.status = 'generating' THEN taken.reply_id END,
    {CONTEXT_MESSAGES}, {ARTICLES_FOR_A_REPLY}
) x ON true
"""
_ACCEPTED_WIDTH = len(Accepted.__struct_fields__) - 1
_turns = msgspec.json.Decoder(list[Turn])
_articles = msgspec.json.Decoder(list[ArticleHit])


async def accept(account: Account, send: Send, *, delivered: list[UUID]) -> Accepted:
    """Takes a message exactly once, claims its reply, and reads what the responder may know; all in one statement.

    ``conversations/sql/accept.sql`` has the rules.
    """
    rows = await database.fetch(
        _ACCEPT,
        {
            "workspace": account.workspace_id,
            "account": account.id,
            "external_id": send.conversation_id or signatures.issue_conversation_id(),
            "known": send.conversation_id is not None,
            "text": send.text,
            "key": send.key,
            "delivered": delivered,
            "by_machine": account.has_responder,
            "manual": account.response_mode == "manual",
            "lease": float(settings.LUMIKA_LEASE_SECONDS),
            "conversation": new_id(),
            "message": new_id(),
            "reply": new_id(),
        },
    )
    columns = rows[0]
    is_claimed = columns[_ACCEPTED_WIDTH] is not None
    found = _context(columns[_ACCEPTED_WIDTH:], external_id=columns[2]) if is_claimed else None
    return Accepted(*columns[:_ACCEPTED_WIDTH], context=found)  # type: ignore[misc]


def _context(row: tuple[Any, ...], *, external_id: str) -> Context:
    *plain, turns, articles = row
    found = _articles.decode(articles or "[]")
    return Context(*plain, turns=_turns.decode(turns), articles=found, external_id=external_id)  # type: ignore[misc]


_STATE = """
SELECT r.id, r.conversation_id, c.account_id, c.external_id, r.customer_message_id,
       extract(epoch FROM clock_timestamp() - r.created_at)::float8, r.status, r.attempt, r.held,
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
    message = _message(row[14:]) if row[14] is not None else None
    return ReplyState(*row[:14], message=message)  # type: ignore[misc]  # the row has the other columns


_CONTEXT = f"""
SELECT c.external_id, x.*
FROM conversations_reply r JOIN conversations_conversation c ON c.id = r.conversation_id,
    reply_context(r.id, {CONTEXT_MESSAGES}, {ARTICLES_FOR_A_REPLY}) x
WHERE r.id = %s
"""


async def context(reply_id: UUID) -> Context | None:
    """All that the reply's responder may know, or None when the account has none any more."""
    rows = await database.fetch(_CONTEXT, (reply_id,))
    return _context(rows[0][1:], external_id=rows[0][0]) if rows else None


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
BLAMES_RESPONDER = "responder_"


async def finish(
    claim: Claim,
    *,
    text: str,
    data: dict[str, Any],
    message_id: UUID,
    error: tuple[str, str, bool] = ("", "", False),
    responder_had_failed: bool = False,
) -> Finished:
    """Ends an attempt, fenced, and claims the conversation's next reply; ``error`` is (code, message, retryable).

    The responder's row keeps its failure until a reply succeeds; one that works is not touched.
    """
    code, explanation, retryable = error
    rows = await database.fetch(
        _FINISH_AND_NOTE if code or responder_had_failed else _FINISH,
        {
            "conversation": claim.conversation_id,
            "reply": claim.reply_id,
            "attempt": claim.attempt,
            "text": text,
            "data": Jsonb(data),
            "message": message_id,
            "code": code,
            "error": explanation,
            "blame": code if code.startswith(BLAMES_RESPONDER) else "",
            "retryable": retryable,
            "lease": float(settings.LUMIKA_LEASE_SECONDS),
        },
    )
    outcome, published_at, next_reply, next_attempt = rows[0]
    following = Claim(next_reply, claim.conversation_id, next_attempt) if next_reply else None
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
RETURNING r.id
"""


async def renew(progress: list[tuple[UUID, int, str]]) -> set[UUID]:
    """Renews the leases of (reply, attempt, text so far), keeps the texts, and returns those that are still ours."""
    ids, attempts, texts = zip(*progress, strict=True)
    lease = float(settings.LUMIKA_LEASE_SECONDS)
    parameters = {"ids": list(ids), "attempts": list(attempts), "texts": list(texts), "lease": lease}
    return {row[0] for row in await database.fetch(_RENEW, parameters)}


_TAKE_OVER = """
UPDATE conversations_reply r
SET attempt = r.attempt + 1, text = '', lease_expires_at = clock_timestamp() + make_interval(secs => %s)
WHERE r.id IN (
    SELECT o.id FROM conversations_reply o
    WHERE o.status = 'generating' AND o.lease_expires_at < clock_timestamp()
    ORDER BY o.lease_expires_at LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING r.id, r.conversation_id, r.attempt
"""


async def take_over(most: int) -> list[Claim]:
    """Replies whose worker let the lease run out, each claimed with a new attempt by exactly one caller."""
    rows = await database.fetch(_TAKE_OVER, (float(settings.LUMIKA_LEASE_SECONDS), most))
    return [Claim(*row) for row in rows]


_START_LEFT_BEHIND = """
WITH waiting AS (
    SELECT c.id FROM conversations_conversation c
    WHERE c.id IN (
        SELECT q.conversation_id FROM conversations_reply q
        WHERE q.status = 'queued' AND q.created_at < clock_timestamp() - interval '2 seconds'
        AND NOT EXISTS (
            SELECT 1 FROM conversations_reply g
            WHERE g.conversation_id = q.conversation_id AND g.status = 'generating'
        )
        ORDER BY q.created_at LIMIT %s
    )
    FOR NO KEY UPDATE SKIP LOCKED
)
SELECT n.reply_id, waiting.id, n.attempt FROM waiting, conversation_claim(waiting.id, %s) n
"""


async def start_left_behind(most: int) -> list[Claim]:
    """Queued replies that nobody started, as when a process died between two replies of a conversation."""
    rows = await database.fetch(_START_LEFT_BEHIND, (most, float(settings.LUMIKA_LEASE_SECONDS)))
    return [Claim(*row) for row in rows]


_HAND_BACK = """
UPDATE conversations_reply r SET lease_expires_at = clock_timestamp()
FROM unnest(%s::uuid[], %s::int[]) AS v (id, attempt)
WHERE r.id = v.id AND r.attempt = v.attempt AND r.status = 'generating'
"""


async def hand_back(claims: list[Claim]) -> None:
    """Ends leases at once, so that another process takes the replies over."""
    await database.execute(_HAND_BACK, ([c.reply_id for c in claims], [c.attempt for c in claims]))


async def mark_delivered(reply_ids: list[UUID]) -> None:
    statement = "UPDATE conversations_reply SET delivered_at = now() WHERE id = ANY(%s) AND delivered_at IS NULL"
    await database.execute(statement, (reply_ids,))


async def mark_used(token_ids: list[UUID]) -> None:
    await database.execute(
        "UPDATE integrations_integrationtoken SET last_used_at = now() WHERE id = ANY(%s)", (token_ids,)
    )


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
