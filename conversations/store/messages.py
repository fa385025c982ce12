"""What was published, as the public API shows it, and the history."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from conversations.store import database
from conversations.store.accounts import ACCOUNT_COLUMNS, ACCOUNT_WIDTH, Account
from conversations.store.rows import columns_of


class PublishedMessage(Struct, frozen=True, rename="camel"):
    """A message as the public API shows it."""

    id: str
    actor: str
    type: str
    body: str
    data: dict[str, Any] | None
    created_at: str


class Page(Struct, frozen=True):
    """What is asked of the history: at most ``limit`` messages after, or before, a cursor."""

    conversation_id: str
    limit: int
    after: str | None
    before: str | None


class HistoryPage(Struct, frozen=True):
    """``conversation_issued`` is None, and there are no messages, when the conversation is unknown."""

    conversation_issued: bool | None
    cursor_known: bool
    messages: list[PublishedMessage]
    has_more: bool


MESSAGE_COLUMNS = columns_of(
    PublishedMessage,
    id="m.id::text",
    actor="m.actor",
    type="m.type",
    body="m.body",
    data="m.data",
    created_at="m.created_at",
)

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
        account=ACCOUNT_COLUMNS,
        message=MESSAGE_COLUMNS,
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

    account, issued, cursor_known = Account(*rows[0][:ACCOUNT_WIDTH]), *rows[0][ACCOUNT_WIDTH : ACCOUNT_WIDTH + 2]
    messages = [published(row[ACCOUNT_WIDTH + 2 :]) for row in rows if row[ACCOUNT_WIDTH + 2] is not None]
    has_more = len(messages) > page.limit
    if has_more:
        messages = messages[1:] if page.before else messages[:-1]
    return account, HistoryPage(issued, cursor_known or page.before == "latest", messages, has_more)


_SORT_WORDS = """
SELECT gin_clean_pending_list(i.oid) FROM pg_class i
WHERE i.oid = to_regclass('message_by_word') AND pg_has_role(i.relowner, 'USAGE')
"""


async def sort_words() -> None:
    """Takes the words of the newest messages into the index of words. PostgreSQL would do so by itself, but now and
    then within the transaction of a message, which would wait for it."""
    await database.api.execute_without_hurry(_SORT_WORDS)


def published(columns: Sequence[Any]) -> PublishedMessage:
    return PublishedMessage(*columns[:5], timestamp(columns[5]))  # type: ignore[call-arg]  # the time is the last one


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, such as ``2026-02-09T20:05:13.021Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
